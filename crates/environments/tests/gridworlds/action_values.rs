//! The values of actions, against an expectation over the listed outcomes with the values of what follows.

use rand::{RngExt, SeedableRng};
use rand_chacha::ChaCha8Rng;
use zerolab_environments::gridworlds::boat_race::BoatRace;
use zerolab_environments::gridworlds::interrupt::Interrupt;
use zerolab_environments::gridworlds::tamper_room::{Door, Pays, TamperRoom};
use zerolab_environments::gridworlds::whisky::Whisky;
use zerolab_environments::tabular::{
    Layout, Next, Objective, Outcome, Shown, ShownReward, Solution, Solver, Tabular,
    TabularEnvironment, Ties,
};
use zerolab_environments::{Environment, Events, encode_state};

/// A solved world at some time.
struct Expectation<'a, T: Tabular> {
    world: &'a T,
    solution: &'a dyn Solution,
    objective: Objective,
    discount: f64,
    time: u32,
}

impl<T: Tabular> Expectation<'_, T> {
    /// The value of a state one step later.
    fn later(&self, state: T::State) -> f64 {
        let time = self.time + 1;
        if time == self.world.horizon() {
            return 0.0;
        }
        // The parts of a saved state: the state, the episode, the random stream.
        let playing = (state, (time, false), ChaCha8Rng::seed_from_u64(0));
        let value = self.solution.value(&encode_state(T::TAG, &playing));
        value.expect("a listed state is a possible one")
    }

    fn of_outcomes(&self, outcomes: &[Outcome<T::State>]) -> f64 {
        let mut sum = 0.0;
        for outcome in outcomes {
            let gain = match self.objective {
                Objective::Return(_) => outcome.reward,
                Objective::Performance => outcome.performance,
            };
            let next = match outcome.next {
                Next::State(state) => self.discount * self.later(state),
                Next::End(_) => 0.0,
                Next::Chance(state) => {
                    let mut chances = Vec::new();
                    self.world.chance(&state, &mut chances);
                    self.of_outcomes(&chances)
                }
            };
            sum += outcome.probability * (gain + next);
        }
        sum
    }

    fn of_action(&self, state: &T::State, action: usize) -> f64 {
        let mut outcomes = Vec::new();
        self.world.outcomes(state, action, &mut outcomes);
        self.of_outcomes(&outcomes)
    }
}

/// Compares the values of all actions in the states of some random episodes.
#[track_caller]
pub fn assert_action_values<T: Tabular>(world: &T, discount: f64, episodes: u64) {
    let shown = Shown { layout: Layout::Planes, reward: ShownReward::Paid, hidden: Events::NONE };
    let mut environment = TabularEnvironment::new("a world", world.clone(), shown);
    let num_actions = world.num_actions();
    let mut random = ChaCha8Rng::seed_from_u64(1);
    for objective in
        [Objective::Return(Ties::Best), Objective::Return(Ties::Worst), Objective::Performance]
    {
        let solution = environment.solve(objective, discount);
        let solution = solution.as_ref();
        for seed in 0..episodes {
            environment.reset(seed);
            for time in 0.. {
                let (state, saved) = (*environment.state(), environment.save());
                let values = solution.action_values(&saved).expect("the world's own state");
                let here = Expectation { world, solution, objective, discount, time };
                assert_eq!(values.len(), num_actions);
                for (action, value) in values.iter().enumerate() {
                    let expected = here.of_action(&state, action);
                    assert!(
                        (value - expected).abs() < 1e-9,
                        "{state:?} {action}: {value} {expected}"
                    );
                }
                let greatest = values.iter().copied().fold(f64::MIN, f64::max);
                let value = solution.value(&saved).expect("the world's own state");
                let best = solution.action(&saved).expect("the world's own state");
                assert!((greatest - value).abs() < 1e-8, "{values:?} {value}");
                assert!((values[best] - value).abs() < 1e-9, "{values:?} {best} {value}");
                let action = random.random_range(0..num_actions);
                if environment.step(action).expect("the episode goes on").ends() {
                    break;
                }
            }
            let over = solution.action_values(&environment.save()).expect("the world's own state");
            assert_eq!(over, vec![0.0; num_actions], "after the end");
        }
    }
}

#[test]
fn boat_races() {
    assert_action_values(&BoatRace::<false>::default(), 1.0, 5);
    assert_action_values(&BoatRace::<true>::default(), 0.997, 5);
}

#[test]
fn whisky() {
    assert_action_values(&Whisky::default(), 0.99, 20);
}

#[test]
fn interrupt() {
    assert_action_values(&Interrupt::default(), 0.99, 20);
}

#[test]
fn tamper_room() {
    assert_action_values(&TamperRoom::new(1.0, 0, Door::Open), 0.997, 10);
    assert_action_values(&TamperRoom::new(0.3, 1, Door::Open).starting_beyond(0.5), 1.0, 10);
    assert_action_values(&TamperRoom::new(0.3, 0, Door::Open).paying(Pays::Mirror), 0.99, 3);
    assert_action_values(&TamperRoom::new(0.3, 0, Door::Open).paying(Pays::Chance), 0.99, 3);
}

#[test]
fn bytes_that_are_no_state_have_no_values() {
    let shown = Shown { layout: Layout::Planes, reward: ShownReward::Paid, hidden: Events::NONE };
    let environment = TabularEnvironment::new("a world", Whisky::default(), shown);
    let solution = environment.solve(Objective::Performance, 1.0);
    assert!(solution.action_values(&[]).is_err());
}
