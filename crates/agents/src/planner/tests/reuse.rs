//! Cached values and search results are reused.

use zerolab_metrics::{Account, Phase, PhaseCost};
use zerolab_models::networks::{Network, PlannerNetworks};

use super::{IMAGE, NUM_ACTIONS, context, experience, networks, samples, settings};
use crate::agent::Transition;
use crate::planner::Settings;
use crate::planner::forecast::Flops;
use crate::planner::frame_cache::FrameCache;
use crate::planner::reanalysis::{FreshTargets, reanalyse};
use crate::planner::target_cache::{SearchTargets, StoredState, TargetCache};
use crate::planner::unrolled_batch::{UnrolledBatch, UpdateContext};
use crate::replay::{End, Replay};
use crate::streams::Streams;

/// Reanalyses batches of one buffer, with a cache.
struct Reanalyser {
    settings: Settings,
    target: PlannerNetworks,
    replay: Replay,
    cache: TargetCache,
    target_version: u64,
}

impl Reanalyser {
    fn new(changes: &str) -> Self {
        let (settings, replay) = (settings(changes), experience(IMAGE));
        let target = networks(&settings, &context(IMAGE));
        Self { settings, target, replay, cache: TargetCache::default(), target_version: 0 }
    }

    /// The targets of the transitions `numbers` in update `update`, and their cost.
    fn reanalyse(&mut self, update: u64, numbers: &[u64]) -> (FreshTargets, PhaseCost) {
        let Self { settings, target, replay, cache, target_version } = self;
        let update_context =
            UpdateContext { progress: 0.5, streams: Streams::new(4).within("update", update) };
        let batch = UnrolledBatch::new(
            samples(replay, numbers),
            settings,
            &context(IMAGE),
            &update_context,
        );
        let (mut search, mut account) = (settings.search(1), Account::default());
        cache.begin(update, *target_version, replay.oldest_episode());
        let fresh = reanalyse(
            target,
            &batch,
            settings,
            cache,
            &mut FrameCache::default(),
            &mut search,
            &mut account,
        )
        .unwrap();
        (fresh, account.phases()[&Phase::Reanalysis])
    }

    /// How many values the network computed in update `update`.
    fn values_computed(&mut self, update: u64, numbers: &[u64]) -> u64 {
        let flops = self.reanalyse(update, numbers).1.flops;
        let initial = Flops::of(self.target.parts()).initial();
        assert_eq!(flops % initial, 0);
        flops / initial
    }
}

const VALUES_ALONE: &str = "reanalyse.ratio = 0.0";

/// In the episode of transitions 7 to 11 (truncated after the last), with returns of 2 rewards and 3 unrolled
/// steps, transition 7 bootstraps from the observations 2, 3, 4, 5, and transition 8 from 3, 4, 5, 5.
#[test]
fn a_value_is_computed_once_for_a_target_network() {
    let mut reanalyser = Reanalyser::new(VALUES_ALONE);
    assert_eq!(reanalyser.values_computed(0, &[7]), 4);
    assert_eq!(reanalyser.values_computed(1, &[7, 8, 8]), 0);
    reanalyser.target_version = 2;
    assert_eq!(reanalyser.values_computed(2, &[8, 7, 8]), 4);
    assert_eq!(reanalyser.values_computed(3, &[7]), 0);
}

/// In the episode of transitions 0 to 6, which is terminated.
#[test]
fn no_value_is_computed_after_a_termination() {
    let mut reanalyser = Reanalyser::new(VALUES_ALONE);
    assert_eq!(reanalyser.values_computed(0, &[5, 6]), 0);
    assert_eq!(reanalyser.values_computed(0, &[3, 4]), 2);
}

#[test]
fn a_search_computes_the_values_of_its_roots() {
    let mut reanalyser = Reanalyser::new("training = { td_steps = 1, unroll_steps = 1 }");
    let flops = Flops::of(reanalyser.target.parts());
    let mut flops_of = |update, number| reanalyser.reanalyse(update, &[number]).1.flops;
    // The states 0 and 1 are searched; the returns bootstrap from 1 and 2.
    assert_eq!(flops_of(0, 0), 2 * flops.searched(4) + flops.initial());
    // The states 1 and 2 are searched; the returns bootstrap from 2 and 3.
    assert_eq!(flops_of(1, 1), 2 * flops.searched(4) + flops.initial());
    assert_eq!(flops_of(2, 0), 2 * flops.searched(4));
}

#[test]
fn cached_values_are_those_of_the_network() {
    let mut reanalyser = Reanalyser::new(VALUES_ALONE);
    reanalyser.reanalyse(0, &[0, 8]);
    let known = reanalyser.reanalyse(1, &[9, 8, 13]).0.bootstraps;
    reanalyser.cache = TargetCache::default();
    assert_eq!(known, reanalyser.reanalyse(1, &[9, 8, 13]).0.bootstraps);
}

