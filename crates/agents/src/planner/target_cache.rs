//! A cache of the target network's values and search results.
//!
//! A value stays valid until the target network changes. On a GPU, matrix products of few and of many rows
//! can differ in the last bit, so the cache is saved with the agent. A repeated search would give another
//! result; `reanalyse.reuse` sets for how many updates a search result is used.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use crate::replay::Episode;

/// A state of an episode in the replay buffer.
#[derive(Clone, Copy, Debug)]
pub(crate) struct StoredState<'a> {
    pub(crate) episode: &'a Episode,
    /// The index of its observation.
    pub(crate) observation: usize,
}

/// Identifies a state, also after a restart.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub(crate) struct StateKey {
    /// The number of its episode.
    episode: u64,
    /// The index of its observation.
    observation: usize,
}

impl StoredState<'_> {
    pub(crate) fn key(self) -> StateKey {
        StateKey { episode: self.episode.number(), observation: self.observation }
    }

    /// Whether an action was taken there. Only then are its legal actions known.
    fn acted(self) -> bool {
        self.observation < self.episode.len()
    }

    /// Appends which of the `width` actions are legal. In the last state of an episode all count as legal.
    pub(crate) fn legal(self, width: usize, legal: &mut Vec<bool>) {
        if self.acted() {
            legal.extend_from_slice(&self.episode.legal[self.observation * width..][..width]);
        } else {
            legal.extend(std::iter::repeat_n(true, width));
        }
    }
}

/// The observations of `states`, `[N, observation]`.
pub(crate) fn observations(states: &[StoredState<'_>]) -> Vec<f32> {
    let mut rows = Vec::new();
    for state in states {
        state.episode.read_observation(state.observation, &mut rows);
    }
    rows
}

/// The result of a search.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(crate) struct SearchTargets {
    /// `[A]`
    pub(crate) policy: Vec<f32>,
    /// The value of the root.
    pub(crate) value: f32,
}

/// A search result with its age.
#[derive(Clone, Debug, Serialize, Deserialize)]
struct CachedTargets {
    targets: SearchTargets,
    /// The update of the search.
    update: u64,
    /// Whether the search knew the legal actions.
    acted: bool,
}

/// Values of the target network, and search results.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
pub(crate) struct TargetCache {
    /// The version of the target network that gave the values.
    target_version: u64,
    values: BTreeMap<StateKey, f32>,
    update: u64,
    searches: BTreeMap<StateKey, CachedTargets>,
}

impl TargetCache {
    /// Begins update `update` with the target network of `target_version`. It drops the values of other
    /// versions, and all entries of episodes before number `oldest`.
    pub(crate) fn begin(&mut self, update: u64, target_version: u64, oldest: u64) {
        if self.target_version != target_version {
            self.values.clear();
        }
        (self.update, self.target_version) = (update, target_version);
        drop_older(&mut self.values, oldest);
        drop_older(&mut self.searches, oldest);
    }

    /// The target network's values of `states`; 0 where there is no state. `evaluate` computes the missing
    /// values, each once.
    pub(crate) fn values<E>(
        &mut self,
        states: &[Option<StoredState<'_>>],
        evaluate: impl FnOnce(&[StoredState<'_>]) -> Result<Vec<f32>, E>,
    ) -> Result<Vec<f32>, E> {
        let unknown = states.iter().flatten().filter(|state| self.value(**state).is_none());
        let unknown: BTreeMap<_, _> = unknown.map(|&state| (state.key(), state)).collect();
        let unknown: Vec<_> = unknown.into_values().collect();
        if !unknown.is_empty() {
            let values = evaluate(&unknown)?;
            unknown.iter().zip(values).for_each(|(state, value)| self.keep_value(*state, value));
        }
        let value = |state: &Option<StoredState<'_>>| state.and_then(|state| self.value(state));
        Ok(states.iter().map(|state| value(state).unwrap_or_default()).collect())
    }

    /// The target network's value of a state, if it is cached.
    pub(crate) fn value(&self, state: StoredState<'_>) -> Option<f32> {
        self.values.get(&state.key()).copied()
    }

    pub(crate) fn keep_value(&mut self, state: StoredState<'_>, value: f32) {
        self.values.insert(state.key(), value);
    }

    /// The result of a search of a state in this update or one of the `reuse` updates before it.
    pub(crate) fn targets(&self, state: StoredState<'_>, reuse: u64) -> Option<&SearchTargets> {
        let kept = self.searches.get(&state.key())?;
        let valid = self.update - kept.update <= reuse && kept.acted == state.acted();
        valid.then_some(&kept.targets)
    }

    pub(crate) fn keep_targets(&mut self, state: StoredState<'_>, targets: SearchTargets) {
        let kept = CachedTargets { targets, update: self.update, acted: state.acted() };
        self.searches.insert(state.key(), kept);
    }
}

fn drop_older<T>(kept: &mut BTreeMap<StateKey, T>, oldest: u64) {
    while let Some(first) = kept.first_entry()
        && first.key().episode < oldest
    {
        first.remove();
    }
}
