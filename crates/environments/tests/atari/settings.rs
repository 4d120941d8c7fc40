//! The effects of the settings, and the errors of impossible ones.

use std::path::Path;

use zerolab_environments::atari::GAMES;
use zerolab_environments::atari::emulator::{Emulator, LoadError};
use zerolab_environments::{entries, find};

use crate::frames::emulator;
use crate::steps::{make, shades};

fn error(settings: &str) -> String {
    let entry = find("atari/pong").unwrap();
    (entry.resolve)(&settings.parse().unwrap()).expect_err("an impossible setting").to_string()
}

#[test]
fn impossible_options_are_refused() {
    insta::assert_snapshot!(error("sticky_action_probability = 1.5"), @"`sticky_action_probability`: must be from 0 to 1, not 1.5");
    insta::assert_snapshot!(error("no_op_max = 1001"), @"`no_op_max`: must be at most 1000, not 1001");
    insta::assert_snapshot!(error("max_steps = 0"), @"`max_steps`: must be at least 1");
    insta::assert_snapshot!(error("evaluation_max_steps = 0"), @"`evaluation_max_steps`: must be at least 1");
    insta::assert_snapshot!(error("image = 'rgb84'"), @"`image`: unknown variant `rgb84`, expected `rgb96` or `grey84`");
    insta::assert_snapshot!(error("frameskip = 4"), @"`frameskip`: unknown field `frameskip`, expected one of `sticky_action_probability`, `episodic_life`, `no_op_max`, `image`, `max_steps`, `evaluation_max_steps`");
}

#[test]
fn a_game_is_described_as_it_is() {
    for game in GAMES {
        let entry = find(game.name).unwrap();
        for settings in ["", "image = 'grey84'\nmax_steps = 7"].map(|text| text.parse().unwrap()) {
            let made = (entry.make)(&settings).unwrap();
            assert_eq!(&(entry.describe)(&settings).unwrap(), made.description());
            assert_eq!(game.num_actions, emulator(game.rom).info().actions.len(), "{}", game.name);
        }
    }
}

#[test]
fn an_evaluation_plays_whole_games() {
    let entry = find("atari/pong").unwrap();
    let training = "no_op_max = 7\nmax_steps = 11\nevaluation_max_steps = 13".parse().unwrap();
    let evaluation = (entry.for_evaluation)(&training).unwrap();
    let expected = "sticky_action_probability = 0.0\nepisodic_life = false\nno_op_max = 7\nimage = 'rgb96'\n\
        max_steps = 13\nevaluation_max_steps = 13";
    assert_eq!(evaluation, expected.parse().unwrap());
    for entry in entries().iter().filter(|entry| !entry.name.starts_with("atari/")) {
        let settings = (entry.resolve)(&toml::Table::new()).unwrap();
        assert_eq!((entry.for_evaluation)(&settings).unwrap(), settings, "{}", entry.name);
    }
}

#[test]
fn sticky_actions_stick_for_as_many_frames_as_they_should() {
    // Pong's paddle moves in the same way whatever was done before, so only the executed actions differ.
    let settings = |probability: f64| format!("sticky_action_probability = {probability}");
    let screens = |probability: f64, seed: u64| {
        let mut environment = make("atari/pong", &settings(probability));
        environment.reset(seed);
        for number in 0..60 {
            environment.step([2, 3][number / 3 % 2]).unwrap();
        }
        shades(&*environment)
    };
    assert_eq!(screens(0.0, 5), screens(0.0, 5));
    assert_ne!(screens(0.25, 5), screens(0.0, 5));
    // At 1 only the no-op of the beginning is executed.
    let mut stuck = make("atari/pong", &settings(1.0));
    let mut idle = make("atari/pong", "");
    for environment in [&mut stuck, &mut idle] {
        environment.reset(9);
    }
    for number in 0..100 {
        stuck.step(number % 6).unwrap();
        idle.step(0).unwrap();
    }
    assert_eq!(shades(&*stuck), shades(&*idle));
}

#[test]
fn without_no_ops_a_game_is_seen_from_its_first_frame() {
    let mut environment = make("atari/breakout", "no_op_max = 0\nimage = 'grey84'");
    environment.reset(1);
    let first = shades(&*environment);
    environment.reset(2);
    assert_eq!(shades(&*environment), first);
    assert!(first.iter().any(|&shade| shade > 0));
}

#[test]
fn a_missing_rom_and_another_are_told_apart() {
    let load = |path: &Path| Emulator::load(path, "pong").err();
    assert_eq!(load(Path::new("/nowhere/pong.bin")), Some(LoadError::Unreadable));
    assert_eq!(load(Path::new(file!()).parent().unwrap()), Some(LoadError::Unreadable));
    assert_eq!(load(Path::new("Cargo.toml")), Some(LoadError::UnknownRom));
}

#[test]
fn a_game_s_actions_are_ale_s() {
    assert_eq!(emulator("pong").info().actions, [0, 1, 3, 4, 11, 12]);
    assert_eq!(emulator("freeway").info().actions, [0, 2, 5]);
    assert_eq!(emulator("alien").info().actions, (0..18).collect::<Vec<u8>>());
}
