//! A sample's targets do not depend on the other samples of the batch, nor on its place there.

use super::{IMAGE, VECTOR, context, experience, fresh, networks, samples, settings};
use crate::planner::unrolled_batch::{UnrolledBatch, UpdateContext};
use crate::streams::Streams;

/// All inputs and targets of a sample.
#[derive(Debug, PartialEq)]
struct Targets {
    actions: Vec<u32>,
    rewards: Vec<Option<f32>>,
    values: Vec<Option<f32>>,
    policies: Vec<f32>,
    observations: Vec<f32>,
}

/// The targets of each of the transitions `numbers`, as a batch of update `update`.
fn targets(changes: &str, shape: &[usize], numbers: &[u64], update: u64) -> Vec<Targets> {
    let (settings, context) = (settings(changes), context(shape));
    let (target, replay) = (networks(&settings, &context), experience(shape));
    let update_context =
        UpdateContext { progress: 0.5, streams: Streams::new(4).within("update", update) };
    let batch = UnrolledBatch::new(samples(&replay, numbers), &settings, &context, &update_context);
    let fresh = fresh(&target, &batch, &settings);
    let (states, count, length) = (batch.states(), numbers.len(), shape.iter().product::<usize>());
    let rows = [batch.first_observations(), batch.later_observations()]
        .map(|observations| observations.numbers(shape))
        .concat();
    let of = |b: usize| Targets {
        actions: (0..states - 1).map(|k| batch.actions(k)[b]).collect(),
        rewards: (0..states - 1).map(|k| batch.rewards(k)[b]).collect(),
        values: (0..states).map(|k| batch.values(k, &fresh)[b]).collect(),
        policies: (0..states)
            .flat_map(|k| batch.policies(k, &fresh)[3 * b..][..3].to_vec())
            .collect(),
        observations: (0..states)
            .flat_map(|k| rows[(k * count + b) * length..][..length].to_vec())
            .collect(),
    };
    (0..count).map(of).collect()
}

const KINDS: [&str; 4] = ["network", "searched-bootstrap", "search", "mixed"];

fn changes(values: &str) -> String {
    format!(
        "reanalyse.values = '{values}'\n replay.priority_exponent = 0.6\n
         search.selection = 'puct'\n consistency.augmentation = {{ shift = 1, intensity = 0.1 }}"
    )
}

#[test]
fn they_do_not_depend_on_the_others_nor_on_their_order() {
    for shape in [IMAGE, VECTOR] {
        for values in KINDS {
            let changes = changes(values);
            let all = targets(&changes, shape, &[6, 2, 11, 17, 0, 9], 3);
            let others = targets(&changes, shape, &[17, 5, 6, 6, 14, 2], 3);
            assert_eq!(all[0], others[2], "{values}");
            assert_eq!(all[0], others[3], "{values}");
            assert_eq!(all[1], others[5], "{values}");
            assert_eq!(all[3], others[0], "{values}");
        }
    }
}

#[test]
fn they_are_drawn_anew_at_each_update() {
    let changes = changes("search");
    let [first, second] = [3, 4].map(|update| targets(&changes, IMAGE, &[2; 6], update).remove(0));
    assert_ne!(first.policies, second.policies);
    assert_ne!(first.values, second.values);
    assert_ne!(first.observations, second.observations);
    // For an unroll past the end of its episode, the random actions differ too.
    let [first, second] = [3, 4].map(|update| targets(&changes, IMAGE, &[6; 6], update).remove(0));
    assert_eq!(first.actions[0], second.actions[0]);
    assert_ne!(first.actions, second.actions);
}

/// The other samples keep the policies of acting.
#[test]
fn any_share_of_a_batch_can_be_reanalysed() {
    let numbers = [2, 9, 3, 8, 1, 7];
    let replay = experience(IMAGE);
    let stored = |number| {
        let sample = samples(&replay, &[number])[0];
        sample.episode.policies[3 * sample.step..][..3].to_vec()
    };
    for (ratio, reanalysed) in [(0.0, 0), (0.1, 0), (0.5, 3), (0.99, 5), (1.0, 6)] {
        let found = targets(&format!("reanalyse.ratio = {ratio:?}"), IMAGE, &numbers, 3);
        let fresh = |(targets, number): (&Targets, &u64)| targets.policies[..3] != stored(*number);
        let fresh: Vec<bool> = found.iter().zip(&numbers).map(fresh).collect();
        let expected: Vec<bool> = (0..6).map(|b| b < reanalysed).collect();
        assert_eq!(fresh, expected, "{ratio}");
    }
}
