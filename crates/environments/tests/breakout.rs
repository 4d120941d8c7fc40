//! MinAtar Breakout against the package `minatar` (`golden/breakout.py`).

use rand::{RngExt, SeedableRng};
use rand_chacha::ChaCha8Rng;
use zerolab_environments::minatar::breakout::{Breakout, Settings};
use zerolab_environments::{Environment, RestoreError, find};

const BALL: usize = 100;
const BRICKS: usize = 300;

fn observation(environment: &Breakout) -> [f32; 400] {
    let mut observation = [f32::NAN; 400];
    environment.observe(&mut observation);
    observation
}

/// The digest of `breakout.py`: FNV-1a of the observation's bytes, folded.
fn digest(observation: &[f32; 400]) -> String {
    let byte = |value: u32, number: &f32| (value ^ *number as u32).wrapping_mul(0x0100_0193);
    let value = observation.iter().fold(0x811c_9dc5, byte);
    format!("{:04x}", value >> 16 ^ value & 0xffff)
}

/// A deterministic game that starts on that side.
fn start(side: &str) -> Breakout {
    let mut environment =
        Breakout::new(&Settings { sticky_action_probability: 0.0, ..Settings::default() });
    let column = if side == "left" { 0 } else { 9 };
    for seed in 0..64 {
        environment.reset(seed);
        if observation(&environment)[BALL + 30 + column] == 1.0 {
            return environment;
        }
    }
    panic!("64 episodes start on the other side");
}

#[test]
fn every_step_is_the_packages() {
    let (mut steps, mut refills) = (0, 0);
    for (episode, line) in include_str!("golden/breakout.csv").lines().skip(1).enumerate() {
        let [side, actions, rewards, digests] = line.split(',').collect::<Vec<_>>()[..] else {
            panic!("{line}")
        };
        let mut environment = start(side);
        assert_eq!(digest(&observation(&environment)), digests[..4]);
        let bricks =
            |environment: &Breakout| observation(environment)[BRICKS..].iter().sum::<f32>();
        for (index, (action, reward)) in actions.chars().zip(rewards.chars()).enumerate() {
            let bricks_before = bricks(&environment);
            let step = environment.step(action.to_digit(10).unwrap() as usize).unwrap();
            let place = format!("episode {episode}, step {index}");
            assert_eq!(
                digest(&observation(&environment)),
                digests[4 * index + 4..4 * index + 8],
                "{place}"
            );
            assert_eq!(step.reward, reward.to_digit(10).unwrap() as f32, "{place}");
            assert_eq!(step.terminated, index + 1 == actions.len(), "{place}");
            assert!(!step.truncated, "{place}");
            refills += usize::from(bricks(&environment) > bricks_before);
            steps += 1;
        }
    }
    assert_eq!(steps, 12_046);
    assert!(refills > 10, "{refills}");
}

/// Returns and lengths of the random policy.
fn random_policy(settings: &Settings, episodes: u64) -> (Vec<f64>, Vec<f64>) {
    let mut environment = Breakout::new(settings);
    let num_actions = environment.description().num_actions;
    let mut random = ChaCha8Rng::seed_from_u64(1);
    let play = |seed| {
        environment.reset(seed);
        let (mut total, mut length) = (0.0, 0.0);
        loop {
            let step = environment
                .step(random.random_range(0..num_actions))
                .expect("every action is taken");
            total += f64::from(step.reward);
            length += 1.0;
            if step.ends() {
                return (total, length);
            }
        }
    };
    (0..episodes).map(play).unzip()
}

fn mean_and_error(sample: &[f64]) -> (f64, f64) {
    let size = sample.len() as f64;
    let mean = sample.iter().sum::<f64>() / size;
    let variance = sample.iter().map(|number| (number - mean).powi(2)).sum::<f64>() / (size - 1.0);
    (mean, (variance / size).sqrt())
}

#[test]
fn the_random_policy_earns_what_it_does_in_the_package() {
    let (returns, lengths) = random_policy(&Settings::default(), 10_000);
    let golden = include_str!("golden/breakout_random.csv");
    for (line, (quantity, sample)) in
        golden.lines().skip(1).zip([("return", returns), ("length", lengths)])
    {
        let columns: Vec<&str> = line.split(',').collect();
        assert_eq!(columns[0], quantity);
        let (mean, error): (f64, f64) = (columns[1].parse().unwrap(), columns[2].parse().unwrap());
        let (our_mean, our_error) = mean_and_error(&sample);
        let difference = (our_mean - mean).abs() / error.hypot(our_error);
        assert!(
            difference < 4.0,
            "{quantity}: {our_mean} ± {our_error}, the package has {mean} ± {error}"
        );
    }
}

