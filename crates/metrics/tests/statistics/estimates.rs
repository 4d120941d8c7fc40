//! Point estimates.

use proptest::prelude::*;
use serde::Deserialize;
use zerolab_metrics::statistics::{
    ScoreMatrix, ScoresError, iqm, mean, median, quantile, standard_deviation,
};

use crate::{assert_equal, matrix, scores, tasks};

#[derive(Deserialize)]
struct Goldens {
    matrices: Vec<Matrix>,
    unequal: Vec<Unequal>,
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
}

#[derive(Deserialize)]
struct Unequal {
    scores: Vec<f64>,
    iqm: f64,
}

fn goldens() -> Goldens {
    serde_json::from_str(include_str!("../goldens/statistics.json")).unwrap()
}

const AGGREGATES: [fn(&ScoreMatrix) -> f64; 3] =
    [ScoreMatrix::mean, ScoreMatrix::median, ScoreMatrix::iqm];

#[test]
fn point_estimates_equal_scipy_and_rliable() {
    for golden in goldens().matrices {
        let pooled = golden.strata.concat();
        assert_equal(mean(&pooled), golden.mean, &golden.name);
        assert_equal(standard_deviation(&pooled), golden.standard_deviation, &golden.name);
        assert_equal(median(&pooled), golden.median, &golden.name);
        assert_equal(iqm(&pooled), golden.iqm, &golden.name);
        let mut sorted = pooled.clone();
        sorted.sort_by(f64::total_cmp);
        for (level, expected) in golden.quantiles {
            let what = format!("{} at {level}", golden.name);
            assert_equal(quantile(&sorted, level), expected, &what);
        }
    }
}

#[test]
fn the_interquartile_mean_equals_scipys_for_every_number_of_runs() {
    for case in goldens().unequal {
        let what = format!("{} scores", case.scores.len());
        assert_equal(iqm(&case.scores), case.iqm, &what);
        assert_equal(matrix([&case.scores]).iqm(), case.iqm, &what);
    }
}

#[test]
fn estimates_of_no_scores_or_of_a_nan_are_nan() {
    for statistic in [mean, median, iqm, standard_deviation] {
        assert!(statistic(&[]).is_nan());
        for nan in [f64::NAN, -f64::NAN] {
            assert!(statistic(&[1.0, 2.0, nan, 3.0, 4.0, 5.0, 6.0, 7.0]).is_nan());
        }
    }
    assert!(standard_deviation(&[1.0]).is_nan());
    assert!(quantile(&[], 0.5).is_nan());
}

#[test]
fn a_matrix_refuses_invalid_scores() {
    let none: [[f64; 1]; 0] = [];
    assert_eq!(ScoreMatrix::new(none), Err(ScoresError::NoTasks));
    assert_eq!(ScoreMatrix::new([vec![1.0], vec![]]), Err(ScoresError::NoRuns { task: 1 }));
    for score in [f64::INFINITY, f64::NAN] {
        let error = ScoreMatrix::new([vec![1.0], vec![2.0, score]]).unwrap_err();
        insta::allow_duplicates! {
            insta::assert_snapshot!(
                error.to_string().replace("inf", "NaN"),
                @"the score of run 1 of task 1 (counted from 0) is NaN: it must be finite"
            );
        }
    }
    let scores = matrix([vec![1.0], vec![2.0, 3.0]]);
    assert_eq!(scores.tasks().collect::<Vec<_>>(), [&[1.0][..], &[2.0, 3.0]]);
    assert_eq!(scores.pooled(), [1.0, 2.0, 3.0]);
}

#[test]
fn every_task_has_the_same_weight_whatever_its_number_of_runs() {
    let few = matrix([vec![0.0, 0.2], vec![1.0, 1.2]]);
    let many = matrix([[0.0, 0.2].repeat(50), vec![1.0, 1.2]]);
    assert_equal(many.mean(), few.mean(), "mean");
    assert_equal(many.median(), few.median(), "median");
    assert_equal(many.optimality_gap(1.0), few.optimality_gap(1.0), "optimality gap");
    // Of 104 runs the weight 26 is trimmed at each end: half of each task is left.
    assert_equal(many.iqm(), (0.2 + 1.0) / 2.0, "IQM");
}

