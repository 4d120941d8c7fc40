//! The coverage of intervals is that of the table in the docs of `statistics`.

use crate::simulation;
use zerolab_metrics::statistics::{IntervalMethod, simulated_coverage};

/// The output of the example `coverage`.
const TABLE: &str = include_str!("../../src/statistics/coverage.md");
/// The number of experiments for a row of few runs: in the table and in this test.
const EXPERIMENTS: (usize, usize) = (10_000, 400);

/// Fails if `measured` of a few experiments differs from `expected` of many by more than four binomial
/// errors.
#[track_caller]
fn assert_covers(measured: f64, expected: f64, what: &str) {
    let both = 1.0 / EXPERIMENTS.0 as f64 + 1.0 / EXPERIMENTS.1 as f64;
    let error = (expected * (1.0 - expected) * both).sqrt();
    assert!((measured - expected).abs() <= 4.0 * error, "{what}: {measured}, table {expected}");
}

#[test]
fn coverage_agrees_with_the_table() {
    let rows = simulation::rows();
    assert_eq!(TABLE.lines().count(), 2 + rows.len());
    for (row, line) in rows.iter().zip(TABLE.lines().skip(2)) {
        let cells = line.strip_prefix(&row.name).unwrap_or_else(|| panic!("{} {line}", row.name));
        if row.size > 20 {
            continue;
        }
        for (method, cell) in row.methods.iter().zip(cells.split('|')) {
            let expected = cell.trim().parse::<f64>().unwrap() / 100.0;
            // A different seed from the table's.
            let measured = row.coverage(*method, EXPERIMENTS.1, 2);
            assert_covers(measured, expected, &format!("{} {method:?}", row.name));
        }
    }
}

#[test]
fn the_coverage_of_normal_means_agrees_with_theory() {
    // The variance of a resample is (n − 1) / n of the sample's. So the coverage is the probability that
    // Student's t with n − 1 degrees lies within 1.96 √((n − 1) / n) (scipy.stats.t.cdf). Resampled means are
    // not quite normal; at 5 runs this effect is smaller than the error of the simulation.
    let rows = simulation::rows();
    for (name, theory) in
        [("| normal | 1 | 5 | mean |", 0.845_534), ("| normal | 1 | 10 | mean |", 0.904_093)]
    {
        let row = rows.iter().find(|row| row.name == name).unwrap();
        assert_covers(row.coverage(IntervalMethod::Percentile, EXPERIMENTS.1, 3), theory, name);
    }
}

#[test]
fn the_coverage_that_reports_state_is_that_of_the_table() {
    assert_eq!(simulated_coverage(5), Some((79.9, 90.7)));
    assert_eq!(simulated_coverage(10), Some((88.8, 95.9)));
    assert_eq!(simulated_coverage(7), None);
}
