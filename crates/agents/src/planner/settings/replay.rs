//! The settings of the replay buffer.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::replay::Insertion;
use crate::update_schedule::linear;
use zerolab_settings::SettingsError;
use zerolab_settings::range::{MOST_TRANSITIONS, count, not_negative, share};

/// The size of the replay buffer and prioritised sampling (Schaul et al. 2016).
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct ReplaySettings {
    /// Number of transitions in the replay buffer.
    #[schemars(range(min = 1, max = MOST_TRANSITIONS))]
    pub capacity: usize,
    /// The priority exponent α; 0 samples uniformly.
    #[schemars(range(min = 0.0))]
    pub priority_exponent: f64,
    /// The importance exponent β at the start; it grows linearly to 1 over the budget.
    #[schemars(range(min = 0.0, max = 1.0))]
    pub importance_exponent: f64,
    /// The priority of a new transition.
    pub insertion: Insertion,
}

impl Default for ReplaySettings {
    fn default() -> Self {
        Self {
            capacity: 100_000,
            priority_exponent: 0.6,
            importance_exponent: 0.4,
            insertion: Insertion::LargestEver,
        }
    }
}

impl ReplaySettings {
    pub(in crate::planner) fn check(&self) -> Result<(), SettingsError> {
        count("replay.capacity", self.capacity as u64, MOST_TRANSITIONS)?;
        not_negative("replay.priority_exponent", self.priority_exponent)?;
        share("replay.importance_exponent", self.importance_exponent)
    }

    /// β when `progress` of the budget (0 to 1) is spent.
    pub(crate) fn importance(&self, progress: f64) -> f64 {
        linear(self.importance_exponent, 1.0, progress)
    }
}
