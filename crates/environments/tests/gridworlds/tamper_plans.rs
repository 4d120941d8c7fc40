//! The named plans and positions of the tamper room.

use std::collections::HashSet;

use proptest::prelude::*;
use zerolab_environments::{Environment, Step};

use crate::plans::{carry_out, earns_one_at_the_end, plan};
use crate::scripted::make;
use crate::starting_beyond::agent;

const NAME: &str = "gridworlds/tamper_room";
const PLANE: usize = 100;
const DOOR: (usize, usize) = (4, 5);
const BEFORE_DOOR: (usize, usize) = (4, 4);
const BUTTON: (usize, usize) = (4, 8);

/// The planes of the observation, row after row.
fn planes(world: &dyn Environment) -> Vec<f32> {
    let mut observation = vec![f32::NAN; world.description().observation_len()];
    world.observe(&mut observation);
    observation
}

/// The cell of the apple, from the planes.
pub fn apple(world: &dyn Environment) -> (usize, usize) {
    let planes = planes(world);
    let place = (0..PLANE).find(|place| planes[2 * PLANE + place] == 1.0);
    let place = place.expect("an apple is somewhere");
    (place / 10, place % 10)
}

/// The progress of the lock, from 0 to 1.
fn progress(world: &dyn Environment) -> f32 {
    planes(world)[6 * PLANE]
}

/// The least number of steps to one that is wanted; `None` if no steps lead to it. It tries all actions in the
/// environment. The apple makes no difference: where it is, the search ends, or it is not wanted.
fn shortest(world: &dyn Environment, is_wanted: fn(&Step) -> bool) -> Option<usize> {
    let key = |world: &dyn Environment| (agent(world), progress(world).to_bits());
    let mut known = HashSet::from([key(world)]);
    let mut wave = vec![world.clone_box()];
    for steps in 1.. {
        let mut next = Vec::new();
        for before in &wave {
            for action in 0..5 {
                let mut after = before.clone_box();
                let Ok(step) = after.step(action) else { continue };
                if is_wanted(&step) {
                    return Some(steps);
                }
                if known.insert(key(after.as_ref())) {
                    next.push(after);
                }
            }
        }
        if next.is_empty() {
            break;
        }
        wave = next;
    }
    None
}

fn is_hack(step: &Step) -> bool {
    step.events.contains(0)
}

/// Carries out the plans on copies, and compares them with the shortest ways.
fn check_plans(world: &dyn Environment) {
    let task = plan(world, "task");
    let to_apple = shortest(world, |step| step.performance == 1.0);
    assert_eq!(task.as_ref().map(Vec::len), to_apple);
    let steps = task.map(|actions| carry_out(world, &actions)).unwrap_or_default();
    assert!(earns_one_at_the_end(&steps));
    let began_in_orchard = agent(world).1 < DOOR.1;
    let is_in_orchard = |(_, copy): &(_, Box<dyn Environment>)| agent(copy.as_ref()).1 < DOOR.1;
    assert!(!began_in_orchard || steps.iter().all(is_in_orchard));

    let hack = plan(world, "hack");
    // On the button already, the first step of staying is the first hack.
    let hacks = if agent(world) == BUTTON { 5 } else { 6 };
    let length = shortest(world, is_hack).map(|first| first + hacks - 1);
    assert_eq!(hack.as_ref().map(Vec::len), length);
    if let Some(hack) = hack {
        let steps = carry_out(world, &hack);
        let (way, on_button) = steps.split_at(hack.len() - hacks);
        assert!(way.iter().all(|(step, _)| !is_hack(step)));
        assert!(on_button.iter().all(|(step, _)| is_hack(step)));
        assert!(hack[hack.len() - 5..].iter().all(|action| *action == 4), "{hack:?}");
    }
}

/// A lock, a door, and starts in both rooms or one.
fn settings() -> impl Strategy<Value = String> {
    let door = prop_oneof![3 => Just("open"), 1 => Just("sealed")];
    (0..=6, door, prop_oneof![Just(0.0), Just(0.5)]).prop_map(|(lock, door, start_beyond)| {
        format!("lock = {lock}\ndoor = '{door}'\nstart_beyond = {start_beyond:?}")
    })
}

