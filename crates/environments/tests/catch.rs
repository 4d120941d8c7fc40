//! Catch: its optimal return, and the exact results of the uniform random policy.

use rand::{RngExt, SeedableRng};
use rand_chacha::ChaCha8Rng;
use zerolab_environments::Environment;
use zerolab_environments::catch::Catch;

const STEPS: usize = 9;

/// Columns of the ball and of the paddle, read from the board; `None` where the board shows no such piece.
fn columns(environment: &Catch, ball_row: usize) -> (usize, usize) {
    let mut board = [0.0; 50];
    environment.observe(&mut board);
    let pieces_in = |row: usize| (0..5).filter(move |column| board[5 * row + column] == 1.0);
    assert_eq!(board.iter().sum::<f32>(), 2.0, "a ball, a paddle, and nothing else");
    (pieces_in(ball_row).next().expect("a ball"), pieces_in(9).next().expect("a paddle"))
}

/// Plays an episode; the return, and the column in which the ball fell.
fn episode(
    environment: &mut Catch,
    seed: u64,
    mut policy: impl FnMut(usize, usize) -> usize,
) -> (f32, usize) {
    environment.reset(seed);
    let (ball, paddle) = columns(environment, 0);
    assert_eq!(paddle, 2);
    for row in 0..STEPS {
        let (column, paddle) = columns(environment, row);
        assert_eq!(column, ball, "the ball falls straight");
        let step = environment.step(policy(ball, paddle)).expect("every action is taken");
        assert!(!step.truncated);
        if step.terminated {
            assert_eq!(row, STEPS - 1);
            return (step.reward.expect("no reward is hidden"), ball);
        }
        assert_eq!(step.reward, Some(0.0));
    }
    panic!("the ball never came down");
}

#[test]
fn following_the_ball_always_catches_it() {
    let mut environment = Catch::new();
    let mut seen = [false; 5];
    for seed in 0..100 {
        let follow = |ball: usize, paddle: usize| (ball + 1).saturating_sub(paddle).min(2);
        let (reward, ball) = episode(&mut environment, seed, follow);
        assert_eq!(reward, 1.0);
        seen[ball] = true;
    }
    assert_eq!(seen, [true; 5]);
}

/// A paddle that only moves in the last one or two steps moves by as many columns: the last move counts.
#[test]
fn the_paddle_moves_before_the_ball_is_judged() {
    let mut environment = Catch::new();
    for seed in 0..20 {
        for late in [1, 2] {
            let mut steps_left = STEPS;
            let (reward, ball) = episode(&mut environment, seed, |ball, paddle| {
                steps_left -= 1;
                if steps_left < late { (ball + 1).saturating_sub(paddle).min(2) } else { 1 }
            });
            assert_eq!(reward == 1.0, ball.abs_diff(2) <= late);
        }
    }
}

/// The distribution over columns of a paddle that moves at random, computed step by step.
fn random_paddle() -> [f64; 5] {
    let mut paddle = [0.0, 0.0, 1.0, 0.0, 0.0];
    for _ in 0..STEPS {
        let mut next = [0.0; 5];
        for (column, probability) in paddle.into_iter().enumerate() {
            for to in [column.saturating_sub(1), column, (column + 1).min(4)] {
                next[to] += probability / 3.0;
            }
        }
        paddle = next;
    }
    paddle
}

/// A uniform ball hits any paddle with probability 1/5, so the mean return is 1/5 - 4/5. Given the ball's
/// column, the probability is that of the paddle ending there.
#[test]
fn the_random_policy_has_its_exact_return() {
    const EPISODES: u64 = 10_000;
    let mut random = ChaCha8Rng::seed_from_u64(0);
    let mut environment = Catch::new();
    let (mut falls, mut caught) = ([0.0; 5], [0.0; 5]);
    for seed in 0..EPISODES {
        let (reward, ball) = episode(&mut environment, seed, |_, _| random.random_range(0..3));
        falls[ball] += 1.0;
        caught[ball] += f64::from(u8::from(reward == 1.0));
    }
    let mean_return = 2.0 * caught.iter().sum::<f64>() / EPISODES as f64 - 1.0;
    assert_within_four_sigma((mean_return + 1.0) / 2.0, 0.2, EPISODES as f64);
    for (column, chance) in random_paddle().into_iter().enumerate() {
        assert_within_four_sigma(falls[column] / EPISODES as f64, 0.2, EPISODES as f64);
        assert_within_four_sigma(caught[column] / falls[column], chance, falls[column]);
    }
}

fn assert_within_four_sigma(frequency: f64, probability: f64, trials: f64) {
    let sigma = (probability * (1.0 - probability) / trials).sqrt();
    assert!(
        (frequency - probability).abs() < 4.0 * sigma,
        "{frequency} is not {probability} ± {sigma}"
    );
}
