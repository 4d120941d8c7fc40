//! What the options do, and what is said where something is wrong.

use std::path::Path;

use zerolab_environments::atari::GAMES;
use zerolab_environments::atari::emulator::{Emulator, LoadError};
use zerolab_environments::{entries, find};

use crate::frames::emulator;
use crate::steps::{make, shades};

fn error(options: &str) -> String {
    let entry = find("atari/pong").unwrap();
    (entry.resolve)(&options.parse().unwrap()).expect_err("an impossible option").to_string()
}

#[test]
fn impossible_options_are_refused() {
    insta::assert_snapshot!(error("sticky_action_probability = 1.5"), @"`sticky_action_probability`: must be a probability, 0 to 1, is 1.5");
    insta::assert_snapshot!(error("no_op_max = 1001"), @"`no_op_max`: must be at most 1000, is 1001");
    insta::assert_snapshot!(error("max_steps = 0"), @"`max_steps`: must be at least 1, is 0");
    insta::assert_snapshot!(error("evaluation_max_steps = 0"), @"`evaluation_max_steps`: must be at least 1, is 0");
    insta::assert_snapshot!(error("image = 'rgb84'"), @"`image`: unknown variant `rgb84`, expected `rgb96` or `grey84`");
    insta::assert_snapshot!(error("frameskip = 4"), @"`frameskip`: unknown field `frameskip`, expected one of `sticky_action_probability`, `episodic_life`, `no_op_max`, `image`, `max_steps`, `evaluation_max_steps`");
}

#[test]
fn a_game_is_described_as_it_is() {
    for game in GAMES {
        let entry = find(game.name).unwrap();
        for options in ["", "image = 'grey84'\nmax_steps = 7"].map(|text| text.parse().unwrap()) {
            let made = (entry.make)(&options).unwrap();
            assert_eq!(&(entry.describe)(&options).unwrap(), made.description());
            assert_eq!(game.num_actions, emulator(game.rom).facts().actions.len(), "{}", game.name);
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
        let options = (entry.resolve)(&toml::Table::new()).unwrap();
        assert_eq!((entry.for_evaluation)(&options).unwrap(), options, "{}", entry.name);
    }
}

#[test]
fn sticky_actions_stick_for_as_many_frames_as_they_should() {
    // Pong's paddle moves alike whatever was done before, so that only what is executed tells the two apart.
    let options = |probability: f64| format!("sticky_action_probability = {probability}");
    let screens = |probability: f64, seed: u64| {
        let mut world = make("atari/pong", &options(probability));
        world.reset(seed);
        for number in 0..60 {
            world.step([2, 3][number / 3 % 2]).unwrap();
        }
        shades(&*world)
    };
    assert_eq!(screens(0.0, 5), screens(0.0, 5));
    assert_ne!(screens(0.25, 5), screens(0.0, 5));
    // At 1 nothing is executed but the "nothing" of the beginning.
    let mut stuck = make("atari/pong", &options(1.0));
    let mut idle = make("atari/pong", "");
    for world in [&mut stuck, &mut idle] {
        world.reset(9);
    }
    for number in 0..100 {
        stuck.step(number % 6).unwrap();
        idle.step(0).unwrap();
    }
    assert_eq!(shades(&*stuck), shades(&*idle));
}

#[test]
fn without_no_ops_a_game_is_seen_from_its_first_frame() {
    let mut world = make("atari/breakout", "no_op_max = 0\nimage = 'grey84'");
    world.reset(1);
    let first = shades(&*world);
    world.reset(2);
    assert_eq!(shades(&*world), first);
    assert!(first.iter().any(|&shade| shade > 0));
}

#[test]
fn a_missing_rom_and_another_are_told_apart() {
    let load = |path: &Path| Emulator::load(path, "pong").err();
    assert_eq!(load(Path::new("/nowhere/pong.bin")), Some(LoadError::Unreadable));
    assert_eq!(load(Path::new(file!()).parent().unwrap()), Some(LoadError::Unreadable));
    assert_eq!(load(Path::new("Cargo.toml")), Some(LoadError::Another));
}

#[test]
fn a_game_s_actions_are_ale_s() {
    assert_eq!(emulator("pong").facts().actions, [0, 1, 3, 4, 11, 12]);
    assert_eq!(emulator("freeway").facts().actions, [0, 2, 5]);
    assert_eq!(emulator("alien").facts().actions, (0..18).collect::<Vec<u8>>());
}
