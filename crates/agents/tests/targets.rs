//! Targets by hand: a truncation is not a termination, nothing comes behind a termination.

use proptest::prelude::*;
use rand_chacha::ChaCha8Rng;
use rand_chacha::rand_core::SeedableRng;
use zerolab_agents::{
    End, Episode, Replay, Return, Transition, horizon_for_age, n_step_return, unrolled,
    value_prefixes,
};

/// A transition of a game in which the turns are those of `players`, one more than there are steps.
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
        reward,
        terminated,
        truncated,
        next_observation: vec![step as f32 + 1.0],
        legal: vec![true, true],
        to_play: 0,
        next_to_play: 0,
    }
}

/// An episode of these rewards, of one player, that ended so.
fn episode(rewards: &[f32], end: End) -> Episode {
    game(rewards, end, &vec![0; rewards.len() + 1])
}

#[test]
fn a_return_inside_an_episode_bootstraps_after_n_rewards() {
    let episode = episode(&[1.0, 2.0, 4.0, 8.0], End::Terminated);
    let expected = Return { rewards: 1.0 + 0.5 * 2.0, bootstrap: Some((2, 0.25)) };
    assert_eq!(n_step_return(&episode, 0, 2, 0.5), expected);
}

#[test]
fn nothing_comes_behind_a_termination() {
    let episode = episode(&[1.0, 2.0, 4.0], End::Terminated);
    assert_eq!(n_step_return(&episode, 1, 2, 0.5), Return { rewards: 4.0, bootstrap: None });
    assert_eq!(n_step_return(&episode, 1, 5, 0.5), Return { rewards: 4.0, bootstrap: None });
    assert_eq!(n_step_return(&episode, 3, 5, 0.5), Return { rewards: 0.0, bootstrap: None });
}

#[test]
fn behind_a_cut_the_last_observation_still_has_a_value() {
    for end in [End::Truncated, End::Open] {
        let episode = episode(&[1.0, 2.0, 4.0], end);
        let expected = Return { rewards: 4.0, bootstrap: Some((3, 0.25)) };
        assert_eq!(n_step_return(&episode, 1, 5, 0.5), expected, "{end:?}");
        let expected = Return { rewards: 0.0, bootstrap: Some((3, 1.0)) };
        assert_eq!(n_step_return(&episode, 3, 5, 0.5), expected, "{end:?}");
    }
}

#[test]
fn an_unroll_past_a_termination_is_absorbed() {
    let episode = episode(&[1.0, 2.0, 4.0], End::Terminated);
    let unrolled = unrolled(&episode, 1, (4, 2, 0.5), 2, &mut ChaCha8Rng::seed_from_u64(0));
    assert_eq!(unrolled.actions[..2], [1, 0]);
    assert_eq!(unrolled.rewards, [Some(2.0), Some(4.0), Some(0.0), Some(0.0)]);
    let seen: Vec<_> =
        unrolled.states.iter().map(|state| (state.observation, state.seen, state.acted)).collect();
    assert_eq!(
        seen,
        [(1, true, true), (2, true, true), (3, true, false), (3, false, false), (3, false, false)]
    );
    let nothing = Some(Return { rewards: 0.0, bootstrap: None });
    assert_eq!(unrolled.states[2].value, nothing);
    assert_eq!(unrolled.states[4].value, nothing);
}

#[test]
fn an_unroll_past_a_cut_is_unknown() {
    let episode = episode(&[1.0, 2.0, 4.0], End::Truncated);
    let unrolled = unrolled(&episode, 2, (3, 2, 0.5), 2, &mut ChaCha8Rng::seed_from_u64(0));
    assert_eq!(unrolled.rewards, [Some(4.0), None, None]);
    assert_eq!(unrolled.states[1].value, Some(Return { rewards: 0.0, bootstrap: Some((3, 1.0)) }));
    assert_eq!(unrolled.states[2].value, None);
}

/// What one wins the other loses: rewards and values count from the viewpoint of the player to move.
#[test]
fn returns_of_two_players_change_sign_with_the_turn() {
    let episode = game(&[1.0, 2.0, 4.0, 8.0], End::Truncated, &[0, 1, 0, 1, 0]);
    let expected = Return { rewards: 1.0 - 0.5 * 2.0 + 0.25 * 4.0, bootstrap: Some((3, -0.125)) };
    assert_eq!(n_step_return(&episode, 0, 3, 0.5), expected);
    let expected = Return { rewards: 2.0 - 0.5 * 4.0, bootstrap: Some((3, 0.25)) };
    assert_eq!(n_step_return(&episode, 1, 2, 0.5), expected);
    // The cut: the last observation's value is that of the player who would move there.
    let expected = Return { rewards: 8.0, bootstrap: Some((4, -0.5)) };
    assert_eq!(n_step_return(&episode, 3, 2, 0.5), expected);
    // Where a player moves twice nothing changes in between.
    let episode = game(&[1.0, 2.0, 4.0], End::Terminated, &[1, 1, 0, 1]);
    let expected = Return { rewards: 1.0 + 0.5 * 2.0 - 0.25 * 4.0, bootstrap: None };
    assert_eq!(n_step_return(&episode, 0, 9, 0.5), expected);
    let unrolled = unrolled(&episode, 1, (2, 9, 0.5), 2, &mut ChaCha8Rng::seed_from_u64(0));
    assert_eq!(unrolled.rewards, [Some(2.0), Some(4.0)], "of whoever acts");
    let values: Vec<_> = unrolled.states.iter().map(|state| state.value.unwrap().rewards).collect();
    assert_eq!(values, [2.0 - 0.5 * 4.0, 4.0, 0.0]);
}