proptest! {
    #[test]
    fn estimates_lie_between_the_least_and_the_greatest_score(tasks in tasks()) {
        let pooled = tasks.concat();
        let (least, greatest) = extremes(&pooled);
        let plain = [mean, median, iqm].map(|statistic| statistic(&pooled));
        let aggregates = AGGREGATES.map(|statistic| statistic(&matrix(&tasks)));
        for estimate in plain.into_iter().chain(aggregates) {
            prop_assert!(least - 1e-6 <= estimate && estimate <= greatest + 1e-6);
        }
    }

    #[test]
    fn the_interquartile_mean_lies_between_the_quartiles(mut scores in scores()) {
        scores.sort_by(f64::total_cmp);
        let (low, high) = (scores[scores.len() / 4], scores[scores.len() - 1 - scores.len() / 4]);
        prop_assert!(low - 1e-6 <= iqm(&scores) && iqm(&scores) <= high + 1e-6);
    }

    #[test]
    fn estimates_do_not_depend_on_the_order_of_runs_and_tasks(tasks in tasks()) {
        let mut reversed = tasks.clone();
        reversed.reverse();
        for task in &mut reversed {
            task.reverse();
        }
        for statistic in AGGREGATES {
            prop_assert!((statistic(&matrix(&tasks)) - statistic(&matrix(&reversed))).abs() < 1e-6);
        }
        for statistic in [mean, median, iqm, standard_deviation] {
            prop_assert!((statistic(&tasks.concat()) - statistic(&reversed.concat())).abs() < 1e-6);
        }
    }

    #[test]
    fn estimates_move_with_the_scores(tasks in tasks(), shift in -1e3..1e3_f64) {
        let moved: Vec<Vec<f64>> =
            tasks.iter().map(|task| task.iter().map(|score| score + shift).collect()).collect();
        for statistic in AGGREGATES {
            let distance = statistic(&matrix(&moved)) - statistic(&matrix(&tasks));
            prop_assert!((distance - shift).abs() < 1e-6);
        }
    }

    #[test]
    fn a_better_run_never_makes_an_agent_worse(tasks in tasks(), place: prop::sample::Index, gain in 0.0..1e6_f64) {
        let mut better = tasks.clone();
        let task = place.index(better.len());
        let run = place.index(better[task].len());
        better[task][run] += gain;
        let (before, after) = (matrix(&tasks), matrix(&better));
        for statistic in AGGREGATES {
            prop_assert!(statistic(&after) >= statistic(&before) - 1e-6);
        }
        prop_assert!(after.optimality_gap(1.0) <= before.optimality_gap(1.0) + 1e-6);
    }

    #[test]
    fn with_equal_numbers_of_runs_the_matrix_is_the_pool(runs in 1..7_usize, pool in prop::collection::vec(-1e3..1e3_f64, 6..60)) {
        let tasks: Vec<&[f64]> = pool.chunks_exact(runs).collect();
        prop_assert_eq!(matrix(&tasks).iqm(), iqm(&tasks.concat()));
    }

    #[test]
    fn repeating_all_runs_changes_no_aggregate_of_four_fold_runs(tasks in tasks(), times in 1..4_usize) {
        // If four divides the number of runs, the trimmed share does not depend on repetition.
        let (four, more) = (repeated(&tasks, 4), repeated(&tasks, 4 * times));
        for statistic in AGGREGATES {
            prop_assert!((statistic(&four) - statistic(&more)).abs() < 1e-6);
        }
    }

    #[test]
    fn no_gap_is_left_above_the_target(tasks in tasks()) {
        let (least, greatest) = extremes(&tasks.concat());
        let scores = matrix(&tasks);
        prop_assert_eq!(scores.optimality_gap(least), 0.0);
        prop_assert!((scores.optimality_gap(greatest) - (greatest - scores.mean())).abs() < 1e-6);
    }
}

fn extremes(scores: &[f64]) -> (f64, f64) {
    let fold = |start, function: fn(f64, f64) -> f64| scores.iter().copied().fold(start, function);
    (fold(f64::INFINITY, f64::min), fold(f64::NEG_INFINITY, f64::max))
}

fn repeated(tasks: &[Vec<f64>], times: usize) -> ScoreMatrix {
    matrix(tasks.iter().map(|task| task.repeat(times)))
}