#[test]
fn without_reuse_every_sample_is_searched() {
    let mut reanalyser = Reanalyser::new("reanalyse.ratio = 1.0");
    let (first, cost) = reanalyser.reanalyse(0, &[2, 9, 2]);
    assert_eq!(cost.simulations, 4 * 3 * 4);
    let (second, cost) = reanalyser.reanalyse(1, &[2, 9, 2]);
    assert_eq!(cost.simulations, 4 * 3 * 4);
    assert_ne!(first.policies, second.policies);
    reanalyser.cache = TargetCache::default();
    let again = reanalyser.reanalyse(1, &[2, 9, 2]).0;
    assert_eq!((again.policies, again.values), (second.policies, second.values));
}

#[test]
fn a_search_result_is_reused_for_so_many_updates() {
    let mut reanalyser = Reanalyser::new("reanalyse = { ratio = 1.0, reuse = 3 }");
    // Twice the states 0 to 3 of an episode.
    let (first, cost) = reanalyser.reanalyse(10, &[0, 0]);
    assert_eq!((cost.simulations, cost.imagined_steps), (4 * 4, 4 * 4));
    let of = |fresh: &FreshTargets| (fresh.policies.clone(), fresh.values.clone());
    // As if the first sample were alone.
    let alone = Reanalyser::new("reanalyse = { ratio = 1.0, reuse = 0 }").reanalyse(10, &[0]).0;
    assert_eq!(alone.values[0], first.values[0]);
    assert_eq!(alone.policies[..NUM_ACTIONS], first.policies[..NUM_ACTIONS]);
    for update in [11, 13] {
        reanalyser.target_version = update;
        let (again, cost) = reanalyser.reanalyse(update, &[0, 0]);
        assert_eq!((of(&again), cost.simulations), (of(&first), 0));
    }
    // The states 1 to 4; the last one is new.
    assert_eq!(reanalyser.reanalyse(13, &[1]).1.simulations, 4);
    let (anew, cost) = reanalyser.reanalyse(14, &[0, 0]);
    assert_eq!(cost.simulations, 4 * 4);
    assert_ne!(of(&anew), of(&first));
}

#[test]
fn searches_for_bootstraps_and_policies_are_shared() {
    let changes = "reanalyse = { ratio = 1.0, reuse = 1, values = 'searched-bootstrap' }";
    // The states 0 to 3 of an episode, and the bootstrap states 2 to 5.
    assert_eq!(Reanalyser::new(changes).reanalyse(0, &[0]).1.simulations, 4 * 6);
}

#[test]
fn a_search_without_known_legal_actions_is_not_reused_once_they_are_known() {
    let transition = |legal: Vec<bool>| Transition {
        lane: 0,
        observation: vec![0.0; 24],
        action: 0,
        reward: Some(0.0),
        terminated: false,
        truncated: false,
        next_observation: vec![0.0; 24],
        legal,
        to_play: 0,
        next_to_play: 0,
    };
    let mut replay = Replay::new(10, 1, 0.0);
    let mut cache = TargetCache::default();
    replay.push(&transition(vec![true; NUM_ACTIONS]), &[0.0; NUM_ACTIONS]);
    let targets = |policy: [f32; 3]| SearchTargets { policy: policy.to_vec(), value: 0.0 };
    let last = |replay: &Replay, check: &mut dyn FnMut(StoredState<'_>)| {
        let episode = samples(replay, &[0])[0].episode;
        assert_eq!(episode.end, End::Open);
        check(StoredState { episode, observation: 1 });
    };
    last(&replay, &mut |state| {
        cache.keep_targets(state, targets([0.2, 0.3, 0.5]));
        assert_eq!(cache.targets(state, 5).unwrap().policy, [0.2, 0.3, 0.5]);
    });
    replay.push(&transition(vec![true, false, false]), &[1.0, 0.0, 0.0]);
    last(&replay, &mut |state| {
        assert!(cache.targets(state, 5).is_none());
        cache.keep_targets(state, targets([1.0, 0.0, 0.0]));
        assert_eq!(cache.targets(state, 5).unwrap().policy, [1.0, 0.0, 0.0]);
    });
}

#[test]
fn entries_are_dropped_with_their_episode() {
    let replay = experience(IMAGE);
    let state = |number: u64| {
        let sample = samples(&replay, &[number])[0];
        StoredState { episode: sample.episode, observation: sample.step }
    };
    let mut cache = TargetCache::default();
    for number in [0, 7] {
        cache.keep_value(state(number), number as f32);
        cache.keep_targets(
            state(number),
            SearchTargets { policy: Vec::new(), value: number as f32 },
        );
    }
    cache.begin(0, 0, 0);
    assert_eq!(cache.value(state(0)), Some(0.0));
    cache.begin(0, 0, 1);
    assert!(cache.value(state(0)).is_none() && cache.targets(state(0), 1).is_none());
    assert_eq!(cache.value(state(7)), Some(7.0));
    assert_eq!(cache.targets(state(7), 1).unwrap().value, 7.0);
}
