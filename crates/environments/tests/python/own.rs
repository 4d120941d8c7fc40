//! Environments that need nothing but numpy.

use zerolab_environments::{RestoreError, StepError};

use super::worlds::{lane, lanes, legal, play, seen};

const ACTIONS: [usize; 7] = [1, 0, 1, 1, 0, 0, 1];
const WALK: &str = "entry = 'worlds:Walk'";

#[test]
#[ignore = "needs ZEROLAB_PYTHON"]
fn shapes_actions_and_events_come_from_the_class() {
    let walk = lane(WALK);
    let description = walk.description();
    assert_eq!(description.observation_shape, [7]);
    assert_eq!((description.num_actions, description.num_players), (2, 1));
    assert_eq!(description.observation_range, (0.0, 1.0));
    assert_eq!(description.events, ["gust"]);
    assert_eq!(
        lane("entry = 'worlds:Walk'\narguments = { length = 9 }").description().observation_shape,
        [9]
    );
}

#[test]
#[ignore = "needs ZEROLAB_PYTHON"]
fn the_reward_is_observed_and_the_performance_and_the_events_are_measured() {
    let mut walk = lane("entry = 'worlds:Walk'\narguments = { gust = 1.0 }\nreward_scale = 4.0");
    walk.reset(1);
    let steps: Vec<_> = (0..3).map(|_| walk.step(0).unwrap()).collect();
    let rewards: Vec<_> = steps.iter().map(|step| step.reward).collect();
    assert_eq!(rewards, [Some(0.0), Some(0.0), Some(4.0)]);
    assert!(steps.iter().all(|step| step.performance == -1.0 && step.events.contains(0)));
    assert!(steps[2].terminated && !steps[2].truncated);
    assert_eq!(walk.step(0), Err(StepError::EpisodeOver));
}

#[test]
#[ignore = "needs ZEROLAB_PYTHON"]
fn lanes_are_stepped_together_and_do_not_touch_each_other() {
    let alone: Vec<_> =
        (0..4).map(|seed| play(lane(WALK).as_mut(), 10 * seed, &ACTIONS, 30).unwrap()).collect();
    let mut together = lanes(WALK, 4);
    let mut seeds: Vec<u64> = (0..4).map(|seed| 10 * seed).collect();
    together.iter_mut().zip(&seeds).for_each(|(lane, seed)| lane.reset(*seed));
    for step in 0..30 {
        let action = ACTIONS[step % ACTIONS.len()];
        together.iter_mut().for_each(|lane| lane.announce(action));
        for (lane, (alone, seed)) in together.iter_mut().zip(alone.iter().zip(&mut seeds)) {
            let taken = lane.step(action).unwrap();
            assert_eq!((taken, seen(lane.as_ref())), alone[step]);
            if taken.ends() {
                *seed += 1;
                lane.reset(*seed);
            }
        }
    }
}

#[test]
#[ignore = "needs ZEROLAB_PYTHON"]
fn a_state_is_restored_by_replay_or_by_the_class() {
    for name in ["Walk", "Stateful", "Masked", "Nim", "Pictures"] {
        let settings = format!("entry = 'worlds:{name}'\nframe_stack = 2");
        let mut first = lane(&settings);
        play(first.as_mut(), 3, &ACTIONS, 12).unwrap();
        let saved = first.save();
        let here = (seen(first.as_ref()), legal(first.as_ref()), first.to_play());
        let mut copy = first.clone_box();
        let mut other = lane(&settings);
        other.restore(&saved).unwrap();
        assert_eq!(other.save(), saved, "{name}");
        for _ in 0..5 {
            let now = (seen(other.as_ref()), legal(other.as_ref()), other.to_play());
            assert_eq!(now, (seen(first.as_ref()), legal(first.as_ref()), first.to_play()));
            let action = now.1.iter().position(|legal| *legal).unwrap();
            let taken = first.step(action);
            assert_eq!(other.step(action), taken, "{name}");
            assert_eq!(copy.step(action), taken, "{name}");
        }
        first.restore(&saved).unwrap();
        assert_eq!((seen(first.as_ref()), legal(first.as_ref()), first.to_play()), here);
    }
}