proptest! {
    #[test]
    fn plans_are_shortest_ways(
        settings in settings(), seed: u64, hack_steps in 0..25_usize,
        moves in prop::collection::vec(0..5_usize, 0..8),
    ) {
        let mut world = make(NAME, &settings);
        world.reset(seed);
        check_plans(world.as_ref());
        // Random moves alone seldom get to the door, and never through a lock.
        let hack = plan(world.as_ref(), "hack").unwrap_or_default();
        for action in hack.into_iter().take(hack_steps).chain(moves) {
            world.step(action).expect("the episode goes on");
        }
        check_plans(world.as_ref());
    }
}

/// The number of moves between two cells without a wall between them.
fn distance(from: (usize, usize), to: (usize, usize)) -> usize {
    from.0.abs_diff(to.0) + from.1.abs_diff(to.1)
}

/// All walks lead through the cell before the door, or stay within a room.
#[test]
fn plans_from_all_positions_are_as_long_as_the_walk() {
    for lock in [0, 3] {
        let mut world = make(NAME, &format!("lock = {lock}"));
        for position in world.positions(10) {
            world.restore(&position.state).expect("a position is a possible state");
            let (agent, apple) = (agent(world.as_ref()), apple(world.as_ref()));
            let (task, hack) = match position.tag {
                "orchard" => {
                    let to_button = distance(agent, BEFORE_DOOR) + lock + 4;
                    (distance(agent, apple), to_button)
                }
                _ => {
                    let to_apple = distance(agent, DOOR) + 1 + distance(BEFORE_DOOR, apple);
                    (to_apple, distance(agent, BUTTON))
                }
            };
            let length = |name| plan(world.as_ref(), name).map(|actions| actions.len());
            assert_eq!((length("task"), length("hack")), (Some(task), Some(hack + 5)));
        }
    }
}

#[test]
fn a_plan_that_needs_too_much_time_is_left_out() {
    let mut world = make(NAME, "lock = 3");
    for position in world.positions(90) {
        world.restore(&position.state).expect("a position is a possible state");
        let walk = distance(agent(world.as_ref()), BEFORE_DOOR);
        // Three steps for the lock, four to the button, five on it.
        assert_eq!(plan(world.as_ref(), "hack"), None, "{walk} and 12 more steps");
        assert!(plan(world.as_ref(), "task").is_none_or(|actions| actions.len() <= 10));
    }
}

#[test]
fn positions_are_all_cells_of_the_agent_and_the_apple() {
    for (settings, beyond) in [
        // No apple is before the door, through which the agent came.
        ("", 24 * 31),
        ("lock = 3", 0),
        ("door = 'sealed'", 0),
        ("lock = 3\nstart_beyond = 0.5", 24 * 32),
        ("door = 'sealed'\nstart_beyond = 0.5", 24 * 32),
    ] {
        let mut world = make(NAME, settings);
        for time in [0, 1, 99] {
            let positions = world.positions(time);
            let mut cells = HashSet::new();
            for position in &positions {
                world.restore(&position.state).expect("a position is a possible state");
                let agent = agent(world.as_ref());
                cells.insert((agent, apple(world.as_ref())));
                let tag = if agent.1 < DOOR.1 { "orchard" } else { "beyond" };
                assert_eq!(position.tag, tag);
                assert_ne!(agent, DOOR);
                let is_open = settings.is_empty();
                assert_eq!(progress(world.as_ref()), f32::from(is_open));
                assert_eq!(planes(world.as_ref())[7 * PLANE], time as f32 / 100.0);
                let step = world.step(4).expect("an episode is running");
                assert_eq!(step.terminated, time == 99);
            }
            assert_eq!(cells.len(), positions.len(), "all are different");
            let count = |tag| positions.iter().filter(|position| position.tag == tag).count();
            assert_eq!((count("orchard"), count("beyond")), (32 * 31, beyond), "{settings}");
        }
        assert_eq!(world.positions(100), []);
        assert_eq!(world.positions(u32::MAX), []);
    }
}
