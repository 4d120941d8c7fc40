//! The whole list of an environment, and its exact solution by backward induction.

use std::collections::HashMap;

use super::listing::{Edge, Listing, Place, Rows, reachable};
use super::outcome::Tabular;
use super::solution::{Anchors, Expected, Objective, Ties};

/// Values that differ by less are equally good, so that rounding does not break ties.
const TIE: f64 = 1e-9;

/// All states that can be reached, and the outcomes of every action in them.
#[derive(Clone, Debug)]
pub struct Model<T: Tabular> {
    horizon: u32,
    num_actions: usize,
    states: Vec<T::State>,
    /// The place of each state in `states`.
    places: HashMap<T::State, usize>,
    starts: Vec<(f64, usize)>,
    /// The outcomes of each state and action, row after row.
    actions: Rows,
    /// The outcomes of chance. A row comes after those to which it leads.
    chances: Rows,
}

/// What is expected from a state on.
#[derive(Clone, Copy, Debug, Default)]
struct Value {
    /// Discounted sum of paid rewards.
    discounted_return: f64,
    /// Discounted sum of true rewards.
    discounted_performance: f64,
    /// The undiscounted sums.
    sums: Expected,
}

/// How a policy acts.
#[derive(Clone, Copy, Debug)]
enum Policy {
    UniformlyRandom,
    Best(Objective),
}

/// A decision of a policy at some time.
pub(super) struct Decision {
    /// Steps before it.
    pub(super) time: u32,
    /// The place of the state.
    pub(super) place: usize,
    /// The action; 0 for a random policy.
    pub(super) action: usize,
    /// The discounted value of the objective; of the paid reward for a random policy.
    pub(super) value: f64,
}

impl<T: Tabular> Model<T> {
    /// Lists the environment.
    pub fn new(table: &T) -> Self {
        let states = reachable(table);
        let places: HashMap<_, _> =
            states.iter().enumerate().map(|(place, state)| (*state, place)).collect();
        let Listing { actions, chances, .. } = Listing::new(table, &states, &places);
        let start = |(probability, state)| (probability, places[&state]);
        let starts = table.starts().into_iter().map(start).collect();
        let (horizon, num_actions) = (table.horizon(), table.num_actions());
        Self { horizon, num_actions, states, places, starts, actions, chances }
    }

    /// The number of states in which the agent acts, without the time.
    pub fn num_states(&self) -> usize {
        self.states.len()
    }

    /// The states, in the order of their places.
    pub(super) fn states(&self) -> &[T::State] {
        &self.states
    }

    /// The place of a state in the list; `None` if it cannot be reached.
    pub(super) fn place(&self, state: &T::State) -> Option<usize> {
        self.places.get(state).copied()
    }

    /// What the exactly known policies reach; the best ones are those at `discount`.
    pub fn anchors(&self, discount: f64) -> Anchors {
        let policies = [
            Policy::UniformlyRandom,
            Policy::Best(Objective::Return(Ties::Best)),
            Policy::Best(Objective::Return(Ties::Worst)),
            Policy::Best(Objective::Performance),
        ];
        let [random, best_return, best_return_worst_tie, best_performance] =
            self.evaluate(policies, discount, |_| ());
        Anchors { random, best_return, best_return_worst_tie, best_performance }
    }

    /// What the best policy reaches. `decide` gets each of its decisions, the latest first.
    pub(super) fn best(
        &self,
        objective: Objective,
        discount: f64,
        decide: impl FnMut(Decision),
    ) -> Expected {
        let [expected] = self.evaluate([Policy::Best(objective)], discount, decide);
        expected
    }

    /// `[A]`: the value of each action in the state at `place`. `later` are the values of states one step later.
    pub(super) fn action_values(
        &self,
        place: usize,
        objective: Objective,
        discount: f64,
        later: &dyn Fn(usize) -> f64,
    ) -> Vec<f64> {
        let first = place * self.num_actions;
        let rows = (first..first + self.num_actions).map(|row| self.actions.row(row));
        rows.map(|row| self.value_of(row, objective, discount, later)).collect()
    }

    /// The expected value of these outcomes. It follows the chances of this step, instead of working out all chances
    /// of the environment.
    fn value_of(
        &self,
        outcomes: &[Edge],
        objective: Objective,
        discount: f64,
        later: &dyn Fn(usize) -> f64,
    ) -> f64 {
        let value = |outcome: &Edge| {
            let reward = match objective {
                Objective::Return(_) => outcome.reward,
                Objective::Performance => outcome.performance,
            };
            let next = match outcome.next {
                Place::State(place) => discount * later(place as usize),
                Place::Chance(row) => {
                    self.value_of(self.chances.row(row as usize), objective, discount, later)
                }
                Place::End => 0.0,
            };
            outcome.probability * (reward + next)
        };
        outcomes.iter().map(value).sum()
    }