#[test]
#[ignore = "needs ZEROLAB_PYTHON"]
fn a_state_that_depends_on_the_clock_is_refused() {
    let mut careless = lane("entry = 'worlds:Careless'\narguments = { gust = 0.5, length = 41 }");
    careless.reset(1);
    (0..15).for_each(|_| assert!(careless.step(0).is_ok()));
    let saved = careless.save();
    let error = lane("entry = 'worlds:Careless'\narguments = { gust = 0.5, length = 41 }")
        .restore(&saved)
        .unwrap_err();
    assert!(matches!(error, RestoreError::Failed { .. }), "{error}");
    assert!(error.to_string().contains("not deterministic"), "{error}");
}

#[test]
#[ignore = "needs ZEROLAB_PYTHON"]
fn two_players_take_turns_against_each_other_and_the_opponent() {
    let mut nim = lane("entry = 'worlds:Nim'");
    assert_eq!(nim.description().num_players, 2);
    nim.reset(0);
    assert_eq!((nim.to_play(), nim.opponent_action()), (0, Some(0)));
    // The first action takes one match and the second two.
    for _ in 0..4 {
        nim.step(1).unwrap();
    }
    assert_eq!((nim.to_play(), seen(nim.as_ref())[2]), (0, 1.0));
    nim.step(0).unwrap();
    assert_eq!(legal(nim.as_ref()), [true, false]);
    assert_eq!(nim.step(1), Err(StepError::IllegalAction { action: 1 }));
    let last = nim.step(0).unwrap();
    assert_eq!((last.reward, last.terminated), (Some(1.0), true));
    assert_eq!(nim.opponent_action(), None);
}

#[test]
#[ignore = "needs ZEROLAB_PYTHON"]
fn pictures_become_planes_whatever_their_order_and_are_stacked() {
    let last = lane("entry = 'worlds:Pictures'");
    let mut first =
        lane("entry = 'worlds:Pictures'\narguments = { first = true }\nframe_stack = 3");
    assert_eq!(last.description().observation_shape, [3, 6, 8]);
    assert_eq!(first.description().observation_shape, [9, 6, 8]);
    let mut last = last;
    for environment in [&mut last, &mut first] {
        environment.reset(1);
        (0..4).for_each(|_| assert!(environment.step(0).is_ok()));
    }
    let (last, first) = (seen(last.as_ref()), seen(first.as_ref()));
    assert_eq!(first[6 * 48..], last, "the newest frame is the last");
    assert_eq!(last[4], 1.0, "red of the fourth column is full");
    assert_eq!(last[48 + 4], 104.0 / 255.0);
    assert_eq!(first[48 + 2], 102.0 / 255.0, "the oldest frame is two steps old");
}

#[test]
#[ignore = "needs ZEROLAB_PYTHON"]
fn pictures_become_grey_and_small_and_actions_are_repeated() {
    let settings = "entry = 'worlds:Pictures'\ngrey = true\nresize = [3, 4]\naction_repeat = 4";
    let mut pictures = lane(settings);
    assert_eq!(pictures.description().observation_shape, [1, 3, 4]);
    pictures.reset(1);
    let rewards: Vec<_> = (0..3).map(|_| pictures.step(0).unwrap()).collect();
    let ends: Vec<_> = rewards.iter().map(|step| (step.reward, step.truncated)).collect();
    assert_eq!(ends, [(Some(2.0), false), (Some(2.0), false), (Some(0.5), true)]);
    // Column 9 is column 1, half of the first shrunk one: 0.299 * 255 + 0.587 * 109 + 0.114 * 10 = 141.4.
    let half = (141.0_f32 / 2.0).round_ties_even() / 255.0;
    assert_eq!(seen(pictures.as_ref())[..2], [half, 0.0]);
}

#[test]
#[ignore = "needs ZEROLAB_PYTHON"]
fn parts_of_a_dictionary_follow_each_other_and_their_bytes_are_scaled() {
    let mut parts = lane("entry = 'worlds:Parts'");
    assert_eq!(parts.description().observation_shape, [3 + 2 + 1]);
    assert_eq!(parts.description().observation_range, (-2.0, 2.0));
    parts.reset(1);
    assert_eq!(seen(parts.as_ref()), [0.0, 1.0, 0.0, 0.2, 1.0, -1.5]);
}

#[test]
#[ignore = "needs ZEROLAB_PYTHON"]
fn a_limit_of_steps_is_a_truncation() {
    let mut walk =
        lane("entry = 'worlds:Walk'\narguments = { length = 99, gust = 0.0 }\ntime_limit = 5");
    assert_eq!(walk.description().max_episode_steps, Some(5));
    walk.reset(1);
    let ends: Vec<bool> = (0..5).map(|_| walk.step(1).unwrap().truncated).collect();
    assert_eq!(ends, [false, false, false, false, true]);
}
