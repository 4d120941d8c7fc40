//! Environments of other people's packages.

use zerolab_environments::Environment;
use zerolab_environments::cartpole::{CartPole, Physics, Settings};

use super::worlds::{lane, legal, play, seen};

/// From the same state the same actions give the same numbers as our own CartPole.
#[test]
#[ignore = "needs ZEROLAB_PYTHON"]
fn cartpole_has_the_numbers_of_our_own() {
    let mut steps = 0;
    for start in
        [[0.0, 0.0, 0.0, 0.0], [0.03125, -0.015625, 0.046875, 0.0078125], [-2.25, -1.0, 0.125, 0.5]]
    {
        let start_text = format!("{start:?}");
        let settings = format!("entry = 'worlds:pole'\narguments = {{ start = {start_text} }}");
        let mut theirs = lane(&settings);
        let mut ours = CartPole::new(&Settings::default());
        let [position, velocity, angle, angular_velocity] = start;
        theirs.reset(1);
        ours.reset_to(Physics { position, velocity, angle, angular_velocity });
        for step in 0..200 {
            let action = usize::from(step % 3 == 0 || step % 7 == 2);
            let (here, there) = (ours.step(action).unwrap(), theirs.step(action).unwrap());
            assert_eq!(here, there, "{start_text} {step}");
            let distances = seen(&ours).into_iter().zip(seen(theirs.as_ref()));
            // Sine and cosine may differ in the last bits.
            assert!(distances.map(|(ours, theirs)| (ours - theirs).abs()).all(|it| it < 1e-5));
            steps += 1;
            if here.ends() {
                break;
            }
        }
    }
    assert!(steps > 20, "{steps}");
}

#[test]
#[ignore = "needs ZEROLAB_PYTHON"]
fn spaces_of_known_environments() {
    for (settings, shape, actions, limit) in [
        ("id = 'CartPole-v1'", &[4][..], 2, Some(500)),
        ("id = 'CartPole-v1'\ntime_limit = 30", &[4], 2, Some(30)),
        ("id = 'FrozenLake-v1'\narguments = { is_slippery = false }", &[16], 4, Some(100)),
        ("id = 'Taxi-v4'", &[500], 6, Some(200)),
        ("id = 'Blackjack-v1'", &[32 + 11 + 2], 2, None),
        ("entry = 'minatar.gym:BaseEnv'\narguments = { game = 'breakout' }", &[4, 10, 10], 6, None),
        ("entry = 'worlds:minigrid'\ngreatest_byte = 10", &[3, 7, 7], 7, None),
    ] {
        let mut environment = lane(settings);
        let description = environment.description().clone();
        assert_eq!(description.observation_shape, shape, "{settings}");
        assert_eq!(
            (description.num_actions, description.max_episode_steps),
            (actions, limit),
            "{settings}"
        );
        let trace = play(environment.as_mut(), 1, &[0, 1, 1], 40).unwrap();
        let again = play(lane(settings).as_mut(), 1, &[0, 1, 1], 40).unwrap();
        assert_eq!(trace, again, "{settings}");
    }
}

#[test]
#[ignore = "needs ZEROLAB_PYTHON"]
fn taxi_marks_its_state_and_its_legal_actions() {
    let mut taxi = lane("id = 'Taxi-v4'");
    taxi.reset(3);
    let observation = seen(taxi.as_ref());
    assert_eq!(observation.iter().sum::<f32>(), 1.0);
    let legal = legal(taxi.as_ref());
    assert!(legal.iter().any(|legal| !legal), "its mask forbids something: {legal:?}");
}
