//! Where value targets come from.

use super::{BUDGET, IMAGE, context, experience, samples, settings};
use crate::planner::batch::{Batch, Moment};
use crate::planner::reanalysis::Fresh;
use crate::streams::Streams;

/// Transitions 2 and 3 of the first episode, 15 and 14 transitions old, 8 of the truncated one (9 old), and 16
/// of the open one (1 old).
const NUMBERS: [u64; 4] = [2, 3, 8, 16];

/// `[K + 1][B]`: the value targets of [`NUMBERS`], where the network says 100 + row of every bootstrap observation
/// and a search found 1000 + row.
fn values(changes: &str, progress: f64) -> Vec<Vec<Option<f32>>> {
    let changes = format!("training.batch_size = 4\n discount = 0.5\n {changes}");
    let (settings, context, replay) = (settings(&changes), context(IMAGE), experience(IMAGE));
    let moment = Moment { progress, streams: Streams::new(4) };
    let batch = Batch::new(samples(&replay, &NUMBERS), &settings, &context, &moment);
    let count = |from: f32, rows: usize| (0..rows).map(|row| from + row as f32).collect();
    let fresh = Fresh {
        bootstraps: count(100.0, batch.states() * 4),
        values: count(1000.0, batch.states() * batch.reanalysed()),
        policies: Vec::new(),
    };
    (0..batch.states()).map(|k| batch.values(k, &fresh)).collect()
}

/// The first target of transition 2 with `n` rewards.
fn return_of_first(n: usize) -> f32 {
    let replay = experience(IMAGE);
    let rewards = &samples(&replay, &[2])[0].episode.rewards[2..2 + n];
    rewards.iter().rev().fold(100.0, |value, reward| reward + 0.5 * value)
}

fn close(found: Option<f32>, expected: f32) {
    assert!((found.unwrap() - expected).abs() < 1e-4, "{found:?} is not {expected}");
}

#[test]
fn of_the_network_are_completed_returns() {
    let values = values("training.td_steps = 4", 0.5);
    close(values[0][0], return_of_first(4));
    // Three steps on from transition 8, of an episode with steps 7 to 11, two are left: a cut, so the last
    // observation's value counts. One step further nothing is known.
    let replay = experience(IMAGE);
    let cut = samples(&replay, &[8])[0].episode;
    close(values[3][2], cut.rewards[4] + 0.5 * 114.0);
    // Transition 16 is the last but one that was taken: the open end bootstraps from the last observation.
    let open = samples(&replay, &[16])[0].episode;
    close(values[1][3], open.rewards[5] + 0.5 * 107.0);
    close(values[2][3], 111.0);
    assert_eq!(values[3][3], None);
}

#[test]
fn of_old_data_are_shorter() {
    // 15 of 100 transitions old: with a share of 0.1 one reward fewer, with 0.06 two.
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
    // The open episode's last observation: nobody knows yet what is legal there.
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
    close(values[0][2], samples(&replay, &[8])[0].episode.rewards[1] + 0.5 * 102.0);
}

/// EfficientZero V2's rule: returns early in training and for recent experience.
#[test]
fn mixed_are_those_of_searches_late_and_for_old_experience() {
    let changes = "reanalyse = { values = 'mixed', mixed = { start = 0.3, recent = 0.1 } }";
    let returns = values("", 0.5);
    assert_eq!(values(changes, 0.29), returns);
    let mixed = values(changes, 0.3);
    // 10 transitions old counts as old, and the ages are 15, 14, 9 and 1.
    assert_eq!(mixed[0][..2], [1000.0, 1001.0].map(Some));
    assert_eq!(mixed[0][2..], returns[0][2..]);
    assert_eq!(mixed[1][2..], returns[1][2..]);
    let all_old = changes.replace("recent = 0.1", "recent = 0.01");
    assert_eq!(values(&all_old, 0.3)[0], [1000.0, 1001.0, 1002.0, 1003.0].map(Some));
}
