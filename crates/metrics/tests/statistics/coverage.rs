//! Intervals contain the truth as often as the table in the docs of `statistics` says.

#[path = "../../examples/coverage/simulation/mod.rs"]
mod simulation;

use zerolab_metrics::statistics::{Ends, simulated_coverage};

/// What the example `coverage` printed.
const TABLE: &str = include_str!("../../src/statistics/coverage.md");
/// How many experiments a row of few runs is of, there and here.
const EXPERIMENTS: (usize, usize) = (10_000, 400);

/// Fails if `measured` of a few experiments differs from `expected` of many by more than four binomial errors.
#[track_caller]
fn assert_covers(measured: f64, expected: f64, what: &str) {
    let both = 1.0 / EXPERIMENTS.0 as f64 + 1.0 / EXPERIMENTS.1 as f64;
    let error = (expected * (1.0 - expected) * both).sqrt();
    assert!((measured - expected).abs() <= 4.0 * error, "{what}: {measured}, table {expected}");
}

#[test]
fn intervals_cover_as_the_table_says() {
    let rows = simulation::rows();
    assert_eq!(TABLE.lines().count(), 2 + rows.len());
    for (row, line) in rows.iter().zip(TABLE.lines().skip(2)) {
        let cells = line.strip_prefix(&row.name).unwrap_or_else(|| panic!("{} {line}", row.name));
        if row.size > 20 {
            continue;
        }
        for (ends, cell) in row.ends.iter().zip(cells.split('|')) {
            let expected = cell.trim().parse::<f64>().unwrap() / 100.0;
            // Another seed than that of the table.
            let measured = row.coverage(*ends, EXPERIMENTS.1, 2);
            assert_covers(measured, expected, &format!("{} {ends:?}", row.name));
        }
    }
}

#[test]
fn percentile_intervals_of_normal_means_fall_short_as_theory_says() {
    // The variance of a resample is (n − 1) / n of the sample's, so the interval covers as often as Student's
    // t of n − 1 degrees lies within 1.96 √((n − 1) / n): scipy.stats.t.cdf. The remainder is that resampled
    // means are not quite normal, which at 5 runs is less than the simulation can tell.
    let rows = simulation::rows();
    for (name, theory) in
        [("| normal | 1 | 5 | mean |", 0.845_534), ("| normal | 1 | 10 | mean |", 0.904_093)]
    {
        let row = rows.iter().find(|row| row.name == name).unwrap();
        assert_covers(row.coverage(Ends::Percentile, EXPERIMENTS.1, 3), theory, name);
    }
}

#[test]
fn what_a_report_says_of_few_runs_is_in_the_table() {
    assert_eq!(simulated_coverage(5), Some((79.9, 90.7)));
    assert_eq!(simulated_coverage(10), Some((88.8, 95.9)));
    assert_eq!(simulated_coverage(7), None);
}
