//! What all games share, tested with Breakout: sticky actions, the step limit, the end of an episode,
//! settings.

use zerolab_environments::minatar::MinAtar;
use zerolab_environments::minatar::breakout::{self, Settings};
use zerolab_environments::{Environment, RestoreError, find};

type Breakout = MinAtar<breakout::Breakout>;

fn observation(environment: &Breakout) -> [f32; 400] {
    let mut observation = [f32::NAN; 400];
    environment.observe(&mut observation);
    observation
}

/// A deterministic game.
fn start() -> Breakout {
    let mut environment =
        Breakout::new(&Settings { sticky_action_probability: 0.0, ..Settings::default() });
    environment.reset(0);
    environment
}

/// With probability p the last executed action, at first a no-op, replaces the chosen one. After left and
/// no-op the paddle has moved by 0, 1 or 2 columns with probability p, (1 - p)² and (1 - p)p.
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

/// Without the standard start, paddle and ball begin in every column, each way, and walls are whole or thin.
/// The ball is on its way down, below the wall.
#[test]
fn a_game_can_start_anywhere() {
    let settings = Settings { standard_start: false, ..Settings::default() };
    let mut environment = Breakout::new(&settings);
    let cells = |plane: &[f32]| -> Vec<usize> {
        (0..plane.len()).filter(|&cell| plane[cell] == 1.0).collect()
    };
    let mut starts = [[0; 10]; 2];
    let (mut leftward, mut whole, mut thin) = (0, 0, 0);
    for seed in 0..1000 {
        environment.reset(seed);
        let planes = observation(&environment);
        let [paddle, ball, bricks] = [0, 100, 300].map(|plane| cells(&planes[plane..plane + 100]));
        starts[0][paddle[0] - 90] += 1;
        starts[1][ball[0] % 10] += 1;
        assert!((4..7).contains(&(ball[0] / 10)), "seed {seed}: ball {ball:?}");
        assert!(!bricks.is_empty(), "seed {seed}");
        whole += usize::from(bricks.len() == 30);
        thin += usize::from(bricks.len() < 10);
        environment.step(0).unwrap();
        let next = cells(&observation(&environment)[100..200])[0];
        assert_eq!(next / 10, ball[0] / 10 + 1, "seed {seed}");
        leftward += usize::from(next % 10 < ball[0] % 10);
    }
    // Four standard deviations about what is expected: 100; half of those that are not at a wall; a quarter
    // and the emptied walls; binomial(30, 1/2, 1/4 and 1/8) below 10.
    assert!(starts.as_flattened().iter().all(|count| (62..=138).contains(count)), "{starts:?}");
    assert!((387..=513).contains(&leftward), "{leftward}");
    assert!((200..=310).contains(&whole), "{whole}");
    assert!((388..=514).contains(&thin), "{thin}");
}

#[test]
fn a_long_episode_is_truncated() {
    let mut environment = start();
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
    let mut environment = start();
    while !environment.step(1).unwrap().terminated {}
    let mut saved = environment.save();
    assert_eq!(saved.pop(), Some(1));
    saved.push(0);
    let error = environment.restore(&saved).unwrap_err();
    assert!(matches!(error, RestoreError::Impossible { .. }), "{error}");
}

#[test]
fn errors_say_which_values_are_possible() {
    let resolve = find("minatar/breakout").unwrap().resolve;
    let message = |settings: &str| resolve(&settings.parse().unwrap()).unwrap_err().to_string();
    insta::assert_snapshot!(message("sticky_action_probability = 1.5"), @"`sticky_action_probability`: must be from 0 to 1, not 1.5");
    insta::assert_snapshot!(message("sticky_action_probability = nan"), @"`sticky_action_probability`: must be from 0 to 1, not NaN");
    insta::assert_snapshot!(message("sticky_actions = 0.1"), @"`sticky_actions`: unknown field `sticky_actions`, expected one of `sticky_action_probability`, `minimal_actions`, `standard_start`, `max_steps`");
    insta::assert_snapshot!(message("minimal_actions = 1"), @"`minimal_actions`: invalid type: integer `1`, expected a boolean");
    insta::assert_snapshot!(message("max_steps = 0"), @"`max_steps`: must be at least 1");
}
