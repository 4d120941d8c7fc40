//! Worlds with one decision: when the late reward is paid, and which choice is best at which discount.

use zerolab_environments::tabular::{Objective, Ties};
use zerolab_environments::{Environment, find};

const LEFT: usize = 0;
const RIGHT: usize = 1;
const STAY: usize = 2;

/// The event `right`.
const CHOSE_RIGHT: usize = 0;

/// The world with these settings, in TOML, before its first episode.
fn make(settings: &str) -> Box<dyn Environment> {
    let entry = find("decision/delayed_choice").expect("the world is registered");
    (entry.make)(&settings.parse().expect("the settings are TOML")).expect("they are possible")
}

/// The rewards and whether `right` happened, for each step until the episode ends.
fn play(world: &mut dyn Environment, actions: impl IntoIterator<Item = usize>) -> Vec<(f32, bool)> {
    world.reset(1);
    let mut steps = Vec::new();
    for action in actions {
        let step = world.step(action).expect("the episode goes on");
        assert_eq!(step.reward, Some(step.performance));
        assert!(!step.truncated);
        steps.push((step.performance, step.events.contains(CHOSE_RIGHT)));
        if step.terminated {
            break;
        }
    }
    steps
}

#[test]
fn the_late_reward_comes_as_many_steps_after_the_choice_as_the_chain_is_long() {
    for length in [1, 2, 7, 255, 256] {
        let mut world = make(&format!("length = {length}"));
        for other in [LEFT, RIGHT] {
            let right = play(world.as_mut(), [RIGHT].into_iter().chain(std::iter::repeat(other)));
            assert_eq!(right.len(), length + 1);
            assert_eq!(right[0], (0.0, true));
            assert!(right[1..length].iter().all(|step| *step == (0.0, false)));
            assert_eq!(right[length], (1.0, false));
        }
        let left = play(world.as_mut(), [LEFT].into_iter().chain(std::iter::repeat(RIGHT)));
        assert_eq!((left.len(), left[0]), (length + 1, (0.5, false)));
        assert!(left[1..].iter().all(|step| *step == (0.0, false)));
    }
}

#[test]
fn other_actions_stay_until_there_is_no_time_to_spare() {
    let mut world = make("length = 3\nnum_actions = 5\nreward_now = 0.25\nreward_later = -2.0");
    let staying = |steps| (0..steps).map(|step| STAY + step % 3).chain([RIGHT; 4]);
    let spared = play(world.as_mut(), staying(8));
    assert_eq!((spared.len(), spared[8], spared[11]), (12, (0.0, true), (-2.0, false)));
    let late = play(world.as_mut(), staying(9));
    assert_eq!((late.len(), late[9], late[11]), (12, (0.0, true), (0.0, false)));
    let never = play(world.as_mut(), std::iter::repeat(STAY));
    assert_eq!(never, [(0.0, false); 12]);
}

/// The best first action, and its value.
fn best(length: u32, rewards: (f64, f64), num_actions: usize, discount: f64) -> (usize, f64) {
    let (now, later) = rewards;
    let mut world = make(&format!(
        "length = {length}\nnum_actions = {num_actions}\nreward_now = {now:?}\nreward_later = {later:?}"
    ));
    world.reset(1);
    let solver = world.solver().expect("the world has an exact solution");
    let solution = solver.solve(Objective::Return(Ties::Best), discount);
    let saved = world.save();
    let action = solution.action(&saved).expect("the world's own state");
    (action, solution.value(&saved).expect("the world's own state"))
}

/// Going right is best if and only if γ^length · later > now.
#[test]
fn the_best_choice_is_that_of_the_formula() {
    let mut chosen = [0, 0];
    for discount in [0.5, 0.9, 0.97, 0.99, 0.997] {
        for rewards in [(0.5, 1.0), (0.1, 1.0), (0.5, 3.0)] {
            let (now, later) = rewards;
            let switch = (f64::ln(now / later) / f64::ln(discount)).floor() as u32;
            for length in [1, 2, switch.max(1), switch + 1, switch + 2] {
                if length > 256 {
                    continue;
                }
                for num_actions in [2, 3, 8] {
                    let right = discount.powi(length as i32) * later;
                    let expected = if right > now + 1e-9 { RIGHT } else { LEFT };
                    let (action, value) = best(length, rewards, num_actions, discount);
                    assert_eq!(action, expected, "{length} {rewards:?} {num_actions} {discount}");
                    assert!((value - right.max(now)).abs() < 1e-9, "{value}");
                    chosen[action] += 1;
                }
            }
        }
    }
    assert!(chosen.iter().all(|count| *count > 30), "{chosen:?}");
}

