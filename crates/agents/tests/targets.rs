//! Targets against values computed by hand: a truncation is not a termination, and nothing comes after a
//! termination.

use proptest::prelude::*;
use rand_chacha::ChaCha8Rng;
use rand_chacha::rand_core::SeedableRng;
use zerolab_agents::{
    Bootstrap, End, Episode, Replay, Return, Transition, UnrollLengths, horizon_for_age,
    n_step_return, unroll_targets, value_prefixes,
};

fn bootstrap(observation: usize, discount: f32) -> Option<Bootstrap> {
    Some(Bootstrap { observation, discount })
}

/// With a discount of 0.5.
fn lengths(unroll_steps: usize, td_steps: usize) -> UnrollLengths {
    UnrollLengths { unroll_steps, td_steps, discount: 0.5 }
}

/// A transition of a game with the turns `players`, one more than there are steps.
fn turn(step: usize, reward: f32, end: End, players: &[usize]) -> Transition {
    let last = step + 2 == players.len();
    Transition {
        to_play: players[step],
        next_to_play: players[step + 1],
        ..transition(step, reward, last && end == End::Terminated, last && end == End::Truncated)
    }
}

/// An episode of a game of two players.
fn game(rewards: &[f32], end: End, players: &[usize]) -> Episode {
    let mut replay = Replay::new(100, 1, 0.0);
    for (step, &reward) in rewards.iter().enumerate() {
        replay.push(&turn(step, reward, end, players), &[0.5, 0.5]);
    }
    replay.sample(1, 1.0, &mut ChaCha8Rng::seed_from_u64(0))[0].episode.clone()
}

fn transition(step: usize, reward: f32, terminated: bool, truncated: bool) -> Transition {
    Transition {
        lane: 0,
        observation: vec![step as f32],
        action: step % 2,
        reward: Some(reward),
        terminated,
        truncated,
        next_observation: vec![step as f32 + 1.0],
        legal: vec![true, true],
        to_play: 0,
        next_to_play: 0,
    }
}

/// An episode of one player with these rewards and this end.
fn episode(rewards: &[f32], end: End) -> Episode {
    game(rewards, end, &vec![0; rewards.len() + 1])
}

#[test]
fn a_return_inside_an_episode_bootstraps_after_n_rewards() {
    let episode = episode(&[1.0, 2.0, 4.0, 8.0], End::Terminated);
    let expected = Return { rewards: 1.0 + 0.5 * 2.0, bootstrap: bootstrap(2, 0.25) };
    assert_eq!(n_step_return(&episode, 0, 2, 0.5), Some(expected));
}

#[test]
fn nothing_comes_after_a_termination() {
    let episode = episode(&[1.0, 2.0, 4.0], End::Terminated);
    assert_eq!(n_step_return(&episode, 1, 2, 0.5), Some(Return { rewards: 4.0, bootstrap: None }));
    assert_eq!(n_step_return(&episode, 1, 5, 0.5), Some(Return { rewards: 4.0, bootstrap: None }));
    assert_eq!(n_step_return(&episode, 3, 5, 0.5), Some(Return { rewards: 0.0, bootstrap: None }));
}

#[test]
fn after_a_truncation_the_last_observation_has_a_value() {
    for end in [End::Truncated, End::Open] {
        let episode = episode(&[1.0, 2.0, 4.0], end);
        let expected = Return { rewards: 4.0, bootstrap: bootstrap(3, 0.25) };
        assert_eq!(n_step_return(&episode, 1, 5, 0.5), Some(expected), "{end:?}");
        let expected = Return { rewards: 0.0, bootstrap: bootstrap(3, 1.0) };
        assert_eq!(n_step_return(&episode, 3, 5, 0.5), Some(expected), "{end:?}");
    }
}

#[test]
fn an_unroll_past_a_termination_has_zero_rewards() {
    let episode = episode(&[1.0, 2.0, 4.0], End::Terminated);
    let targets = unroll_targets(&episode, 1, lengths(4, 2), 2, &mut ChaCha8Rng::seed_from_u64(0));
    assert_eq!(targets.actions[..2], [1, 0]);
    assert_eq!(targets.rewards, [Some(2.0), Some(4.0), Some(0.0), Some(0.0)]);
    let seen: Vec<_> =
        targets.states.iter().map(|state| (state.observation, state.seen, state.acted)).collect();
    assert_eq!(
        seen,
        [(1, true, true), (2, true, true), (3, true, false), (3, false, false), (3, false, false)]
    );
    let nothing = Some(Return { rewards: 0.0, bootstrap: None });
    assert_eq!(targets.states[2].value, nothing);
    assert_eq!(targets.states[4].value, nothing);
}

