//! What the target network said and what its searches found, kept to be used again.
//!
//! A network's value of an observation stays the same until the network changes. (But for rounding: matrix
//! products of few and of many rows need not agree to the last bit on a GPU. The cache is therefore part of what is saved.)
//! The outcome of a search would be another the next time: `reanalyse.reuse` says how long it may serve.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use crate::replay::Episode;

/// A state that was experienced.
#[derive(Clone, Copy, Debug)]
pub(crate) struct State<'a> {
    pub(crate) episode: &'a Episode,
    /// Which of the episode's observations shows it.
    pub(crate) observation: usize,
}

/// The number of a state's episode, and of its observation therein.
type Place = (u64, usize);

impl State<'_> {
    pub(crate) fn place(self) -> Place {
        (self.episode.number(), self.observation)
    }

    /// Whether an action was taken there: only then is it known which ones were legal.
    fn acted(self) -> bool {
        self.observation < self.episode.len()
    }

    /// Adds the `width` actions to `legal`; of an episode's last state it is not known, there all count as legal.
    pub(crate) fn legal(self, width: usize, legal: &mut Vec<bool>) {
        if self.acted() {
            legal.extend_from_slice(&self.episode.legal[self.observation * width..][..width]);
        } else {
            legal.extend(std::iter::repeat_n(true, width));
        }
    }
}

/// What is seen in `states`, `[N, observation]`.
pub(crate) fn observations(states: &[State<'_>]) -> Vec<f32> {
    let mut rows = Vec::new();
    for state in states {
        state.episode.read_observation(state.observation, &mut rows);
    }
    rows
}

/// What a search found.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(crate) struct Outcome {
    /// `[A]`
    pub(crate) policy: Vec<f32>,
    /// Of the root.
    pub(crate) value: f32,
}

/// An outcome, and what it is worth.
#[derive(Clone, Debug, Serialize, Deserialize)]
struct Kept {
    outcome: Outcome,
    /// In which update it was found.
    update: u64,
    /// Whether the search knew which actions were legal.
    acted: bool,
}

/// Values by the target network, and outcomes of searches.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
pub(crate) struct Cache {
    /// The target network that the values are of.
    target_version: u64,
    values: BTreeMap<Place, f32>,
    update: u64,
    searches: BTreeMap<Place, Kept>,
}

impl Cache {
    /// Begins update `update` with the target network of `target_version`: forgets the values of another, and
    /// all about episodes older than the one numbered `oldest`.
    pub(crate) fn begin(&mut self, update: u64, target_version: u64, oldest: u64) {
        if self.target_version != target_version {
            self.values.clear();
        }
        (self.update, self.target_version) = (update, target_version);
        drop_older(&mut self.values, oldest);
        drop_older(&mut self.searches, oldest);
    }

    /// What the target network says of `states`. `ask` asks it about those that it was not asked about before, each
    /// once. 0 where there is no state.
    pub(crate) fn values<E>(
        &mut self,
        states: &[Option<State<'_>>],
        ask: impl FnOnce(&[State<'_>]) -> Result<Vec<f32>, E>,
    ) -> Result<Vec<f32>, E> {
        let unknown = states.iter().flatten().filter(|state| self.value(**state).is_none());
        let unknown: BTreeMap<_, _> = unknown.map(|&state| (state.place(), state)).collect();
        let unknown: Vec<_> = unknown.into_values().collect();
        if !unknown.is_empty() {
            let values = ask(&unknown)?;
            unknown.iter().zip(values).for_each(|(state, value)| self.keep_value(*state, value));
        }
        let value = |state: &Option<State<'_>>| state.and_then(|state| self.value(state));
        Ok(states.iter().map(|state| value(state).unwrap_or_default()).collect())
    }

    /// What the target network says of a state, if it has been asked.
    pub(crate) fn value(&self, state: State<'_>) -> Option<f32> {
        self.values.get(&state.place()).copied()
    }

    pub(crate) fn keep_value(&mut self, state: State<'_>, value: f32) {
        self.values.insert(state.place(), value);
    }

    /// What a search of a state found in this update or one of the `reuse` before it.
    pub(crate) fn outcome(&self, state: State<'_>, reuse: u64) -> Option<&Outcome> {
        let kept = self.searches.get(&state.place())?;
        let serves = self.update - kept.update <= reuse && kept.acted == state.acted();
        serves.then_some(&kept.outcome)
    }

    pub(crate) fn keep_outcome(&mut self, state: State<'_>, outcome: Outcome) {
        let kept = Kept { outcome, update: self.update, acted: state.acted() };
        self.searches.insert(state.place(), kept);
    }
}

fn drop_older<T>(kept: &mut BTreeMap<Place, T>, oldest: u64) {
    while let Some(first) = kept.first_entry()
        && first.key().0 < oldest
    {
        first.remove();
    }
}
