//! The solver against a search through all policies, on small random environments.

use proptest::prelude::*;
use serde::{Deserialize, Serialize};
use zerolab_environments::tabular::{
    Anchors, Canvas, Expected, Layout, Model, Next, Objective, Outcome, Shown, ShownReward, Solver,
    Tabular, TabularEnvironment, Ties,
};
use zerolab_environments::{Environment, Events, Scene};

use crate::action_values::assert_action_values;

const ACTIONS: usize = 2;

/// A random environment. Its states are numbered; those of chance are stages after them.
#[derive(Clone, Debug)]
struct Random {
    horizon: u32,
    /// The first states, each as likely.
    starts: Vec<u8>,
    /// `[state, action]`
    actions: Vec<Vec<Outcome<State>>>,
    /// By chance state.
    chances: Vec<Vec<Outcome<State>>>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
struct State(u8);

impl Tabular for Random {
    type State = State;

    const TAG: &'static str = "random 1";
    const OPERATIONS: u64 = 1;

    fn size(&self) -> (usize, usize) {
        (1, 1)
    }

    fn num_actions(&self) -> usize {
        ACTIONS
    }

    fn horizon(&self) -> u32 {
        self.horizon
    }

    fn starts(&self) -> Vec<(f64, State)> {
        let probability = 1.0 / self.starts.len() as f64;
        self.starts.iter().map(|state| (probability, State(*state))).collect()
    }

    fn outcomes(&self, state: &State, action: usize, out: &mut Vec<Outcome<State>>) {
        out.extend_from_slice(&self.actions[usize::from(state.0) * ACTIONS + action]);
    }

    fn chance(&self, state: &State, out: &mut Vec<Outcome<State>>) {
        out.extend_from_slice(&self.chances[usize::from(state.0)]);
    }

    fn draw(&self, _state: &State, _canvas: &mut Canvas<'_>) {}

    fn scene(&self, _state: &State) -> Option<Scene> {
        None
    }

    fn is_playable(&self, _state: &State) -> bool {
        true
    }
}

/// One to three outcomes, with rewards among few numbers so that ties are common. They lead to states below
/// `states`, and to chance states from `chances.0` on.
fn outcomes(states: u8, chances: (u8, u8)) -> impl Strategy<Value = Vec<Outcome<State>>> {
    let next = (0..4, 0..states, chances.0..chances.1.max(chances.0 + 1)).prop_map(
        move |(kind, state, chance)| match kind {
            0 if chances.0 < chances.1 => Next::Chance(State(chance)),
            1 => Next::End(State(state)),
            _ => Next::State(State(state)),
        },
    );
    prop::collection::vec((1..4, -1..3, -1..3, next), 1..4).prop_map(|parts| {
        let total: i32 = parts.iter().map(|part| part.0).sum();
        let outcome = |(weight, reward, performance, next)| Outcome {
            probability: f64::from(weight) / f64::from(total),
            reward: f64::from(reward),
            performance: f64::from(performance),
            events: Events::NONE,
            next,
        };
        parts.into_iter().map(outcome).collect()
    })
}

/// Up to four states at a horizon with at most 16 decisions that policies can differ in.
fn environments() -> impl Strategy<Value = Random> {
    let sizes = prop_oneof![(Just(2_u8), 1..=4_u32), (Just(3), 1..=3_u32), (Just(4), 1..=3_u32)];
    sizes.prop_flat_map(|(states, horizon)| {
        let starts = prop::collection::vec(0..states, 1..3);
        let actions =
            prop::collection::vec(outcomes(states, (0, 2)), usize::from(states) * ACTIONS);
        // The first leads to the second, the second to no other.
        let chances = (outcomes(states, (1, 2)), outcomes(states, (2, 2)));
        (Just(horizon), starts, actions, chances).prop_map(|(horizon, starts, actions, chances)| {
            Random { horizon, starts, actions, chances: vec![chances.0, chances.1] }
        })
    })
}

/// A policy, and the discount at which rewards are added up.
#[derive(Clone, Copy)]
struct Evaluation<'a> {
    world: &'a Random,
    discount: f64,
    policy: Policy<'a>,
}

impl Evaluation<'_> {
    /// What is expected from these outcomes on.
    fn of_outcomes(self, outcomes: &[Outcome<State>], time: u32) -> Expected {
        let mut sum = Expected::default();
        for outcome in outcomes {
            let (discount, later) = match outcome.next {
                Next::State(state) => (self.discount, self.of_state(state, time + 1)),
                Next::Chance(state) => {
                    (1.0, self.of_outcomes(&self.world.chances[usize::from(state.0)], time))
                }
                Next::End(_) => (0.0, Expected::default()),
            };
            sum.r#return += outcome.probability * (outcome.reward + discount * later.r#return);
            sum.performance +=
                outcome.probability * (outcome.performance + discount * later.performance);
        }
        sum
    }

