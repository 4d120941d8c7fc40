//! What is known of a state is not found out again.

use zerolab_metrics::{Account, Phase, PhaseCost};
use zerolab_models::networks::{Network, PlannerNetworks};

use super::{IMAGE, NUM_ACTIONS, context, experience, networks, samples, settings};
use crate::agent::Transition;
use crate::planner::Settings;
use crate::planner::batch::{Batch, Moment};
use crate::planner::cache::{Cache, Outcome, State};
use crate::planner::forecast::Flops;
use crate::planner::mirror::Mirror;
use crate::planner::reanalysis::{Fresh, reanalyse};
use crate::replay::{End, Replay};
use crate::streams::Streams;

/// Asks about batches of one buffer, and keeps what is said.
struct Asker {
    settings: Settings,
    target: PlannerNetworks,
    replay: Replay,
    cache: Cache,
    target_version: u64,
}

impl Asker {
    fn new(changes: &str) -> Self {
        let (settings, replay) = (settings(changes), experience(IMAGE));
        let target = networks(&settings, &context(IMAGE));
        Self { settings, target, replay, cache: Cache::default(), target_version: 0 }
    }

    /// What is said of the transitions `numbers` in update `update`, and what that cost.
    fn ask(&mut self, update: u64, numbers: &[u64]) -> (Fresh, PhaseCost) {
        let Self { settings, target, replay, cache, target_version } = self;
        let moment = Moment { progress: 0.5, streams: Streams::new(4).within("update", update) };
        let batch = Batch::new(samples(replay, numbers), settings, &context(IMAGE), &moment);
        let (mut search, mut account) = (settings.search(1), Account::default());
        cache.begin(update, *target_version, replay.oldest_episode());
        let fresh = reanalyse(
            target,
            &batch,
            settings,
            cache,
            &mut Mirror::default(),
            &mut search,
            &mut account,
        )
        .unwrap();
        (fresh, account.phases()[&Phase::Reanalysis])
    }

    /// How many values it was that the network was asked for in update `update`.
    fn values_asked(&mut self, update: u64, numbers: &[u64]) -> u64 {
        let flops = self.ask(update, numbers).1.flops;
        let initial = Flops::of(self.target.parts()).initial();
        assert_eq!(flops % initial, 0);
        flops / initial
    }
}

const VALUES_ALONE: &str = "reanalyse.ratio = 0.0";

/// Of the episode of transitions 7 to 11 (cut off after the last), with returns of 2 rewards and 3 unrolled steps:
/// the observations 2, 3, 4, 5 complete those of transition 7, and 3, 4, 5, 5 those of transition 8.
#[test]
fn a_value_is_asked_once_of_a_target_network() {
    let mut asker = Asker::new(VALUES_ALONE);
    assert_eq!(asker.values_asked(0, &[7]), 4);
    assert_eq!(asker.values_asked(1, &[7, 8, 8]), 0);
    asker.target_version = 2;
    assert_eq!(asker.values_asked(2, &[8, 7, 8]), 4);
    assert_eq!(asker.values_asked(3, &[7]), 0);
}

/// Of the episode of transitions 0 to 6, which ends in the world.
#[test]
fn no_value_is_asked_behind_a_termination() {
    let mut asker = Asker::new(VALUES_ALONE);
    assert_eq!(asker.values_asked(0, &[5, 6]), 0);
    assert_eq!(asker.values_asked(0, &[3, 4]), 2);
}

/// One of the states is the other's last but one.
#[test]
fn a_search_asks_for_the_values_of_its_roots() {
    let mut asker = Asker::new("training = { td_steps = 1, unroll_steps = 1 }");
    let flops = Flops::of(asker.target.parts());
    let mut flops_of = |update, number| asker.ask(update, &[number]).1.flops;
    // The states 0 and 1 are searched; the returns are completed by 1 and 2.
    assert_eq!(flops_of(0, 0), 2 * flops.searched(4) + flops.initial());
    // By 2 and 3; the states are 1 and 2.
    assert_eq!(flops_of(1, 1), 2 * flops.searched(4) + flops.initial());
    assert_eq!(flops_of(2, 0), 2 * flops.searched(4));
}

#[test]
fn values_are_those_that_the_network_says() {
    let mut asker = Asker::new(VALUES_ALONE);
    asker.ask(0, &[0, 8]);
    let known = asker.ask(1, &[9, 8, 13]).0.bootstraps;
    asker.cache = Cache::default();
    assert_eq!(known, asker.ask(1, &[9, 8, 13]).0.bootstraps);
}

