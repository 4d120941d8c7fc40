//! CartPole against Gymnasium (`golden/cartpole.py`), and its own settings.

use zerolab_environments::cartpole::{CartPole, Physics, Settings};
use zerolab_environments::{Environment, Events, RestoreError, Step, find};

/// A state of the golden file with the action taken in it. The last state of an episode has no action.
struct Row {
    episode: usize,
    physics: Physics,
    action: Option<(usize, Step)>,
}

fn golden() -> Vec<Row> {
    include_str!("golden/cartpole.csv").lines().skip(1).map(row).collect()
}

fn row(line: &str) -> Row {
    let columns: Vec<&str> = line.split(',').collect();
    let number = |column: usize| columns[column].parse().expect("the golden has numbers");
    let physics = Physics {
        position: number(1),
        velocity: number(2),
        angle: number(3),
        angular_velocity: number(4),
    };
    let action = columns[5].parse().ok().map(|action| {
        let step = Step {
            reward: Some(1.0),
            performance: 1.0,
            events: Events::NONE,
            terminated: columns[6] == "1",
            truncated: columns[7] == "1",
        };
        (action, step)
    });
    Row { episode: columns[0].parse().expect("the golden has numbers"), physics, action }
}

/// The greatest difference between the numbers of two states.
fn distance(a: Physics, b: Physics) -> f64 {
    [
        a.position - b.position,
        a.velocity - b.velocity,
        a.angle - b.angle,
        a.angular_velocity - b.angular_velocity,
    ]
    .into_iter()
    .fold(0.0, |greatest, difference| greatest.max(difference.abs()))
}

/// Each step starts in the exact state of the golden file, so only the last bits of sine and cosine may
/// differ.
#[test]
fn every_step_is_gymnasiums() {
    let golden = golden();
    let mut environment = CartPole::new(&Settings::default());
    let mut steps = 0;
    for pair in golden.windows(2) {
        let Some((action, expected)) = pair[0].action else { continue };
        environment.reset_to(pair[0].physics);
        let step = environment.step(action).unwrap();
        assert!(
            distance(environment.physics(), pair[1].physics) < 1e-14,
            "episode {}",
            pair[0].episode
        );
        assert_eq!(step.terminated, expected.terminated);
        steps += 1;
    }
    assert_eq!(steps, 1190);
}

/// From the start of each episode: differences in the last bits grow, but every reward and end is at the
/// right step. The 500th step truncates.
#[test]
fn every_episode_is_gymnasiums() {
    let mut environment = CartPole::new(&Settings::default());
    let mut last_episode = None;
    let mut ends = Vec::new();
    for row in golden() {
        if last_episode != Some(row.episode) {
            environment.reset_to(row.physics);
            last_episode = Some(row.episode);
        }
        assert!(distance(environment.physics(), row.physics) < 1e-9, "episode {}", row.episode);
        let Some((action, expected)) = row.action else { continue };
        let step = environment.step(action).unwrap();
        assert_eq!(step, expected);
        if step.ends() {
            ends.push(step.truncated);
        }
    }
    assert_eq!(ends.len(), 12);
    assert_eq!(ends.iter().filter(|truncated| **truncated).count(), 1);
}

/// Without a velocity an explicit Euler step keeps the position, so the limits can be reached exactly: 2.4
/// metres and 12 degrees, which are still allowed.
#[test]
fn the_limits_are_where_they_should_be() {
    let mut environment = CartPole::new(&Settings::default());
    for (excess, terminated) in [(-1e-12, false), (1e-12, true)] {
        for side in [-1.0, 1.0] {
            let position = side * (2.4 + excess);
            let angle = side * (12f64.to_radians() + excess);
            for physics in [
                Physics { position, ..Physics::default() },
                Physics { angle, ..Physics::default() },
            ] {
                environment.reset_to(physics);
                assert_eq!(environment.step(0).unwrap().terminated, terminated, "{physics:?}");
            }
        }
    }
}

#[test]
fn a_fall_on_the_last_step_is_a_termination() {
    let mut environment = CartPole::new(&Settings { max_steps: 1 });
    environment.reset_to(Physics { angle: 0.209, angular_velocity: 1.0, ..Physics::default() });
    let step = environment.step(0).unwrap();
    assert!(step.terminated && !step.truncated);
    environment.reset(0);
    let step = environment.step(0).unwrap();
    assert!(step.truncated && !step.terminated);
}

#[test]
fn episodes_start_anywhere_within_the_limits() {
    let mut environment = CartPole::new(&Settings::default());
    let mut observation = [0.0; 4];
    let (mut sum, mut greatest, starts) = ([0.0f64; 4], 0.0f32, 10_000);
    for seed in 0..starts {
        environment.reset(seed);
        environment.observe(&mut observation);
        for (sum, number) in sum.iter_mut().zip(observation) {
            *sum += f64::from(number);
            greatest = greatest.max(number.abs());
        }
    }
    assert!((0.0499..=0.05).contains(&greatest), "{greatest}");
    let four_sigma = 4.0 * 0.05 / 3f64.sqrt() / (starts as f64).sqrt();
    assert!(sum.iter().all(|sum| (sum / starts as f64).abs() < four_sigma), "{sum:?}");
}

#[test]
fn an_impossible_state_is_refused() {
    let mut environment = CartPole::new(&Settings::default());
    for number in [f64::NAN, f64::INFINITY, 13.0] {
        let mut other = CartPole::new(&Settings::default());
        other.reset_to(Physics { velocity: number, ..Physics::default() });
        let error = environment.restore(&other.save()).unwrap_err();
        assert!(matches!(error, RestoreError::Impossible { .. }), "{error}");
    }
}

#[test]
fn errors_say_which_values_are_possible() {
    let resolve = find("cartpole").unwrap().resolve;
    let message = |settings: &str| resolve(&settings.parse().unwrap()).unwrap_err().to_string();
    insta::assert_snapshot!(message("max_steps = 0"), @"`max_steps`: must be at least 1");
    insta::assert_snapshot!(message("max_step = 5"), @"`max_step`: unknown field `max_step`, expected `max_steps`");
    insta::assert_snapshot!(message("max_steps = \"many\""), @r#"`max_steps`: invalid type: string "many", expected u32"#);
    insta::assert_snapshot!(message("max_steps = -1"), @"`max_steps`: invalid value: integer `-1`, expected u32");
}