/// What goes on is no end: its returns bootstrap where it stands, and take in what comes later.
#[test]
fn a_block_end_that_is_no_end_of_an_episode_bootstraps() {
    let mut replay = Replay::new(4, 1, 0.0);
    let first = |replay: &Replay| {
        let samples = replay.sample(100, 1.0, &mut ChaCha8Rng::seed_from_u64(0));
        let sample = samples.into_iter().min_by_key(|sample| sample.number).unwrap();
        (sample.step, n_step_return(sample.episode, sample.step, 3, 0.5))
    };
    replay.push(&transition(0, 1.0, false, false), &[]);
    replay.push(&transition(1, 2.0, false, false), &[]);
    let expected = Return { rewards: 1.0 + 0.5 * 2.0, bootstrap: Some((2, 0.25)) };
    assert_eq!(first(&replay), (0, expected));
    replay.push(&transition(2, 4.0, false, false), &[]);
    replay.push(&transition(3, 8.0, false, false), &[]);
    let expected = Return { rewards: 1.0 + 0.5 * 2.0 + 0.25 * 4.0, bootstrap: Some((3, 0.125)) };
    assert_eq!(first(&replay), (0, expected));
    // The buffer's own end, where the beginning of an episode was dropped, cuts nothing off either.
    replay.push(&transition(4, 16.0, true, false), &[]);
    let expected = Return { rewards: 2.0 + 0.5 * 4.0 + 0.25 * 8.0, bootstrap: Some((4, 0.125)) };
    assert_eq!(first(&replay), (1, expected));
}

#[test]
fn value_prefixes_start_anew_at_the_horizon() {
    let rewards = [Some(1.0), Some(2.0), Some(4.0), Some(8.0), Some(16.0)];
    let prefixes = value_prefixes(&rewards, 2);
    assert_eq!(prefixes, [Some(1.0), Some(3.0), Some(4.0), Some(12.0), Some(16.0)]);
    let cut = value_prefixes(&[Some(1.0), None, Some(4.0)], 5);
    assert_eq!(cut, [Some(1.0), None, None]);
}

#[test]
fn old_data_gets_shorter_returns_as_published() {
    // EfficientZero on Atari: n = 5, share 0.3 of 100,000: ages below 30,000 keep 5 rewards.
    let horizon = |age| horizon_for_age(5, age, 0.3, 100_000);
    assert_eq!([0, 29_999, 30_000, 60_000, 90_000, 150_000].map(horizon), [5, 5, 4, 3, 2, 1]);
    assert_eq!(horizon_for_age(5, 1_000_000, 0.0, 100_000), 5);
}

proptest! {
    /// With the true values as bootstraps an n-step return is the true value for every n.
    #[test]
    fn returns_of_every_length_agree(rewards in prop::collection::vec(-2f32..2.0, 1..12), n in 1usize..15, step in 0usize..12) {
        let step = step.min(rewards.len() - 1);
        let episode = episode(&rewards, End::Terminated);
        let value = |from: usize| rewards[from..].iter().rev().fold(0.0, |value, reward| reward + 0.9 * value);
        let Return { rewards: sum, bootstrap } = n_step_return(&episode, step, n, 0.9);
        let completed = sum + bootstrap.map_or(0.0, |(at, discount)| discount * value(at));
        prop_assert!((completed - value(step)).abs() < 1e-4);
    }

    /// The same in a game, whoever's turn it is when.
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
        // Of player 0: a game of two is one of one player who is paid the difference.
        let value = |from: usize| {
            let paid = (from..rewards.len()).map(|at| if players[at] == 0 { rewards[at] } else { -rewards[at] });
            paid.rev().fold(0.0, |value, reward| reward + 0.9 * value)
        };
        let of_player = |at: usize| if players[at] == 0 { value(at) } else { -value(at) };
        let Return { rewards: sum, bootstrap } = n_step_return(&episode, step, n, 0.9);
        let completed = sum + bootstrap.map_or(0.0, |(at, discount)| discount * of_player(at));
        prop_assert!((completed - of_player(step)).abs() < 1e-4);
    }

    /// The last prefixes before each restart hold the whole sum of rewards.
    #[test]
    fn prefixes_lose_no_reward(rewards in prop::collection::vec(-2f32..2.0, 1..20), horizon in 1usize..7) {
        let known: Vec<_> = rewards.iter().copied().map(Some).collect();
        let prefixes = value_prefixes(&known, horizon);
        let ends = (0..rewards.len()).filter(|step| (step + 1) % horizon == 0 || step + 1 == rewards.len());
        let total: f32 = ends.map(|step| prefixes[step].unwrap()).sum();
        prop_assert!((total - rewards.iter().sum::<f32>()).abs() < 1e-4);
    }
}
