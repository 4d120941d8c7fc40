//! Two agents on the same tasks.

use proptest::prelude::*;
use zerolab_metrics::statistics::{AgentPair, Bootstrap, ScoreMatrix, ScoresError};

use crate::{matrix, tasks};

fn improvement(first: &[Vec<f64>], second: &[Vec<f64>]) -> f64 {
    AgentPair::independent(matrix(first), matrix(second)).unwrap().probability_of_improvement()
}

#[test]
fn agents_are_compared_on_the_same_tasks() {
    let (two, three) = (matrix([[1.0], [2.0]]), matrix([[1.0], [2.0], [3.0]]));
    let error = AgentPair::independent(two.clone(), three).unwrap_err();
    assert_eq!(error, ScoresError::UnequalTasks { first: 2, second: 3 });
    insta::assert_snapshot!(error, @"2 tasks cannot be matched with 3: both need the same tasks in the same order");
    let unequal = matrix([vec![1.0], vec![2.0, 3.0]]);
    let error = AgentPair::paired(two.clone(), unequal.clone()).unwrap_err();
    assert_eq!(error, ScoresError::UnequalRuns { task: 1, first: 1, second: 2 });
    insta::assert_snapshot!(error, @"task 1 (counted from 0) has 1 runs of one agent and 2 of the other: pairs need the same seeds for both agents");
    assert!(AgentPair::independent(two, unequal).is_ok());
}

#[test]
fn a_tie_counts_half() {
    assert_eq!(improvement(&[vec![1.0, 2.0]], &[vec![1.0]]), 0.75);
    assert_eq!(improvement(&[vec![0.0, 0.0]], &[vec![0.0, 0.0, 0.0]]), 0.5);
    // The first agent always wins the first task and never the second, whatever the numbers of runs.
    assert_eq!(improvement(&[vec![2.0; 9], vec![0.0]], &[vec![1.0], vec![1.0; 7]]), 0.5);
}

#[test]
fn paired_seeds_detect_a_difference_that_independent_seeds_do_not() {
    // On each of 2 tasks both agents share the effect of the seed, and the first agent is always 1 better.
    let task = |gain: f64| -> Vec<f64> { (0..6).map(|seed| f64::from(10 * seed) + gain).collect() };
    let (first, second) = (matrix([task(1.0), task(101.0)]), matrix([task(0.0), task(100.0)]));
    let bootstrap = Bootstrap::default();
    let difference = |pair: &AgentPair| pair.difference(ScoreMatrix::mean);
    let paired = AgentPair::paired(first.clone(), second.clone()).unwrap();
    let independent = AgentPair::independent(first, second).unwrap();
    assert!((difference(&paired) - 1.0).abs() < 1e-9);
    let together = bootstrap.interval_of(&paired, difference).unwrap();
    let apart = bootstrap.interval_of(&independent, difference).unwrap();
    assert!((together.low - 1.0).abs() < 1e-9 && (together.high - 1.0).abs() < 1e-9);
    assert!(apart.low < 0.0 && 2.0 < apart.high, "{apart:?}");
}

proptest! {
    #[test]
    fn one_of_two_agents_is_better_or_they_are_tied(pair in prop::collection::vec((prop::collection::vec(-2..3_i8, 1..8), prop::collection::vec(-2..3_i8, 1..8)), 1..6)) {
        let side = |runs: &[i8]| -> Vec<f64> { runs.iter().map(|score| f64::from(*score)).collect() };
        let (first, second): (Vec<_>, Vec<_>) = pair.iter().map(|(first, second)| (side(first), side(second))).unzip();
        let (there, back) = (improvement(&first, &second), improvement(&second, &first));
        prop_assert!((there + back - 1.0).abs() < 1e-12);
        prop_assert!((0.0..=1.0).contains(&there));
        prop_assert_eq!(improvement(&first, &first), 0.5);
    }

    #[test]
    fn better_scores_make_improvement_no_less_likely(tasks in tasks(), gain in 0.0..1e6_f64) {
        let better: Vec<Vec<f64>> = tasks.iter().map(|task| task.iter().map(|score| score + gain).collect()).collect();
        prop_assert!(improvement(&better, &tasks) >= 0.5);
        // Only the order of scores matters.
        let curved = |tasks: &[Vec<f64>]| -> Vec<Vec<f64>> { tasks.iter().map(|task| task.iter().map(|score| score.cbrt()).collect()).collect() };
        prop_assert_eq!(improvement(&curved(&better), &curved(&tasks)), improvement(&better, &tasks));
    }

    #[test]
    fn the_paired_interval_of_an_agent_against_itself_is_zero(tasks in tasks()) {
        let pair = AgentPair::paired(matrix(&tasks), matrix(&tasks)).unwrap();
        let bootstrap = Bootstrap { resamples: 100, ..Bootstrap::default() };
        let interval = bootstrap.interval_of(&pair, |pair| pair.difference(ScoreMatrix::iqm)).unwrap();
        prop_assert_eq!((interval.low, interval.high), (0.0, 0.0));
    }
}