    /// What is expected from a state on.
    fn of_state(self, state: State, time: u32) -> Expected {
        let mut sum = Expected::default();
        if time == self.world.horizon {
            return sum;
        }
        for action in 0..ACTIONS {
            let probability = (self.policy)(state, time, action);
            if probability > 0.0 {
                let row = &self.world.actions[usize::from(state.0) * ACTIONS + action];
                let reached = self.of_outcomes(row, time);
                sum.r#return += probability * reached.r#return;
                sum.performance += probability * reached.performance;
            }
        }
        sum
    }

    /// What an episode is expected to reach.
    fn of_episode(self) -> Expected {
        let mut sum = Expected::default();
        for (probability, state) in self.world.starts() {
            let reached = self.of_state(state, 0);
            sum.r#return += probability * reached.r#return;
            sum.performance += probability * reached.performance;
        }
        sum
    }
}

/// The probability of an action in a state at a time.
type Policy<'a> = &'a dyn Fn(State, u32, usize) -> f64;

/// What `evaluate` finds for each deterministic policy.
fn of_all_policies(
    world: &Random,
    discount: f64,
    evaluate: impl Fn(Evaluation<'_>) -> Expected,
) -> Vec<Expected> {
    let states = world.actions.len() / ACTIONS;
    let decisions = states * world.horizon as usize;
    let evaluated = |actions: u32| {
        let policy = |state: State, time: u32, action: usize| {
            let decision = time as usize * states + usize::from(state.0);
            let chosen = (actions >> decision & 1) as usize;
            f64::from(u8::from(chosen == action))
        };
        evaluate(Evaluation { world, discount, policy: &policy })
    };
    (0..1 << decisions).map(evaluated).collect()
}

/// The anchors by a search through all deterministic policies.
fn searched(world: &Random) -> Anchors {
    let reached = of_all_policies(world, 1.0, |policy| policy.of_episode());
    // The greatest by the first number, and among the greatest by the second.
    let best = |rank: fn(&Expected) -> (f64, f64)| {
        let first = reached.iter().map(|it| rank(it).0).fold(f64::NEG_INFINITY, f64::max);
        let ties = reached.iter().filter(|it| rank(it).0 > first - 1e-9);
        *ties.max_by(|a, b| rank(a).1.total_cmp(&rank(b).1)).expect("there is a policy")
    };
    let uniform = |_: State, _: u32, _: usize| 1.0 / ACTIONS as f64;
    Anchors {
        random: Evaluation { world, discount: 1.0, policy: &uniform }.of_episode(),
        best_return: best(|it| (it.r#return, it.performance)),
        best_return_worst_tie: best(|it| (it.r#return, -it.performance)),
        best_performance: best(|it| (it.performance, it.r#return)),
    }
}

fn assert_near(solved: Expected, searched: Expected) {
    let difference = (solved.r#return - searched.r#return)
        .abs()
        .max((solved.performance - searched.performance).abs());
    assert!(difference < 1e-6, "{solved:?} is not {searched:?}");
}

proptest! {
    #[test]
    fn the_solver_finds_the_best_of_all_policies(world in environments()) {
        let (solved, searched) = (Model::new(&world).anchors(1.0), searched(&world));
        assert_near(solved.random, searched.random);
        assert_near(solved.best_return, searched.best_return);
        assert_near(solved.best_return_worst_tie, searched.best_return_worst_tie);
        assert_near(solved.best_performance, searched.best_performance);
    }

    #[test]
    fn an_action_is_worth_what_it_leads_to(world in environments(), discount in 0.0..=1.0) {
        assert_action_values(&world, discount, 10);
    }

    #[test]
    fn a_state_is_worth_what_the_best_of_all_policies_gets(
        world in environments(), discount in 0.0..1.0,
    ) {
        let shown =
            Shown { layout: Layout::Planes, reward: ShownReward::Paid, hidden: Events::NONE };
        let mut environment = TabularEnvironment::new("random", world.clone(), shown);
        environment.reset(1);
        let (start, saved) = (*environment.state(), environment.save());
        let reached = of_all_policies(&world, discount, |policy| policy.of_state(start, 0));
        let best = |of: fn(&Expected) -> f64| reached.iter().map(of).fold(f64::MIN, f64::max);
        for (objective, best) in [
            (Objective::Return(Ties::Best), best(|it| it.r#return)),
            (Objective::Performance, best(|it| it.performance)),
        ] {
            let value = environment.solve(objective, discount).value(&saved);
            let value = value.expect("the environment's own state");
            prop_assert!((value - best).abs() < 1e-6, "{value} is not {best}");
        }
    }
}
