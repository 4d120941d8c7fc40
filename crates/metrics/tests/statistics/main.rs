//! Statistics against scipy and rliable, and what must always hold of them.

use proptest::prelude::*;
use serde::Deserialize;
use zerolab_metrics::statistics::{
    Bootstrap, area_under_curve, iqm, mean, median, quantile, standard_deviation,
};

#[derive(Deserialize)]
struct Goldens {
    matrices: Vec<Matrix>,
    unequal: Vec<Unequal>,
    curve: Curve,
}

#[derive(Deserialize)]
struct Matrix {
    name: String,
    strata: Vec<Vec<f64>>,
    mean: f64,
    standard_deviation: f64,
    median: f64,
    iqm: f64,
    quantiles: Vec<(f64, f64)>,
    mean_interval: (f64, f64),
    iqm_interval: (f64, f64),
}

#[derive(Deserialize)]
struct Unequal {
    scores: Vec<f64>,
    iqm: f64,
}

#[derive(Deserialize)]
struct Curve {
    points: Vec<(f64, f64)>,
    area: f64,
}

fn goldens() -> Goldens {
    serde_json::from_str(include_str!("../goldens/statistics.json"))
        .expect("the golden file is ours")
}

#[track_caller]
fn assert_equal(ours: f64, theirs: f64, what: &str) {
    let tolerance = 1e-12 * theirs.abs().max(1.0);
    assert!((ours - theirs).abs() <= tolerance, "{what}: ours {ours}, theirs {theirs}");
}

#[test]
fn point_estimates_equal_scipy_and_rliable() {
    for matrix in goldens().matrices {
        let pooled = matrix.strata.concat();
        assert_equal(mean(&pooled), matrix.mean, &matrix.name);
        assert_equal(standard_deviation(&pooled), matrix.standard_deviation, &matrix.name);
        assert_equal(median(&pooled), matrix.median, &matrix.name);
        assert_equal(iqm(&pooled), matrix.iqm, &matrix.name);
        let mut sorted = pooled.clone();
        sorted.sort_by(f64::total_cmp);
        for (level, expected) in matrix.quantiles {
            assert_equal(
                quantile(&sorted, level),
                expected,
                &format!("{} at {level}", matrix.name),
            );
        }
    }
}

#[test]
fn the_interquartile_mean_cuts_as_scipy_does_for_every_number_of_runs() {
    for case in goldens().unequal {
        assert_equal(iqm(&case.scores), case.iqm, &format!("{} scores", case.scores.len()));
    }
}

#[test]
fn stratified_intervals_equal_rliable_within_the_error_of_resampling() {
    for matrix in goldens().matrices {
        let strata: Vec<&[f64]> = matrix.strata.iter().map(Vec::as_slice).collect();
        let bootstrap = Bootstrap { resamples: 20_000, ..Bootstrap::default() };
        for (statistic, expected) in
            [(mean as fn(&[f64]) -> f64, matrix.mean_interval), (iqm, matrix.iqm_interval)]
        {
            let interval = bootstrap.interval(&strata, statistic).unwrap();
            // Ends of the matrix with ties lie on a grid of 1 / 30 of its width.
            let tolerance = 0.04 * (expected.1 - expected.0);
            assert!(
                (interval.low - expected.0).abs() <= tolerance,
                "{}: {interval:?} {expected:?}",
                matrix.name
            );
            assert!(
                (interval.high - expected.1).abs() <= tolerance,
                "{}: {interval:?} {expected:?}",
                matrix.name
            );
        }
    }
}

#[test]
fn the_area_under_a_curve_equals_numpys_trapezoids() {
    let curve = goldens().curve;
    assert_equal(area_under_curve(&curve.points), curve.area, "area");
    assert_equal(area_under_curve(&[(7.0, 3.0)]), 3.0, "one point");
    assert!(area_under_curve(&[]).is_nan());
    assert!(
        area_under_curve(&[(1.0, 2.0), (1.0, 3.0)]).is_nan(),
        "x that stands still has no area"
    );
}

#[test]
fn one_run_has_no_interval() {
    let bootstrap = Bootstrap::default();
    assert_eq!(bootstrap.interval(&[&[1.0]], mean), None);
    assert_eq!(bootstrap.interval(&[&[1.0, 2.0], &[3.0]], mean), None);
    assert_eq!(bootstrap.interval(&[], mean), None);
    assert_eq!(bootstrap.difference(&[1.0], &[1.0, 2.0], mean), None);
    assert_eq!(bootstrap.paired_difference(&[(1.0, 2.0)], mean), None);
}

#[test]
fn estimates_of_nothing_are_not_numbers() {
    for statistic in [mean, median, iqm, standard_deviation] {
        assert!(statistic(&[]).is_nan());
    }
    assert!(standard_deviation(&[1.0]).is_nan());
}

#[test]
fn pairing_removes_what_both_runs_share() {
    let pairs: Vec<(f64, f64)> =
        (0..10).map(|seed| (100.0 * f64::from(seed) + 1.0, 100.0 * f64::from(seed))).collect();
    let (first, second): (Vec<f64>, Vec<f64>) = pairs.iter().copied().unzip();
    let paired = Bootstrap::default().paired_difference(&pairs, mean).unwrap();
    let independent = Bootstrap::default().difference(&first, &second, mean).unwrap();
    assert!((paired.low - 1.0).abs() < 1e-9 && (paired.high - 1.0).abs() < 1e-9, "{paired:?}");
    assert!(independent.contains(0.0), "{independent:?}");
}

fn scores() -> impl Strategy<Value = Vec<f64>> {
    prop::collection::vec(-1e6..1e6_f64, 2..20)
}

proptest! {
    #[test]
    fn estimates_lie_between_the_least_and_the_greatest_score(scores in scores()) {
        let least = scores.iter().copied().fold(f64::INFINITY, f64::min);
        let greatest = scores.iter().copied().fold(f64::NEG_INFINITY, f64::max);
        for statistic in [mean, median, iqm] {
            let estimate = statistic(&scores);
            prop_assert!(least - 1e-6 <= estimate && estimate <= greatest + 1e-6);
        }
    }

    #[test]
    fn estimates_do_not_depend_on_the_order_of_the_runs(scores in scores()) {
        let mut reversed = scores.clone();
        reversed.reverse();
        for statistic in [mean, median, iqm, standard_deviation] {
            prop_assert!((statistic(&scores) - statistic(&reversed)).abs() < 1e-6);
        }
    }

    #[test]
    fn estimates_move_with_the_scores(scores in scores(), shift in -1e3..1e3_f64) {
        let moved: Vec<f64> = scores.iter().map(|score| score + shift).collect();
        for statistic in [mean, median, iqm] {
            prop_assert!((statistic(&moved) - statistic(&scores) - shift).abs() < 1e-6);
        }
    }

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
    fn a_difference_changes_sign_with_its_sides(first in scores(), second in scores()) {
        let pairs: Vec<(f64, f64)> = first.iter().copied().zip(second.iter().copied()).collect();
        let swapped: Vec<(f64, f64)> = pairs.iter().map(|(first, second)| (*second, *first)).collect();
        let bootstrap = Bootstrap { resamples: 200, ..Bootstrap::default() };
        let there = bootstrap.paired_difference(&pairs, mean).unwrap();
        let back = bootstrap.paired_difference(&swapped, mean).unwrap();
        prop_assert!((there.low + back.high).abs() < 1e-6 && (there.high + back.low).abs() < 1e-6);
    }
}
