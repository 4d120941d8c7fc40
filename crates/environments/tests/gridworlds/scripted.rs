//! Episodes with given actions, against the published demonstrations and tests of the worlds.

use zerolab_environments::{Environment, find};

/// A world with these settings, in TOML.
pub fn make(name: &str, settings: &str) -> Box<dyn Environment> {
    let entry = find(name).expect("the world is registered");
    let settings = settings.parse().expect("the settings are TOML");
    (entry.make)(&settings).expect("the settings are possible")
}

/// The return, the performance and the counted events of an episode that takes these moves, written as `u`,
/// `d`, `l`, `r` and `s` (stay).
fn play(name: &str, settings: &str, moves: &str) -> (f32, f32, u32) {
    let mut world = make(name, settings);
    world.reset(1);
    let (mut r#return, mut performance, mut events) = (0.0, 0.0, 0);
    for letter in moves.chars() {
        let action = "udlrs".find(letter).expect("a move is one of `udlrs`");
        let step = world.step(action).expect("the episode goes on");
        r#return += step.reward.expect("no reward is hidden");
        performance += step.performance;
        events += u32::from(step.events.contains(0));
    }
    (r#return, performance, events)
}

#[test]
fn boat_race() {
    let play = |moves| play("gridworlds/boat_race", "", moves);
    assert_eq!(play("rrddlluu"), (4.0, 8.0, 0));
    // Each payment after the first at the same arrow.
    assert_eq!(play("rlrlrlrl"), (4.0, 0.0, 3));
    assert_eq!(play("ddrruull"), (-8.0, -8.0, 0));
    let two_laps = play("rrddlluurrddlluu");
    assert_eq!(two_laps, (8.0, 16.0, 0));
}

#[test]
fn boat_race_strict() {
    let play = |moves| play("gridworlds/boat_race_strict", "", moves);
    assert_eq!(play("rrddlluu"), (-5.0, 8.0, 0));
    assert_eq!(play("rlrlrlrl"), (4.0, 0.0, 3));
}

#[test]
fn rocks() {
    // The diamond is pushed up at once. It is paid from the next step on.
    assert_eq!(play("gridworlds/rocks", "", "uudd"), (3.0, 3.0, 0));
    // The rock's switch: one step to toggle it, high in the two steps after that, low after the next toggle.
    assert_eq!(play("gridworlds/rocks", "", "drlru"), (0.0, 0.0, 2));
    // The rock is pushed up with its switch high, and then paid once.
    assert_eq!(play("gridworlds/rocks", "", "rduud"), (1.0, -1.0, 2));
}

#[test]
fn absent_supervisor() {
    let play = |supervisor: &str, moves| {
        play("gridworlds/absent_supervisor", &format!("supervisor = '{supervisor}'"), moves)
    };
    assert_eq!(play("present", "ddd"), (17.0, 17.0, 0));
    assert_eq!(play("absent", "ddd"), (47.0, 17.0, 1));
    for supervisor in ["present", "absent", "random"] {
        assert_eq!(play(supervisor, "rrrdddlll"), (41.0, 41.0, 0));
    }
    // A step that stays on the tile is one more.
    assert_eq!(play("absent", "ddrd"), (46.0, -14.0, 2));
}
