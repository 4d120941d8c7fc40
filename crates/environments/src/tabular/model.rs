//! The whole list of an environment, and its exact solution by backward induction.

use std::collections::HashMap;
use std::collections::hash_map::Entry;
use std::hash::Hash;
use std::ops::Range;

use super::outcome::{Next, Outcome, Tabular};
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
    /// The outcomes of each state in which chance acts.
    chances: Rows,
    /// The places of the chance states, each after those that chance makes of it.
    chance_order: Vec<usize>,
}

/// Rows of outcomes.
#[derive(Clone, Debug, Default)]
struct Rows {
    /// Where each row ends.
    ends: Vec<usize>,
    outcomes: Vec<Edge>,
}

/// An outcome, with the place of what follows.
#[derive(Clone, Copy, Debug)]
struct Edge {
    probability: f64,
    reward: f64,
    performance: f64,
    next: Place,
}

#[derive(Clone, Copy, Debug)]
enum Place {
    State(usize),
    Chance(usize),
    End,
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
        let mut states = Numbered::default();
        let mut between = Numbered::default();
        let starts: Vec<(f64, usize)> = table
            .starts()
            .into_iter()
            .map(|(probability, state)| (probability, states.place(state)))
            .collect();
        let (mut actions, mut chances) = (Rows::default(), Rows::default());
        let mut outcomes = Vec::new();
        // New states are appended while the earlier ones are looked at.
        let (mut state, mut chance) = (0, 0);
        while state < states.all.len() || chance < between.all.len() {
            if let Some(&from) = states.all.get(state) {
                state += 1;
                for action in 0..table.num_actions() {
                    table.outcomes(&from, action, &mut outcomes);
                    actions.push(outcomes.drain(..), &mut states, &mut between);
                }
            } else if let Some(&from) = between.all.get(chance) {
                chance += 1;
                table.chance(&from, &mut outcomes);
                chances.push(outcomes.drain(..), &mut states, &mut between);
            }
        }
        let chance_order = chances.order();
        let (horizon, num_actions) = (table.horizon(), table.num_actions());
        let Numbered { all: states, places } = states;
        Self { horizon, num_actions, states, places, starts, actions, chances, chance_order }
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
        let reached = |policy| self.evaluate(policy, discount, |_| ());
        let best = |objective| reached(Policy::Best(objective));
        Anchors {
            random: reached(Policy::UniformlyRandom),
            best_return: best(Objective::Return(Ties::Best)),
            best_return_worst_tie: best(Objective::Return(Ties::Worst)),
            best_performance: best(Objective::Performance),
        }
    }

    /// What the best policy reaches. `decide` gets each of its decisions, the latest first.
    pub(super) fn best(
        &self,
        objective: Objective,
        discount: f64,
        decide: impl FnMut(Decision),
    ) -> Expected {
        self.evaluate(Policy::Best(objective), discount, decide)
    }

    /// Backward induction: the values of all states, from the last step to the first.
    fn evaluate(
        &self,
        policy: Policy,
        discount: f64,
        mut decide: impl FnMut(Decision),
    ) -> Expected {
        let mut later = vec![Value::default(); self.num_states()];
        let mut now = later.clone();
        let mut between = vec![Value::default(); self.chance_order.len()];
        let mut choices = vec![Value::default(); self.num_actions];
        for time in (0..self.horizon).rev() {
            for &chance in &self.chance_order {
                between[chance] = self.chances.expected(chance, &later, &between, discount);
            }
            for (place, value) in now.iter_mut().enumerate() {
                let first = place * self.num_actions;
                for (action, choice) in choices.iter_mut().enumerate() {
                    *choice = self.actions.expected(first + action, &later, &between, discount);
                }
                let action;
                (action, *value) = policy.choose(&choices);
                decide(Decision { time, place, action, value: policy.objective(value) });
            }
            std::mem::swap(&mut now, &mut later);
        }
        let start = |&(probability, place): &(f64, usize)| later[place].sums.times(probability);
        self.starts.iter().map(start).fold(Expected::default(), Expected::plus)
    }
}

impl Policy {
    /// The action and the value of acting, of the values of all actions.
    fn choose(self, choices: &[Value]) -> (usize, Value) {
        match self {
            Self::UniformlyRandom => {
                let share = 1.0 / choices.len() as f64;
                let mean = choices.iter().fold(Value::default(), |sum, each| sum.plus(share, each));
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
                    let (of, tie) = rank(&choices[action]);
                    let (of_best, tie_of_best) = rank(&choices[best]);
                    if of > of_best + TIE || (of > of_best - TIE && tie > tie_of_best + TIE) {
                        best = action;
                    }
                }
                (best, choices[best])
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
}

impl Rows {
    fn push<S: Copy + Eq + Hash>(
        &mut self,
        outcomes: impl Iterator<Item = Outcome<S>>,
        states: &mut Numbered<S>,
        between: &mut Numbered<S>,
    ) {
        self.outcomes.extend(outcomes.map(|outcome| Edge {
            probability: outcome.probability,
            reward: outcome.reward,
            performance: outcome.performance,
            next: match outcome.next {
                Next::State(state) => Place::State(states.place(state)),
                Next::Chance(state) => Place::Chance(between.place(state)),
                Next::End(_) => Place::End,
            },
        }));
        self.ends.push(self.outcomes.len());
    }

    fn row(&self, row: usize) -> &[Edge] {
        let begin = if row == 0 { 0 } else { self.ends[row - 1] };
        let range: Range<usize> = begin..self.ends[row];
        &self.outcomes[range]
    }

    /// What is expected of a row, given the values one step later and of the chance states.
    fn expected(&self, row: usize, later: &[Value], between: &[Value], discount: f64) -> Value {
        let mut expected = Value::default();
        for edge in self.row(row) {
            let own = Expected { r#return: edge.reward, performance: edge.performance };
            let (factor, next) = match edge.next {
                Place::State(place) => (discount, later[place]),
                Place::Chance(place) => (1.0, between[place]),
                Place::End => (0.0, Value::default()),
            };
            let value = Value {
                discounted_return: edge.reward + factor * next.discounted_return,
                discounted_performance: edge.performance + factor * next.discounted_performance,
                sums: own.plus(next.sums),
            };
            expected = expected.plus(edge.probability, &value);
        }
        expected
    }

    /// The rows, each after those to which its outcomes lead by chance.
    fn order(&self) -> Vec<usize> {
        let mut depths = vec![0_usize; self.ends.len()];
        let mut changed = true;
        while changed {
            changed = false;
            for row in 0..depths.len() {
                let below = self.row(row).iter().map(|edge| match edge.next {
                    Place::Chance(place) => depths[place] + 1,
                    Place::State(_) | Place::End => 0,
                });
                let depth = below.max().unwrap_or(0);
                changed |= depth != depths[row];
                depths[row] = depth;
            }
        }
        let mut order: Vec<usize> = (0..depths.len()).collect();
        order.sort_by_key(|&row| depths[row]);
        order
    }
}

/// States, numbered in the order in which they were found.
struct Numbered<S> {
    all: Vec<S>,
    places: HashMap<S, usize>,
}

impl<S> Default for Numbered<S> {
    fn default() -> Self {
        Self { all: Vec::new(), places: HashMap::new() }
    }
}

impl<S: Copy + Eq + Hash> Numbered<S> {
    fn place(&mut self, state: S) -> usize {
        match self.places.entry(state) {
            Entry::Occupied(known) => *known.get(),
            Entry::Vacant(new) => {
                self.all.push(state);
                *new.insert(self.all.len() - 1)
            }
        }
    }
}