    /// Backward induction: the values of all states, from the last step to the first. It goes through the list
    /// once for all policies, because reading the list takes most of the time.
    fn evaluate<const N: usize>(
        &self,
        policies: [Policy; N],
        discount: f64,
        mut decide: impl FnMut(Decision),
    ) -> [Expected; N] {
        let mut later = vec![[Value::default(); N]; self.num_states()];
        let mut now = later.clone();
        let mut between = Vec::with_capacity(self.chances.len());
        let mut choices = vec![[Value::default(); N]; self.num_actions];
        for time in (0..self.horizon).rev() {
            between.clear();
            for chance in 0..self.chances.len() {
                between.push(expected(self.chances.row(chance), &later, &between, discount));
            }
            for (place, values) in now.iter_mut().enumerate() {
                let first = place * self.num_actions;
                for (action, choice) in choices.iter_mut().enumerate() {
                    let row = self.actions.row(first + action);
                    *choice = expected(row, &later, &between, discount);
                }
                for (index, policy) in policies.iter().enumerate() {
                    let action;
                    (action, values[index]) = policy.choose(&choices, index);
                    let value = policy.objective(&values[index]);
                    decide(Decision { time, place, action, value });
                }
            }
            std::mem::swap(&mut now, &mut later);
        }
        std::array::from_fn(|index| {
            let start = |&(share, place): &(f64, usize)| later[place][index].sums.times(share);
            self.starts.iter().map(start).fold(Expected::default(), Expected::plus)
        })
    }
}

impl Policy {
    /// The action and the value of acting, of the values of all actions. `index` is that of the policy.
    fn choose<const N: usize>(self, choices: &[[Value; N]], index: usize) -> (usize, Value) {
        match self {
            Self::UniformlyRandom => {
                let share = 1.0 / choices.len() as f64;
                let mean = choices
                    .iter()
                    .fold(Value::default(), |sum, choice| sum.plus(share, &choice[index]));
                (0, mean)
            }
            Self::Best(objective) => {
                let rank = |value: &Value| match objective {
                    Objective::Return(Ties::Best) => {
                        (value.discounted_return, value.discounted_performance)
                    }
                    Objective::Return(Ties::Worst) => {
                        (value.discounted_return, -value.discounted_performance)
                    }
                    Objective::Performance => {
                        (value.discounted_performance, value.discounted_return)
                    }
                };
                let mut best = 0;
                for action in 1..choices.len() {
                    let (of, tie) = rank(&choices[action][index]);
                    let (of_best, tie_of_best) = rank(&choices[best][index]);
                    if of > of_best + TIE || (of > of_best - TIE && tie > tie_of_best + TIE) {
                        best = action;
                    }
                }
                (best, choices[best][index])
            }
        }
    }

    fn objective(self, value: &Value) -> f64 {
        match self {
            Self::Best(Objective::Performance) => value.discounted_performance,
            Self::UniformlyRandom | Self::Best(Objective::Return(_)) => value.discounted_return,
        }
    }
}

impl Value {
    /// The sum with `share` times `other`.
    fn plus(self, share: f64, other: &Self) -> Self {
        Self {
            discounted_return: self.discounted_return + share * other.discounted_return,
            discounted_performance: self.discounted_performance
                + share * other.discounted_performance,
            sums: self.sums.plus(other.sums.times(share)),
        }
    }

    /// The value of an outcome that leads to this value.
    fn after(&self, outcome: &Edge, discount: f64) -> Self {
        let own = Expected { r#return: outcome.reward, performance: outcome.performance };
        Self {
            discounted_return: outcome.reward + discount * self.discounted_return,
            discounted_performance: outcome.performance + discount * self.discounted_performance,
            sums: own.plus(self.sums),
        }
    }
}

/// What each policy expects of these outcomes, given its values one step later and of the chance states.
fn expected<const N: usize>(
    outcomes: &[Edge],
    later: &[[Value; N]],
    between: &[[Value; N]],
    discount: f64,
) -> [Value; N] {
    let mut expected = [Value::default(); N];
    for outcome in outcomes {
        let (factor, next) = match outcome.next {
            Place::State(place) => (discount, &later[place as usize]),
            Place::Chance(row) => (1.0, &between[row as usize]),
            Place::End => (0.0, &[Value::default(); N]),
        };
        for (sum, value) in expected.iter_mut().zip(next) {
            *sum = sum.plus(outcome.probability, &value.after(outcome, factor));
        }
    }
    expected
}
