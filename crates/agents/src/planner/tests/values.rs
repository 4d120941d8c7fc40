//! The kinds of value targets.

use super::{BUDGET, IMAGE, context, experience, samples, settings};
use crate::planner::reanalysis::FreshTargets;
use crate::planner::unrolled_batch::{UnrolledBatch, UpdateContext};
use crate::streams::Streams;

/// Transitions 2 and 3 of the first episode, 15 and 14 transitions old, 8 of the truncated one (9 old), and
/// 16 of the open one (1 old).
const NUMBERS: [u64; 4] = [2, 3, 8, 16];

/// `[K + 1][B]`: the value targets of [`NUMBERS`], where the network's value of a bootstrap observation is
/// 100 + row and the value of a search is 1000 + row.
fn values(changes: &str, progress: f64) -> Vec<Vec<Option<f32>>> {
    let changes = format!("training.batch_size = 4\n discount = 0.5\n {changes}");
    let (settings, context, replay) = (settings(&changes), context(IMAGE), experience(IMAGE));
    let update_context = UpdateContext { progress, streams: Streams::new(4) };
    let batch =
        UnrolledBatch::new(samples(&replay, &NUMBERS), &settings, &context, &update_context);
    let count = |from: f32, rows: usize| (0..rows).map(|row| from + row as f32).collect();
    let fresh = FreshTargets {
        bootstraps: count(100.0, batch.states() * 4),
        values: count(1000.0, batch.states() * batch.reanalysed()),
        policies: Vec::new(),
    };
    (0..batch.states()).map(|k| batch.values(k, &fresh)).collect()
}

/// The first target of transition 2 with `n` rewards.
fn return_of_first(n: usize) -> f32 {
    let replay = experience(IMAGE);
    let episode = samples(&replay, &[2])[0].episode;
    let rewards = (2..2 + n).map(|step| episode.reward(step).unwrap());
    rewards.rev().fold(100.0, |value, reward| reward + 0.5 * value)
}

fn close(found: Option<f32>, expected: f32) {
    assert!((found.unwrap() - expected).abs() < 1e-4, "{found:?} is not {expected}");
}

#[test]
fn of_the_network_are_completed_returns() {
    let values = values("training.td_steps = 4", 0.5);
    close(values[0][0], return_of_first(4));
    // Three steps after transition 8, in an episode with the steps 7 to 11, one step is left. The episode is
    // truncated, so the return bootstraps from the last observation.
    let replay = experience(IMAGE);
    let cut = samples(&replay, &[8])[0].episode;
    close(values[3][2], cut.reward(4).unwrap() + 0.5 * 114.0);
    // Transition 16 is the last but one of the open episode, which bootstraps from its last observation.
    let open = samples(&replay, &[16])[0].episode;
    close(values[1][3], open.reward(5).unwrap() + 0.5 * 107.0);
    close(values[2][3], 111.0);
    assert_eq!(values[3][3], None);
}

#[test]
fn of_old_data_are_shorter() {
    // The age is 15 of 100 transitions: with a share of 0.1 one reward fewer, with 0.06 two.
    assert_eq!(BUDGET, 100);
    for (share, n) in [(0.0, 4), (0.1, 3), (0.06, 2), (0.01, 1)] {
        let changes = format!("training.td_steps = 4\n training.td_shortening_share = {share:?}");
        close(values(&changes, 0.5)[0][0], return_of_first(n));
    }
}

#[test]
fn of_searches_are_those_of_the_states_that_were_acted_from() {
    let values = values("reanalyse.values = 'search'", 0.5);
    assert_eq!(values[0], [1000.0, 1001.0, 1002.0, 1003.0].map(Some));
    assert_eq!(values[1][..3], [1004.0, 1005.0, 1006.0].map(Some));
    // The last observation of the open episode: no action was taken there.
    close(values[2][3], 111.0);
    assert_eq!(values[3][3], None);
}

#[test]
fn of_searches_exist_only_where_there_was_one() {
    let values =
        values("reanalyse = { values = 'search', ratio = 0.5 }\n training.td_steps = 1", 0.5);
    assert_eq!(values[0][..2], [1000.0, 1001.0].map(Some));
    assert_eq!(values[1][..2], [1002.0, 1003.0].map(Some));
    let replay = experience(IMAGE);
    close(values[0][2], samples(&replay, &[8])[0].episode.reward(1).unwrap() + 0.5 * 102.0);
}

/// EfficientZero V2's rule: returns early in training and for recent experience.
#[test]
fn mixed_are_those_of_searches_late_and_for_old_experience() {
    let changes = "reanalyse = { values = 'mixed', mixed = { start = 0.3, recent = 0.1 } }";
    let returns = values("", 0.5);
    assert_eq!(values(changes, 0.29), returns);
    let mixed = values(changes, 0.3);
    // The ages are 15, 14, 9 and 1. From 10 on a transition is old.
    assert_eq!(mixed[0][..2], [1000.0, 1001.0].map(Some));
    assert_eq!(mixed[0][2..], returns[0][2..]);
    assert_eq!(mixed[1][2..], returns[1][2..]);
    let all_old = changes.replace("recent = 0.1", "recent = 0.01");
    assert_eq!(values(&all_old, 0.3)[0], [1000.0, 1001.0, 1002.0, 1003.0].map(Some));
}
