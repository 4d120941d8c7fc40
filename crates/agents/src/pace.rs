//! When to learn: updates by real steps, never by the clock.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use crate::agent::AgentError;

/// How many updates are due.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct Pace {
    /// Real steps before learning begins.
    pub(crate) learning_starts: u64,
    /// Updates for each real step after that.
    pub(crate) update_ratio: f64,
}

impl Pace {
    /// Updates that should have been made after `real_steps` real steps.
    pub(crate) fn due(self, real_steps: u64) -> u64 {
        (real_steps.saturating_sub(self.learning_starts) as f64 * self.update_ratio) as u64
    }

    /// Real steps of a budget that are taken at random before learning begins: whole rounds of lanes.
    pub(crate) fn random_steps(self, budget: u64, lanes: usize) -> u64 {
        (self.learning_starts.div_ceil(lanes as u64) * lanes as u64).min(budget)
    }
}

/// Means of losses since somebody last asked.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
pub(crate) struct LossMeans {
    sums: BTreeMap<String, f64>,
    count: u64,
}

impl LossMeans {
    /// Adds the losses of one update.
    pub(crate) fn add(&mut self, losses: &[(&str, f64)], update: u64) -> Result<(), AgentError> {
        self.count += 1;
        for &(loss, value) in losses {
            if !value.is_finite() {
                return Err(AgentError::Diverged { loss: loss.to_owned(), value, update });
            }
            *self.sums.entry(loss.to_owned()).or_default() += value;
        }
        Ok(())
    }

    /// The means, and starts anew.
    pub(crate) fn drain(&mut self) -> BTreeMap<String, f64> {
        let count = std::mem::take(&mut self.count) as f64;
        std::mem::take(&mut self.sums).into_iter().map(|(loss, sum)| (loss, sum / count)).collect()
    }
}