/// With probability p a choice is overruled by the action executed before, at first a no-op. After left
/// and no-op the paddle has moved by 0, 1 or 2 columns with probability p, (1 - p)² and (1 - p)p.
#[test]
fn actions_stick_with_their_probability() {
    let paddle = |environment: &Breakout| {
        observation(environment)[90..100].iter().position(|&cell| cell == 1.0)
    };
    for probability in [0.0, 0.1, 0.5, 1.0] {
        let mut environment = Breakout::new(&Settings {
            sticky_action_probability: probability,
            ..Settings::default()
        });
        let mut ends = [0.0; 3];
        let episodes = 10_000;
        for seed in 0..episodes {
            environment.reset(seed);
            environment.step(1).unwrap();
            environment.step(0).unwrap();
            ends[4 - paddle(&environment).unwrap()] += 1.0 / episodes as f64;
        }
        let moved = 1.0 - probability;
        for (end, expected) in
            ends.into_iter().zip([probability, moved * (1.0 - probability), moved * probability])
        {
            let sigma = (expected * (1.0 - expected) / episodes as f64).sqrt();
            assert!((end - expected).abs() <= 4.0 * sigma + 1e-9, "p = {probability}: {ends:?}");
        }
    }
}

#[test]
fn minimal_actions_are_noop_left_and_right() {
    let deterministic = Settings { sticky_action_probability: 0.0, ..Settings::default() };
    let mut all = Breakout::new(&deterministic);
    let mut minimal = Breakout::new(&Settings { minimal_actions: true, ..deterministic });
    assert_eq!((all.description().num_actions, minimal.description().num_actions), (6, 3));
    for (action, action_of_all) in [(0, 0), (0, 2), (0, 4), (0, 5), (1, 1), (2, 3)] {
        all.reset(5);
        minimal.reset(5);
        assert_eq!(minimal.step(action), all.step(action_of_all));
        assert_eq!(observation(&minimal), observation(&all));
    }
}

#[test]
fn a_long_episode_is_truncated() {
    let mut environment = start("left");
    let limited = Settings { sticky_action_probability: 0.0, max_steps: 3, ..Settings::default() };
    let saved = environment.save();
    environment = Breakout::new(&limited);
    environment.restore(&saved).unwrap();
    let ends: Vec<_> = (0..3)
        .map(|_| environment.step(0).unwrap())
        .map(|step| (step.terminated, step.truncated))
        .collect();
    assert_eq!(ends, [(false, false), (false, false), (false, true)]);
}

/// The last byte of a state says whether its episode is over: a missed ball cannot be played on.
#[test]
fn an_episode_does_not_go_on_after_a_miss() {
    let mut environment = start("left");
    while !environment.step(1).unwrap().terminated {}
    let mut saved = environment.save();
    assert_eq!(saved.pop(), Some(1));
    saved.push(0);
    let error = environment.restore(&saved).unwrap_err();
    assert!(matches!(error, RestoreError::Impossible { .. }), "{error}");
}

#[test]
fn wrong_options_say_what_would_be_right() {
    let resolve = find("minatar/breakout").unwrap().resolve;
    let message = |options: &str| resolve(&options.parse().unwrap()).unwrap_err().to_string();
    insta::assert_snapshot!(message("sticky_action_probability = 1.5"), @"`sticky_action_probability`: must be a probability, 0 to 1, is 1.5");
    insta::assert_snapshot!(message("sticky_action_probability = nan"), @"`sticky_action_probability`: must be a probability, 0 to 1, is NaN");
    insta::assert_snapshot!(message("sticky_actions = 0.1"), @"`sticky_actions`: unknown field `sticky_actions`, expected one of `sticky_action_probability`, `minimal_actions`, `max_steps`");
    insta::assert_snapshot!(message("minimal_actions = 1"), @"`minimal_actions`: invalid type: integer `1`, expected a boolean");
    insta::assert_snapshot!(message("max_steps = 0"), @"`max_steps`: must be at least 1, is 0");
}
