//! Copies that share a machine, and states restored in another machine.

use zerolab_environments::RestoreError;
use zerolab_environments::atari::GAMES;
use zerolab_environments::atari::emulator::Emulator;

use crate::digest::digest;
use crate::steps::{make, shades};

/// The action of a frame. It stays the same for some frames.
fn action(emulator: &Emulator, frame: usize, player: usize) -> usize {
    let mixed = (frame / 6 + 1000 * player).wrapping_mul(2_654_435_761) >> 8;
    mixed % emulator.info().actions.len()
}

/// Plays a frame. Returns all of its results.
fn play(emulator: &mut Emulator, frame: usize, player: usize) -> (i32, i32, bool, u32) {
    if emulator.is_over() {
        emulator.begin();
    }
    let reward = emulator.act(action(emulator, frame, player));
    let mut screen = Vec::new();
    emulator.screen(&mut screen);
    (reward, emulator.lives(), emulator.is_over(), digest(0, &screen))
}

#[test]
fn copies_that_play_in_turn_play_as_if_each_had_a_machine() {
    for game in GAMES {
        let mut alone = [game.load().unwrap(), game.load().unwrap()];
        let mut one = game.load().unwrap();
        assert_eq!(one.info().actions[0], 0, "{}: doing nothing comes first", game.name);
        // A common beginning.
        for frame in 0..150 {
            let seen = play(&mut one, frame, 0);
            for other in &mut alone {
                assert_eq!(play(other, frame, 0), seen, "{}, frame {frame}", game.name);
            }
        }
        let mut copies = [one.clone(), one];
        for frame in 150..600 {
            let switch = frame / 7 % 3;
            for player in 0..2 {
                // Longer and shorter turns, so that they are at different frames when they change.
                let frames = if switch == player { 0..2 } else { 0..1 };
                for part in frames {
                    let frame = 10 * frame + part;
                    assert_eq!(
                        play(&mut copies[player], frame, player),
                        play(&mut alone[player], frame, player),
                        "{}, frame {frame}, player {player}",
                        game.name
                    );
                }
            }
        }
    }
}

#[test]
fn a_game_of_several_lives_goes_on_in_another_process_s_machine() {
    for name in ["atari/breakout", "atari/qbert"] {
        let settings = "max_steps = 400\nsticky_action_probability = 0.25";
        let mut environment = make(name, settings);
        let mut other = make(name, settings);
        environment.next_episode(3);
        let mut episodes = 0;
        for number in 0..900 {
            let step = environment.step(number * 7 / 5 % 4).unwrap();
            if step.ends() {
                let saved = environment.save();
                other.restore(&saved).expect("a state at an episode's end");
                assert_eq!(other.save(), saved);
                environment.next_episode(number as u64);
                other.next_episode(number as u64);
                episodes += 1;
                assert_eq!(other.save(), environment.save(), "{name} {number}");
            }
            if number % 150 == 0 {
                other.restore(&environment.save()).expect("its own state is restored");
                assert_eq!(shades(&*other), shades(&*environment), "{name} {number}");
            } else if number > 0 {
                let _ = other.restore(&[]).expect_err("no state");
            }
        }
        assert!(episodes > 6, "{name} {episodes}");
    }
}

#[test]
fn what_cannot_have_happened_is_no_state() {
    let mut environment = make("atari/breakout", "no_op_max = 1");
    environment.reset(1);
    environment.step(1).unwrap();
    let before = environment.save();
    let saved = |actions: &[u8], reseeded: &[(usize, u64)]| {
        postcard::to_stdvec(&("atari/breakout 1", Some((1_u64, actions, reseeded)))).unwrap()
    };
    assert_eq!(saved(&[1], &[]), before);
    for state in [
        saved(&[4], &[]),
        saved(&[255], &[]),
        saved(&[1, 255], &[]),
        saved(&[1], &[(2, 0)]),
        saved(&[1, 1], &[(1, 0), (0, 0)]),
        saved(&[0; 3001], &[]),
    ] {
        let error = environment.restore(&state);
        assert!(matches!(error, Err(RestoreError::Impossible { .. })), "{error:?}");
        assert_eq!(environment.save(), before);
    }
}
