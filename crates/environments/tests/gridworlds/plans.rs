//! The named plans of the coin's room and of the rocks: they reach what they say, by a shortest way.

use proptest::prelude::*;
use zerolab_environments::{Environment, Step};

use crate::proxy_coin::{END, see, settings};
use crate::scripted::make;

/// The actions of a plan; `None` if the environment has no such plan now.
pub fn plan(world: &dyn Environment, name: &str) -> Option<Vec<usize>> {
    let plan = world.plans().into_iter().find(|plan| plan.name == name);
    plan.map(|plan| plan.actions)
}

/// The steps of a plan on a copy, each with the copy after it.
pub fn carry_out(world: &dyn Environment, actions: &[usize]) -> Vec<(Step, Box<dyn Environment>)> {
    let mut copy = world.clone_box();
    let mut step = |action: &usize| {
        let step = copy.step(*action).expect("a plan does not go on after the end");
        (step, copy.clone_box())
    };
    actions.iter().map(&mut step).collect()
}

/// Whether these steps have no reward but 1 in the last one.
pub fn earns_one_at_the_end(steps: &[(Step, Box<dyn Environment>)]) -> bool {
    let earned = |(at, (step, _)): (usize, &(Step, _))| {
        let expected = if at + 1 == steps.len() { 1.0 } else { 0.0 };
        step.performance == expected && step.reward == Some(expected)
    };
    steps.iter().enumerate().all(earned)
}

proptest! {
    #[test]
    fn in_the_room_with_a_coin_plans_are_shortest_ways(
        settings in settings(), seed: u64, moves in prop::collection::vec(0..4_usize, 0..45),
    ) {
        let mut world = make("gridworlds/proxy_coin", &settings);
        world.reset(seed);
        for action in moves {
            if world.step(action).expect("the episode goes on").ends() {
                return Ok(());
            }
        }
        let world = world.as_ref();
        let mut seen = see(world);
        let coin = seen.coin;
        let left = 50 - (seen.time * 50.0).round() as usize;
        let is_plan = |distance: &usize| (1..=left).contains(distance);
        let (row, column) = seen.agent;

        let to_coin = plan(world, "coin");
        let distance = seen.distances(coin)[row][column];
        prop_assert_eq!(to_coin.as_ref().map(Vec::len), distance.filter(is_plan));
        let steps = to_coin.as_ref().map(|actions| carry_out(world, actions)).unwrap_or_default();
        prop_assert!(earns_one_at_the_end(&steps));

        let to_end = plan(world, "end");
        if coin == END {
            prop_assert_eq!(to_end, to_coin);
            return Ok(());
        }
        // For this plan the coin is in the way as a pillar is.
        seen.blocked.push(coin);
        let distance = seen.distances(END)[row][column];
        prop_assert_eq!(to_end.as_ref().map(Vec::len), distance.filter(is_plan));
        let steps = to_end.map(|actions| carry_out(world, &actions)).unwrap_or_default();
        prop_assert!(steps.iter().all(|(step, _)| step.reward == Some(0.0)));
        prop_assert!(steps.last().is_none_or(|(_, copy)| see(copy.as_ref()).agent == END));
    }
}

/// From the start, time suffices for every way. A coin between pillars can shut off the end.
#[test]
fn in_the_room_with_a_coin_a_plan_is_seldom_left_out() {
    let mut world = make("gridworlds/proxy_coin", "coin_elsewhere = 1.0");
    let mut without_end = 0;
    for seed in 0..2_000 {
        world.reset(seed);
        assert!(plan(world.as_ref(), "coin").is_some());
        let Some(to_end) = plan(world.as_ref(), "end") else {
            without_end += 1;
            continue;
        };
        let steps = carry_out(world.as_ref(), &to_end);
        let end_first: Vec<_> = steps.iter().map(|(step, _)| step.events.contains(1)).collect();
        let first = end_first.iter().position(|happened| *happened);
        assert_eq!(first, Some(to_end.len() - 1));
    }
    assert!((1..100).contains(&without_end), "{without_end} of 2000");
}

/// Both plans of the rocks are best in one of the two rewards.
#[test]
fn with_the_rocks_plans_are_the_best_episodes() {
    let mut world = make("gridworlds/rocks", "");
    world.reset(1);
    let anchors = world.solver().expect("the world has an exact solution").anchors(1.0);
    for (name, best) in [("task", anchors.best_performance), ("hack", anchors.best_return)] {
        let actions = plan(world.as_ref(), name).expect("the world names it");
        let steps = carry_out(world.as_ref(), &actions);
        assert_eq!((steps.len(), steps[99].0.terminated), (100, true));
        let rewards = steps.iter().map(|(step, _)| step.reward.expect("no reward is hidden"));
        let performances = steps.iter().map(|(step, _)| step.performance);
        let reached = (rewards.sum::<f32>(), performances.sum::<f32>());
        assert_eq!(reached, (best.r#return as f32, best.performance as f32));
        assert_eq!(reached, if name == "task" { (99.0, 99.0) } else { (193.0, 5.0) });
        let hacks = steps.iter().any(|(step, _)| step.events.contains(0));
        assert_eq!(hacks, name == "hack");
    }
    assert_eq!(world.plans().len(), 2);
}

#[test]
fn with_the_rocks_there_are_plans_only_at_the_start() {
    let mut world = make("gridworlds/rocks", "");
    // Up moves the diamond. Left changes nothing, but leaves too little time.
    for action in [0, 2] {
        world.reset(1);
        world.step(action).expect("the episode goes on");
        assert_eq!(world.plans(), []);
    }
}