#[test]
fn without_reuse_every_sample_is_searched() {
    let mut asker = Asker::new("reanalyse.ratio = 1.0");
    let (first, cost) = asker.ask(0, &[2, 9, 2]);
    assert_eq!(cost.simulations, 4 * 3 * 4);
    let (second, cost) = asker.ask(1, &[2, 9, 2]);
    assert_eq!(cost.simulations, 4 * 3 * 4);
    assert_ne!(first.policies, second.policies);
    asker.cache = Cache::default();
    let again = asker.ask(1, &[2, 9, 2]).0;
    assert_eq!((again.policies, again.values), (second.policies, second.values));
}

#[test]
fn an_outcome_serves_for_so_many_updates() {
    let mut asker = Asker::new("reanalyse = { ratio = 1.0, reuse = 3 }");
    // Twice the states 0 to 3 of an episode.
    let (first, cost) = asker.ask(10, &[0, 0]);
    assert_eq!((cost.simulations, cost.imagined_steps), (4 * 4, 4 * 4));
    let of = |fresh: &Fresh| (fresh.policies.clone(), fresh.values.clone());
    // The one that the first sample would have found alone.
    let alone = Asker::new("reanalyse = { ratio = 1.0, reuse = 0 }").ask(10, &[0]).0;
    assert_eq!(alone.values[0], first.values[0]);
    assert_eq!(alone.policies[..NUM_ACTIONS], first.policies[..NUM_ACTIONS]);
    for update in [11, 13] {
        asker.target_version = update;
        let (again, cost) = asker.ask(update, &[0, 0]);
        assert_eq!((of(&again), cost.simulations), (of(&first), 0));
    }
    // The states 1 to 4, of which the last is new.
    assert_eq!(asker.ask(13, &[1]).1.simulations, 4);
    let (anew, cost) = asker.ask(14, &[0, 0]);
    assert_eq!(cost.simulations, 4 * 4);
    assert_ne!(of(&anew), of(&first));
}

#[test]
fn searches_for_bootstraps_and_policies_are_the_same() {
    let changes = "reanalyse = { ratio = 1.0, reuse = 1, values = 'searched-bootstrap' }";
    // The states 0 to 3, and 2 to 5, of an episode; each but for the last ones is also what completes returns.
    assert_eq!(Asker::new(changes).ask(0, &[0]).1.simulations, 4 * 6);
}

#[test]
fn what_was_found_before_the_legal_actions_were_known_does_not_serve_after() {
    let transition = |legal: Vec<bool>| Transition {
        lane: 0,
        observation: vec![0.0; 24],
        action: 0,
        reward: 0.0,
        terminated: false,
        truncated: false,
        next_observation: vec![0.0; 24],
        legal,
        to_play: 0,
        next_to_play: 0,
    };
    let mut replay = Replay::new(10, 1, 0.0);
    let mut cache = Cache::default();
    replay.push(&transition(vec![true; NUM_ACTIONS]), &[0.0; NUM_ACTIONS]);
    let outcome = |policy: [f32; 3]| Outcome { policy: policy.to_vec(), value: 0.0 };
    let last = |replay: &Replay, check: &mut dyn FnMut(State<'_>)| {
        let episode = samples(replay, &[0])[0].episode;
        assert_eq!(episode.end, End::Open);
        check(State { episode, observation: 1 });
    };
    last(&replay, &mut |state| {
        cache.keep_outcome(state, outcome([0.2, 0.3, 0.5]));
        assert_eq!(cache.outcome(state, 5).unwrap().policy, [0.2, 0.3, 0.5]);
    });
    replay.push(&transition(vec![true, false, false]), &[1.0, 0.0, 0.0]);
    last(&replay, &mut |state| {
        assert!(cache.outcome(state, 5).is_none());
        cache.keep_outcome(state, outcome([1.0, 0.0, 0.0]));
        assert_eq!(cache.outcome(state, 5).unwrap().policy, [1.0, 0.0, 0.0]);
    });
}

#[test]
fn what_is_known_of_an_episode_goes_with_it() {
    let replay = experience(IMAGE);
    let state = |number: u64| {
        let sample = samples(&replay, &[number])[0];
        State { episode: sample.episode, observation: sample.step }
    };
    let mut cache = Cache::default();
    for number in [0, 7] {
        cache.keep_value(state(number), number as f32);
        cache.keep_outcome(state(number), Outcome { policy: Vec::new(), value: number as f32 });
    }
    cache.begin(0, 0, 0);
    assert_eq!(cache.value(state(0)), Some(0.0));
    cache.begin(0, 0, 1);
    assert!(cache.value(state(0)).is_none() && cache.outcome(state(0), 1).is_none());
    assert_eq!(cache.value(state(7)), Some(7.0));
    assert_eq!(cache.outcome(state(7), 1).unwrap().value, 7.0);
}
