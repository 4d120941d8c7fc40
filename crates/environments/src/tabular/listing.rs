//! All states of an environment that can be reached, and their outcomes as rows of numbers.

use std::collections::{BTreeSet, HashMap, HashSet};

use super::outcome::{Next, Outcome, Tabular};

/// An outcome, with the place of what follows.
#[derive(Clone, Copy, Debug)]
pub(super) struct Edge {
    pub(super) probability: f64,
    pub(super) reward: f64,
    pub(super) performance: f64,
    pub(super) next: Place,
}

/// What follows: a place in the list of states, a row of [`Listing::chances`], or the end. 32 bits keep edges
/// small, as solving a large environment is bound by memory.
#[derive(Clone, Copy, Debug)]
pub(super) enum Place {
    State(u32),
    Chance(u32),
    End,
}

/// Rows of outcomes.
#[derive(Clone, Debug, Default)]
pub(super) struct Rows {
    /// Where each row ends.
    ends: Vec<usize>,
    edges: Vec<Edge>,
}

impl Rows {
    fn push(&mut self, edges: &[Edge]) {
        self.edges.extend_from_slice(edges);
        self.ends.push(self.edges.len());
    }

    pub(super) fn len(&self) -> usize {
        self.ends.len()
    }

    pub(super) fn row(&self, row: usize) -> &[Edge] {
        let begin = if row == 0 { 0 } else { self.ends[row - 1] };
        &self.edges[begin..self.ends[row]]
    }
}

/// The states in which the agent acts, in their own order. So states that are alike are near each other, which
/// makes solving a large environment several times faster.
pub(super) fn reachable<T: Tabular>(table: &T) -> Vec<T::State> {
    let (mut states, mut between) = (BTreeSet::new(), HashSet::new());
    let mut open: Vec<_> =
        table.starts().into_iter().map(|(_, state)| Next::State(state)).collect();
    let mut outcomes = Vec::new();
    while let Some(next) = open.pop() {
        match next {
            Next::State(state) if states.insert(state) => {
                for action in 0..table.num_actions() {
                    table.outcomes(&state, action, &mut outcomes);
                }
            }
            Next::Chance(state) if between.insert(state) => table.chance(&state, &mut outcomes),
            Next::State(_) | Next::Chance(_) | Next::End(_) => {}
        }
        open.extend(outcomes.drain(..).map(|outcome| outcome.next));
    }
    states.into_iter().collect()
}

/// The outcomes of an environment.
pub(super) struct Listing<'a, T: Tabular> {
    table: &'a T,
    /// The place of each state in which the agent acts.
    states: &'a HashMap<T::State, usize>,
    /// The row of each state in which chance acts.
    between: HashMap<T::State, u32>,
    /// The outcomes of each state and action, row after row.
    pub(super) actions: Rows,
    /// The outcomes of chance. A row comes after those to which it leads.
    pub(super) chances: Rows,
}

impl<'a, T: Tabular> Listing<'a, T> {
    /// Lists the outcomes in `states`, which have the places in `places`.
    pub(super) fn new(
        table: &'a T,
        states: &[T::State],
        places: &'a HashMap<T::State, usize>,
    ) -> Self {
        let (actions, chances) = (Rows::default(), Rows::default());
        let mut listing = Self { table, states: places, between: HashMap::new(), actions, chances };
        let mut outcomes = Vec::new();
        for state in states {
            for action in 0..table.num_actions() {
                table.outcomes(state, action, &mut outcomes);
                let edges = listing.edges(&outcomes);
                listing.actions.push(&edges);
                outcomes.clear();
            }
        }
        listing
    }

    fn edges(&mut self, outcomes: &[Outcome<T::State>]) -> Vec<Edge> {
        let edge = |outcome: &Outcome<T::State>| Edge {
            probability: outcome.probability,
            reward: outcome.reward,
            performance: outcome.performance,
            next: match outcome.next {
                Next::State(state) => Place::State(self.states[&state] as u32),
                Next::Chance(state) => Place::Chance(self.chance(state)),
                Next::End(_) => Place::End,
            },
        };
        outcomes.iter().map(edge).collect()
    }

    /// The row of a state in which chance acts, after the rows to which it leads.
    fn chance(&mut self, state: T::State) -> u32 {
        if let Some(known) = self.between.get(&state) {
            return *known;
        }
        let mut outcomes = Vec::new();
        self.table.chance(&state, &mut outcomes);
        let edges = self.edges(&outcomes);
        let row = self.chances.len() as u32;
        self.chances.push(&edges);
        self.between.insert(state, row);
        row
    }
}