#[test]
fn at_a_discount_of_0_997_the_choice_switches_after_a_length_of_230() {
    let best = |length| best(length, (0.5, 1.0), 2, 0.997).0;
    assert_eq!([229, 230, 231, 232].map(best), [RIGHT, RIGHT, LEFT, LEFT]);
}

#[test]
fn an_observation_is_the_place_and_the_time() {
    let mut vector = make("length = 4\nobservation = 'vector'");
    assert_eq!(vector.description().observation_shape, [10]);
    let mut planes = make("length = 4");
    assert_eq!(planes.description().observation_shape, [2, 3, 4]);
    vector.reset(1);
    planes.reset(1);
    // The root is the first number; the right chain comes after the left one.
    let places = [(0, 4), (5, 8), (6, 9), (7, 10), (8, 11)];
    for (time, (in_vector, in_planes)) in places.into_iter().enumerate() {
        let share = time as f32 / 13.0;
        let mut expected = vec![0.0; 9];
        expected[in_vector] = 1.0;
        expected.push(share);
        let mut seen = vec![f32::NAN; 10];
        vector.observe(&mut seen);
        assert_eq!(seen, expected);
        let mut expected = vec![0.0; 12];
        expected[in_planes] = 1.0;
        expected.extend([share; 12]);
        let mut seen = vec![f32::NAN; 24];
        planes.observe(&mut seen);
        assert_eq!(seen, expected);
        for world in [&mut vector, &mut planes] {
            world.step(RIGHT).expect("the episode goes on");
        }
    }
}

#[test]
fn impossible_settings_are_named_with_their_range() {
    let entry = find("decision/delayed_choice").expect("the world is registered");
    for (settings, message) in [
        ("length = 0", "`length`: must be between 1 and 256, not 0"),
        ("length = 257", "`length`: must be between 1 and 256, not 257"),
        ("num_actions = 1", "`num_actions`: must be between 2 and 16, not 1"),
        ("num_actions = 17", "`num_actions`: must be between 2 and 16, not 17"),
        ("reward_now = 101.0", "`reward_now`: must be between -100 and 100, not 101"),
        ("reward_later = nan", "`reward_later`: must be between -100 and 100, not NaN"),
        ("hidden_in = ['left']", "`hidden_in`: there is no event `left`: the events are `right`"),
    ] {
        let error = (entry.resolve)(&settings.parse().expect("the settings are TOML"));
        assert_eq!(error.expect_err("they are impossible").to_string(), message);
    }
}

#[test]
fn plans_take_a_choice_and_go_to_the_end_of_its_chain() {
    for length in [1, 8, 256] {
        let mut world = make(&format!("length = {length}\nnum_actions = 3"));
        world.reset(1);
        let plans = world.plans();
        assert_eq!(plans.iter().map(|plan| plan.name).collect::<Vec<_>>(), ["left", "right"]);
        for (choice, plan) in plans.iter().enumerate() {
            assert_eq!((plan.actions.len(), plan.actions[0]), (length + 1, choice));
            assert_eq!(plan.actions[1..], plans[0].actions[1..], "only the choice differs");
            let mut copy = world.clone_box();
            let steps = plan.actions.iter().map(|action| copy.step(*action).expect("it goes on"));
            let steps: Vec<_> = steps.collect();
            assert!(steps[length].terminated);
            let earned: f32 = steps.iter().map(|step| step.performance).sum();
            assert_eq!(earned, [0.5, 1.0][choice]);
        }
        // With the time to spare used up, the next stay leaves too little for a plan.
        for spared in 0..=8 {
            assert_eq!(world.plans(), plans, "{spared}");
            world.step(STAY).expect("the episode goes on");
        }
        assert_eq!(world.plans(), []);
        world.reset(1);
        world.step(RIGHT).expect("the episode goes on");
        assert_eq!(world.plans(), [], "on a chain");
    }
}

#[test]
fn the_root_is_a_position_at_every_time() {
    let mut world = make("length = 4");
    world.reset(1);
    let start = world.save();
    let root = world.plans();
    for time in 0..13 {
        let positions = world.positions(time);
        assert_eq!(positions.iter().map(|it| it.tag).collect::<Vec<_>>(), ["choice"]);
        world.restore(&positions[0].state).expect("a position is a possible state");
        let mut planes = vec![f32::NAN; 24];
        world.observe(&mut planes);
        assert_eq!((planes[4], planes[23]), (1.0, time as f32 / 13.0));
        assert_eq!(world.plans(), if time <= 8 { root.clone() } else { Vec::new() });
    }
    assert_eq!(world.positions(13), []);
    world.restore(&start).expect("its own state");
    assert_eq!(world.plans(), root);
}
