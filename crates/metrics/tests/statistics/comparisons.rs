//! Two agents on the same tasks.

use proptest::prelude::*;
use zerolab_metrics::statistics::{AgentPair, ScoresError};

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
fn the_interval_of_an_improvement_draws_the_runs_of_each_agent_by_themselves() {
    // Every run of the first agent beats the run with the same seed, but not every run: 15 of 25 pairs.
    let (first, second) =
        (matrix([[2.0, 4.0, 6.0, 8.0, 10.0]]), matrix([[1.0, 3.0, 5.0, 7.0, 9.0]]));
    let pair = AgentPair::independent(first, second).unwrap();
    assert_eq!(pair.probability_of_improvement(), 0.6);
    let interval = pair.improvement_interval().unwrap();
    assert!(interval.low < 0.3 && 0.8 < interval.high, "{interval:?}");
}

#[test]
fn an_improvement_has_an_interval_from_five_runs_of_each_task_on() {
    let task = |runs: u32| -> Vec<f64> { (0..runs).map(f64::from).collect() };
    let interval = |first: &[u32], second: &[u32]| {
        let side = |runs: &[u32]| matrix(runs.iter().map(|runs| task(*runs)));
        AgentPair::independent(side(first), side(second)).unwrap().improvement_interval()
    };
    assert!(interval(&[5, 5], &[5, 6]).is_some());
    assert_eq!(interval(&[5, 4], &[5, 5]), None);
    assert_eq!(interval(&[5], &[4]), None);
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
}
