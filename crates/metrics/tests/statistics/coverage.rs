//! Intervals contain the truth as often as the table in the docs of `statistics` says.

#[path = "../../examples/coverage/simulation.rs"]
mod simulation;

use simulation::{Agent, Estimate, Scores};
use zerolab_metrics::statistics::{Bootstrap, Ends};

/// What the example `coverage` printed.
const TABLE: &str = include_str!("../../src/statistics/coverage.md");
/// How many experiments a row of one task is of, there and here.
const EXPERIMENTS: (usize, usize) = (10_000, 500);

struct Row {
    agent: Agent,
    estimate: Estimate,
    /// Shares of intervals that contained the truth.
    percentile: f64,
    expanded: f64,
}

/// The rows of one task.
fn rows() -> Vec<Row> {
    let read = |line: &str| -> Option<Row> {
        let cells: Vec<&str> = line.trim_matches('|').split('|').map(str::trim).collect();
        let [scores, "1", runs, estimate, percentile, expanded] = cells[..] else { return None };
        let share = |cell: &str| cell.parse::<f64>().unwrap() / 100.0;
        Some(Row {
            agent: Agent {
                scores: Scores::ALL.into_iter().find(|kind| kind.name() == scores).unwrap(),
                runs: vec![runs.parse().unwrap()],
            },
            estimate: Estimate::ALL.into_iter().find(|kind| kind.name() == estimate).unwrap(),
            percentile: share(percentile),
            expanded: share(expanded),
        })
    };
    TABLE.lines().filter_map(read).collect()
}

/// Fails if `measured` of a few experiments differs from `expected` of many by more than four binomial errors.
#[track_caller]
fn assert_covers(measured: f64, expected: f64, what: &str) {
    let both = 1.0 / EXPERIMENTS.0 as f64 + 1.0 / EXPERIMENTS.1 as f64;
    let error = (expected * (1.0 - expected) * both).sqrt();
    assert!((measured - expected).abs() <= 4.0 * error, "{what}: {measured}, table {expected}");
}

#[test]
fn intervals_cover_as_the_table_says() {
    let rows = rows();
    assert_eq!(rows.len(), Scores::ALL.len() * 2 * Estimate::ALL.len());
    for row in rows {
        for (ends, expected) in [(Ends::Percentile, row.percentile), (Ends::Expanded, row.expanded)]
        {
            let bootstrap = Bootstrap { ends, ..Bootstrap::default() };
            // Another seed than that of the table.
            let measured = row.agent.coverage(row.estimate, bootstrap, EXPERIMENTS.1, 2);
            let what = format!("{} of {:?}, {ends:?}", row.estimate.name(), row.agent);
            assert_covers(measured, expected, &what);
        }
    }
}

#[test]
fn percentile_intervals_of_normal_means_fall_short_as_theory_says() {
    // The variance of a resample is (n − 1) / n of the sample's, so the interval covers as often as Student's
    // t of n − 1 degrees lies within 1.96 √((n − 1) / n): scipy.stats.t.cdf. The remainder is that resampled
    // means are not quite normal, which at 5 runs is less than the simulation can tell.
    for (runs, theory) in [(5, 0.845_534), (10, 0.904_093)] {
        let agent = Agent { scores: Scores::Normal, runs: vec![runs] };
        let bootstrap = Bootstrap { resamples: 500, ..Bootstrap::default() };
        let measured = agent.coverage(Estimate::Mean, bootstrap, EXPERIMENTS.1, 3);
        assert_covers(measured, theory, &format!("{runs} runs"));
    }
}
