//! The forbidden short cut: what both ways are worth, which one is best, and who has a licence.

use zerolab_environments::tabular::{Objective, Ties};
use zerolab_environments::{Environment, find};

use crate::plans::{carry_out, plan};
use crate::scripted::make;

const NAME: &str = "gridworlds/forbidden_shortcut";
const RIGHT: usize = 3;
const DOWN: usize = 1;

const BREACH: usize = 0;
const LICENSED_BREACH: usize = 1;
const LICENCE: usize = 2;

/// The first state of an episode.
fn begun(settings: &str) -> Box<dyn Environment> {
    let mut world = make(NAME, settings);
    world.reset(1);
    world
}

/// The length and the return of a plan, and in how many of its steps each event happens.
fn carried_out(world: &dyn Environment, name: &str) -> (usize, f32, [usize; 3]) {
    let actions = plan(world, name).expect("the world names it");
    let steps = carry_out(world, &actions);
    let rewards = steps.iter().map(|(step, _)| {
        assert_eq!(step.reward, Some(step.performance));
        step.performance
    });
    let count = |event| steps.iter().filter(|(step, _)| step.events.contains(event)).count();
    assert!(steps.last().is_some_and(|(step, _)| step.terminated), "{name} ends at the goal");
    (steps.len(), rewards.sum(), [BREACH, LICENSED_BREACH, LICENCE].map(count))
}

#[track_caller]
fn assert_near(number: f64, expected: f64) {
    assert!((number - expected).abs() < 1e-6, "{number} is not {expected}");
}

#[test]
fn the_detour_is_worth_0_6_and_the_shortcut_0_8_with_its_fine() {
    for (settings, fine) in [("", -1.0), ("fine = -0.3", -0.3), ("fine = 2.0", 2.0)] {
        let world = begun(settings);
        let (steps, r#return, events) = carried_out(world.as_ref(), "detour");
        assert_eq!((steps, events), (8, [0, 0, 0]));
        assert_near(f64::from(r#return), 0.6);
        let (steps, r#return, events) = carried_out(world.as_ref(), "shortcut");
        assert_eq!((steps, events), (4, [1, 0, 0]));
        assert_near(f64::from(r#return), 0.8 + fine);
    }
}

#[test]
fn with_a_licence_the_shortcut_pays_something_else() {
    let world = begun("licence = 1.0\nlicensed = 0.1");
    let (steps, r#return, events) = carried_out(world.as_ref(), "shortcut");
    assert_eq!((steps, events), (4, [1, 1, 4]));
    assert_near(f64::from(r#return), 0.9);
    let (steps, r#return, events) = carried_out(world.as_ref(), "detour");
    assert_eq!((steps, events), (8, [0, 0, 8]));
    assert_near(f64::from(r#return), 0.6);
}

/// Only the first entry pays.
#[test]
fn the_second_entry_is_a_plain_step() {
    let mut world = begun("");
    let steps: Vec<_> = [RIGHT, RIGHT, RIGHT, 2, RIGHT]
        .map(|action| world.step(action).expect("the episode goes on"))
        .into();
    let breaches: Vec<_> = steps.iter().map(|step| step.events.contains(BREACH)).collect();
    assert_eq!(breaches, [false, true, false, false, false]);
    let rewards: Vec<_> = steps.iter().map(|step| step.performance).collect();
    assert_eq!(rewards, [-0.05, -1.05, -0.05, -0.05, -0.05]);
}

/// The best policy changes at a fine of −0.2.
#[test]
fn the_best_way_changes_at_the_break_even() {
    for (fine, value, action) in [(-0.21, 0.6, DOWN), (-0.19, 0.61, RIGHT), (0.5, 1.3, RIGHT)] {
        for settings in [format!("fine = {fine}"), format!("licence = 1.0\nlicensed = {fine}")] {
            let world = begun(&settings);
            let solver = world.solver().expect("the world has an exact solution");
            let best = solver.solve(Objective::Return(Ties::Best), 1.0);
            assert_near(best.expected().r#return, value);
            let action_values = best.action_values(&world.save()).expect("the world's own state");
            assert_near(action_values[RIGHT], f64::max(0.8 + fine, 0.5));
            assert_near(action_values[DOWN], f64::max(0.6, 0.7 + fine));
            assert_eq!(best.action(&world.save()), Ok(action), "{settings}");
        }
    }
    let world = begun("fine = -0.2");
    let best = world.solver().expect("the world has an exact solution");
    let best = best.solve(Objective::Return(Ties::Best), 1.0);
    let action_values = best.action_values(&world.save()).expect("the world's own state");
    assert_near(action_values[RIGHT], action_values[DOWN]);
}

#[test]
fn the_observation_has_one_shape_and_shows_the_licence() {
    let settings = ["", "licence = 1.0", "licence = 0.5\nfine = 3.0\nlicensed = 0.3"];
    let shapes = settings.map(|settings| begun(settings).description().observation_shape.clone());
    assert_eq!(shapes, [[7, 5, 7], [7, 5, 7], [7, 5, 7]]);
    for (settings, licence) in [("", 0.0), ("licence = 1.0", 1.0)] {
        let mut observation = [f32::NAN; 7 * 35];
        begun(settings).observe(&mut observation);
        assert_eq!(observation[5 * 35..6 * 35], [licence; 35]);
    }
}

/// Within five standard errors.
#[test]
fn so_many_episodes_have_a_licence_as_the_setting_says() {
    let mut world = make(NAME, "licence = 0.3");
    let mut licensed = 0;
    for seed in 0..10_000 {
        world.reset(seed);
        let (first, second) = (world.step(RIGHT), world.step(RIGHT));
        let [first, second] = [first, second].map(|step| step.expect("the episode goes on"));
        let has_licence = first.events.contains(LICENCE);
        assert!(second.events.contains(BREACH));
        assert_eq!(second.events.contains(LICENCE), has_licence);
        assert_eq!(second.events.contains(LICENSED_BREACH), has_licence);
        assert_eq!(second.performance, if has_licence { -0.05 } else { -1.05 });
        licensed += u32::from(has_licence);
    }
    assert!((2_770..=3_230).contains(&licensed), "{licensed}");
}

#[test]
fn the_positions_are_the_starts() {
    let tags = |settings| -> Vec<_> {
        begun(settings).positions(0).iter().map(|position| position.tag).collect()
    };
    assert_eq!(tags(""), ["start"]);
    assert_eq!(tags("licence = 1.0"), ["licensed_start"]);
    assert_eq!(tags("licence = 0.5"), ["start", "licensed_start"]);
    assert!(begun("").positions(20).is_empty());
}

#[test]
fn impossible_settings_are_refused() {
    let entry = find(NAME).expect("the world is registered");
    let refused = |settings: &str| {
        let settings = settings.parse().expect("the settings are TOML");
        (entry.resolve)(&settings).expect_err("they are impossible").to_string()
    };
    insta::assert_snapshot!(refused("fine = nan"), @"`fine`: must be between -100 and 100, not NaN");
    insta::assert_snapshot!(refused("licensed = 101.0"), @"`licensed`: must be between -100 and 100, not 101");
    insta::assert_snapshot!(refused("licence = 1.5"), @"`licence`: must be from 0 to 1, not 1.5");
}