#[test]
fn an_unroll_past_a_truncation_is_unknown() {
    let episode = episode(&[1.0, 2.0, 4.0], End::Truncated);
    let targets = unroll_targets(&episode, 2, lengths(3, 2), 2, &mut ChaCha8Rng::seed_from_u64(0));
    assert_eq!(targets.rewards, [Some(4.0), None, None]);
    assert_eq!(
        targets.states[1].value,
        Some(Return { rewards: 0.0, bootstrap: bootstrap(3, 1.0) })
    );
    assert_eq!(targets.states[2].value, None);
}

/// Rewards and values count from the viewpoint of the player to move.
#[test]
fn returns_of_two_players_change_sign_with_the_turn() {
    let episode = game(&[1.0, 2.0, 4.0, 8.0], End::Truncated, &[0, 1, 0, 1, 0]);
    let expected =
        Return { rewards: 1.0 - 0.5 * 2.0 + 0.25 * 4.0, bootstrap: bootstrap(3, -0.125) };
    assert_eq!(n_step_return(&episode, 0, 3, 0.5), Some(expected));
    let expected = Return { rewards: 2.0 - 0.5 * 4.0, bootstrap: bootstrap(3, 0.25) };
    assert_eq!(n_step_return(&episode, 1, 2, 0.5), Some(expected));
    // After the truncation: the value belongs to the player who would move there.
    let expected = Return { rewards: 8.0, bootstrap: bootstrap(4, -0.5) };
    assert_eq!(n_step_return(&episode, 3, 2, 0.5), Some(expected));
    // The sign does not change where a player moves twice.
    let episode = game(&[1.0, 2.0, 4.0], End::Terminated, &[1, 1, 0, 1]);
    let expected = Return { rewards: 1.0 + 0.5 * 2.0 - 0.25 * 4.0, bootstrap: None };
    assert_eq!(n_step_return(&episode, 0, 9, 0.5), Some(expected));
    let targets = unroll_targets(&episode, 1, lengths(2, 9), 2, &mut ChaCha8Rng::seed_from_u64(0));
    assert_eq!(targets.rewards, [Some(2.0), Some(4.0)], "of whoever acts");
    let values: Vec<_> = targets.states.iter().map(|state| state.value.unwrap().rewards).collect();
    assert_eq!(values, [2.0 - 0.5 * 4.0, 4.0, 0.0]);
}

/// Returns of an open episode bootstrap from its last observation so far.
#[test]
fn an_open_episode_bootstraps() {
    let mut replay = Replay::new(4, 1, 0.0);
    let first = |replay: &Replay| {
        let samples = replay.sample(100, 1.0, &mut ChaCha8Rng::seed_from_u64(0));
        let sample = samples.into_iter().min_by_key(|sample| sample.number).unwrap();
        (sample.step, n_step_return(sample.episode, sample.step, 3, 0.5))
    };
    replay.push(&transition(0, 1.0, false, false), &[]);
    replay.push(&transition(1, 2.0, false, false), &[]);
    let expected = Return { rewards: 1.0 + 0.5 * 2.0, bootstrap: bootstrap(2, 0.25) };
    assert_eq!(first(&replay), (0, Some(expected)));
    replay.push(&transition(2, 4.0, false, false), &[]);
    replay.push(&transition(3, 8.0, false, false), &[]);
    let expected = Return { rewards: 1.0 + 0.5 * 2.0 + 0.25 * 4.0, bootstrap: bootstrap(3, 0.125) };
    assert_eq!(first(&replay), (0, Some(expected)));
    // Nor does dropping the beginning of an episode cut anything off.
    replay.push(&transition(4, 16.0, true, false), &[]);
    let expected = Return { rewards: 2.0 + 0.5 * 4.0 + 0.25 * 8.0, bootstrap: bootstrap(4, 0.125) };
    assert_eq!(first(&replay), (1, Some(expected)));
}

#[test]
fn value_prefixes_restart_at_the_horizon() {
    let rewards = [Some(1.0), Some(2.0), Some(4.0), Some(8.0), Some(16.0)];
    let prefixes = value_prefixes(&rewards, 2);
    assert_eq!(prefixes, [Some(1.0), Some(3.0), Some(4.0), Some(12.0), Some(16.0)]);
    let unknown = value_prefixes(&[Some(1.0), None, Some(4.0), Some(8.0)], 3);
    assert_eq!(unknown, [Some(1.0), None, None, Some(8.0)]);
}

