//! The running totals that every agent keeps: costs, real steps, updates and losses.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use zerolab_metrics::Account;

use crate::agent::AgentError;

/// An agent's running totals.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
pub struct Ledger {
    /// The costs so far, by phase.
    pub account: Account,
    /// Real steps observed.
    pub real_steps: u64,
    updates: u64,
    /// The sum of each loss since the last `drain_losses`.
    sums: BTreeMap<String, f64>,
    /// How many updates the sums are over.
    count: u64,
}

impl Ledger {
    /// Gradient steps made so far.
    pub fn updates(&self) -> u64 {
        self.updates
    }

    /// The share of a budget of real steps that is spent.
    pub(crate) fn progress(&self, budget: u64) -> f64 {
        self.real_steps as f64 / budget.max(1) as f64
    }

    /// Counts an update and adds its losses.
    ///
    /// # Errors
    /// If a loss is not finite.
    pub fn updated(&mut self, losses: &[(&str, f64)]) -> Result<(), AgentError> {
        self.updates += 1;
        self.count += 1;
        for &(loss, value) in losses {
            if !value.is_finite() {
                let (loss, update) = (loss.to_owned(), self.updates);
                return Err(AgentError::Diverged { loss, value, update });
            }
            *self.sums.entry(loss.to_owned()).or_default() += value;
        }
        Ok(())
    }

    /// The mean of each loss since the last call; empty without an update since then.
    pub(crate) fn drain_losses(&mut self) -> BTreeMap<String, f64> {
        let count = std::mem::take(&mut self.count) as f64;
        std::mem::take(&mut self.sums).into_iter().map(|(loss, sum)| (loss, sum / count)).collect()
    }
}
