//! Bootstrap intervals.

use proptest::prelude::*;
use serde::Deserialize;
use zerolab_metrics::statistics::{Bootstrap, Interval, IntervalMethod, ScoreMatrix, iqm, mean};

use crate::{matrix, scores, tasks};

#[derive(Deserialize)]
struct Goldens {
    matrices: Vec<Matrix>,
}

#[derive(Deserialize)]
struct Matrix {
    name: String,
    strata: Vec<Vec<f64>>,
    mean_interval: (f64, f64),
    iqm_interval: (f64, f64),
}

#[derive(Deserialize)]
struct Levels {
    expanded: Vec<Level>,
}

#[derive(Deserialize)]
struct Level {
    strata: Vec<usize>,
    tail: f64,
}

/// The number of resamples of the goldens in statistics.json.
const REPS_OF_SCIPY: usize = 50_000;

/// Fails unless an interval that another program drew with `theirs_drawn` resamples equals ours within the
/// error of resampling.
///
/// Distribution-free: the share of estimates below an end has a binomial error in both programs. Their end
/// must lie between our quantiles at five such errors from the level; five, because dozens of ends are
/// compared.
#[track_caller]
pub fn assert_same_interval(
    theirs: (f64, f64),
    theirs_drawn: usize,
    what: &str,
    draw: impl Fn(Bootstrap) -> Interval,
) {
    let (tail, resamples) = (0.025_f64, 20_000);
    let both = 1.0 / theirs_drawn as f64 + 1.0 / resamples as f64;
    let error = 5.0 * (tail * (1.0 - tail) * both).sqrt();
    let at = |tail: f64| {
        draw(Bootstrap { resamples, confidence: 1.0 - 2.0 * tail, seed: 3, ..Bootstrap::default() })
    };
    let (wide, narrow) = (at(tail - error), at(tail + error));
    // Tied estimates give equal quantiles, except for rounding.
    let rounding = 1e-9 * (wide.high - wide.low);
    let low = wide.low - rounding <= theirs.0 && theirs.0 <= narrow.low + rounding;
    let high = narrow.high - rounding <= theirs.1 && theirs.1 <= wide.high + rounding;
    assert!(low && high, "{what}: theirs {theirs:?}, ours from {wide:?} to {narrow:?}");
}

#[test]
fn stratified_intervals_equal_rliable_within_the_error_of_resampling() {
    let goldens: Goldens =
        serde_json::from_str(include_str!("../goldens/statistics.json")).unwrap();
    for golden in goldens.matrices {
        let strata: Vec<&[f64]> = golden.strata.iter().map(Vec::as_slice).collect();
        for (statistic, expected) in
            [(mean as fn(&[f64]) -> f64, golden.mean_interval), (iqm, golden.iqm_interval)]
        {
            assert_same_interval(expected, REPS_OF_SCIPY, &golden.name, |bootstrap| {
                bootstrap.interval(&strata, statistic).unwrap()
            });
        }
    }
}

#[test]
fn expanded_intervals_use_the_level_that_scipy_computes() {
    let levels: Levels = serde_json::from_str(include_str!("../goldens/published.json")).unwrap();
    for level in levels.expanded {
        // Asymmetric scores, so that the two ends are tested separately.
        let strata = level.strata.iter().map(|runs| -> Vec<f64> {
            (0..*runs).map(|run| 1.7_f64.powi(run as i32 % 9)).collect()
        });
        let scores = matrix(strata);
        let expanded = Bootstrap { method: IntervalMethod::Expanded, ..Bootstrap::default() };
        let percentile = Bootstrap { confidence: 1.0 - 2.0 * level.tail, ..Bootstrap::default() };
        let ours = expanded.interval_of(&scores, ScoreMatrix::mean).unwrap();
        let theirs = percentile.interval_of(&scores, ScoreMatrix::mean).unwrap();
        let what = format!("{:?}", level.strata);
        crate::assert_equal(ours.low, theirs.low, &what);
        crate::assert_equal(ours.high, theirs.high, &what);
    }
}

#[test]
fn one_run_or_a_nan_has_no_interval() {
    let bootstrap = Bootstrap::default();
    assert_eq!(bootstrap.interval(&[&[1.0]], mean), None);
    assert_eq!(bootstrap.interval(&[&[1.0, 2.0], &[3.0]], mean), None);
    assert_eq!(bootstrap.interval(&[], mean), None);
    assert_eq!(bootstrap.interval(&[&[1.0, f64::NAN, 2.0]], iqm), None);
    assert_eq!(bootstrap.interval(&[&[1.0, 2.0]], |_| f64::NAN), None);
}

#[test]
fn two_runs_have_the_interval_between_them() {
    let interval = Bootstrap::default().interval(&[&[3.0, 1.0]], mean).unwrap();
    assert_eq!(interval, Interval { low: 1.0, high: 3.0 });
}

proptest! {
    #[test]
    fn an_interval_is_ordered_within_the_scores_and_the_same_for_one_seed(scores in scores(), seed: u64) {
        let bootstrap = Bootstrap { resamples: 200, seed, ..Bootstrap::default() };
        let interval = bootstrap.interval(&[&scores], iqm).unwrap();
        prop_assert!(interval.low <= interval.high);
        prop_assert!(scores.iter().any(|score| *score <= interval.low + 1e-6));
        prop_assert!(scores.iter().any(|score| *score >= interval.high - 1e-6));
        prop_assert_eq!(bootstrap.interval(&[&scores], iqm).unwrap(), interval);
    }

    #[test]
    fn expanded_intervals_contain_percentile_intervals(tasks in tasks(), seed: u64) {
        let percentile = Bootstrap { resamples: 200, seed, ..Bootstrap::default() };
        let expanded = Bootstrap { method: IntervalMethod::Expanded, ..percentile };
        let inner = percentile.interval_of(&matrix(&tasks), ScoreMatrix::iqm).unwrap();
        let outer = expanded.interval_of(&matrix(&tasks), ScoreMatrix::iqm).unwrap();
        prop_assert!(outer.low <= inner.low && inner.high <= outer.high);
    }

    #[test]
    fn the_interval_of_symmetric_scores_contains_their_estimate(half in scores(), centre in -1e3..1e3_f64, seed: u64) {
        let scores: Vec<f64> = half.iter().flat_map(|score| [centre + score, centre - score]).collect();
        let bootstrap = Bootstrap { resamples: 400, seed, ..Bootstrap::default() };
        for statistic in [mean, iqm] {
            let interval = bootstrap.interval(&[&scores], statistic).unwrap();
            let estimate = statistic(&scores);
            prop_assert!(interval.low - 1e-6 <= estimate && estimate <= interval.high + 1e-6, "{:?} {}", interval, estimate);
        }
    }

    #[test]
    fn the_interval_moves_with_the_scores(scores in scores(), shift in -1e3..1e3_f64) {
        let bootstrap = Bootstrap { resamples: 200, ..Bootstrap::default() };
        let moved: Vec<f64> = scores.iter().map(|score| score + shift).collect();
        let (here, there) = (bootstrap.interval(&[&scores], iqm).unwrap(), bootstrap.interval(&[&moved], iqm).unwrap());
        prop_assert!((there.low - here.low - shift).abs() < 1e-6);
        prop_assert!((there.high - here.high - shift).abs() < 1e-6);
    }
}