#[test]
fn a_hidden_reward_leaves_the_targets_with_it_unknown() {
    let mut replay = Replay::new(8, 1, 0.0);
    for (step, reward) in [Some(1.0), None, Some(4.0), Some(8.0)].into_iter().enumerate() {
        let seen = transition(step, 0.0, step == 3, false);
        replay.push(&Transition { reward, ..seen }, &[0.5, 0.5]);
    }
    let episode = replay.sample(1, 1.0, &mut ChaCha8Rng::seed_from_u64(0))[0].episode.clone();
    let known = |step: usize, n| n_step_return(&episode, step, n, 0.5).map(|it| it.rewards);
    assert_eq!([known(0, 1), known(0, 2), known(1, 1)], [Some(1.0), None, None]);
    assert_eq!([known(2, 2), known(2, 9)], [Some(8.0); 2]);
    let targets = unroll_targets(&episode, 0, lengths(3, 1), 2, &mut ChaCha8Rng::seed_from_u64(0));
    assert_eq!(targets.rewards, [Some(1.0), None, Some(4.0)]);
    let values: Vec<_> =
        targets.states.iter().map(|state| state.value.map(|value| value.rewards)).collect();
    assert_eq!(values, [Some(1.0), None, Some(4.0), Some(8.0)]);
}

#[test]
fn old_data_gets_shorter_returns_as_published() {
    // EfficientZero on Atari: n = 5, share 0.3 of 100,000: ages below 30,000 keep 5 rewards.
    let horizon = |age| horizon_for_age(5, age, 0.3, 100_000);
    assert_eq!([0, 29_999, 30_000, 60_000, 90_000, 150_000].map(horizon), [5, 5, 4, 3, 2, 1]);
    assert_eq!(horizon_for_age(5, 1_000_000, 0.0, 100_000), 5);
}

proptest! {
    /// With the true values as bootstraps, an n-step return is the true value for every n.
    #[test]
    fn returns_of_every_length_agree(rewards in prop::collection::vec(-2f32..2.0, 1..12), n in 1usize..15, step in 0usize..12) {
        let step = step.min(rewards.len() - 1);
        let episode = episode(&rewards, End::Terminated);
        let value = |from: usize| rewards[from..].iter().rev().fold(0.0, |value, reward| reward + 0.9 * value);
        let Return { rewards: sum, bootstrap } = n_step_return(&episode, step, n, 0.9).unwrap();
        let completed = sum + bootstrap.map_or(0.0, |it| it.discount * value(it.observation));
        prop_assert!((completed - value(step)).abs() < 1e-4);
    }

    /// The same in a game of two players with any order of turns.
    #[test]
    fn returns_of_every_length_agree_in_games(
        steps in prop::collection::vec((-2f32..2.0, 0usize..2), 1..12),
        n in 1usize..15,
        step in 0usize..12,
    ) {
        let step = step.min(steps.len() - 1);
        let (rewards, mut players): (Vec<f32>, Vec<usize>) = steps.into_iter().unzip();
        players.push(0);
        let episode = game(&rewards, End::Terminated, &players);
        // The value for player 0, who gets the rewards of player 1 with a minus sign.
        let value = |from: usize| {
            let paid = (from..rewards.len()).map(|at| if players[at] == 0 { rewards[at] } else { -rewards[at] });
            paid.rev().fold(0.0, |value, reward| reward + 0.9 * value)
        };
        let of_player = |at: usize| if players[at] == 0 { value(at) } else { -value(at) };
        let Return { rewards: sum, bootstrap } = n_step_return(&episode, step, n, 0.9).unwrap();
        let completed = sum + bootstrap.map_or(0.0, |it| it.discount * of_player(it.observation));
        prop_assert!((completed - of_player(step)).abs() < 1e-4);
    }

    /// The last prefixes before each restart sum to all rewards.
    #[test]
    fn prefixes_lose_no_reward(rewards in prop::collection::vec(-2f32..2.0, 1..20), horizon in 1usize..7) {
        let known: Vec<_> = rewards.iter().copied().map(Some).collect();
        let prefixes = value_prefixes(&known, horizon);
        let ends = (0..rewards.len()).filter(|step| (step + 1) % horizon == 0 || step + 1 == rewards.len());
        let total: f32 = ends.map(|step| prefixes[step].unwrap()).sum();
        prop_assert!((total - rewards.iter().sum::<f32>()).abs() < 1e-4);
    }
}
