//! How often a planner's run does what, as far as it can be counted beforehand: what it costs is this times what each
//! costs.
//!
//! Of reanalysis it is the most that can be: chance decides how often a batch meets states whose values or searches are
//! known from before. With `reanalyse.reuse = 0` its searches are counted exactly.

use super::settings::{Settings, ValueTarget};
use crate::agent::Context;

/// The counts of a run.
#[derive(Clone, Copy, Debug)]
pub(super) struct Work {
    /// Searches in the training environments, one for each real step but the random ones.
    pub decisions: u64,
    pub updates: u64,
    /// Of each search.
    pub simulations: u64,
    /// Samples of an update.
    pub batch: u64,
    /// Steps that the model is unrolled.
    pub unroll: u64,
    /// States that an update searches from.
    pub roots: u64,
    /// States whose values an update asks the network for, without a search.
    pub judged: u64,
}

impl Work {
    pub fn of(settings: &Settings, context: &Context) -> Self {
        let (training, pace) = (&settings.training, settings.pace());
        let (batch, unroll) = (training.batch_size as u64, training.unroll_steps as u64);
        let states = batch * (unroll + 1);
        // Values that complete returns may be found by searches too.
        let searched = match settings.reanalyse.values {
            ValueTarget::SearchedBootstrap => states,
            _ => 0,
        };
        Self {
            decisions: context.real_steps - pace.random_steps(context.real_steps, context.lanes),
            updates: pace.due(context.real_steps),
            simulations: u64::from(settings.search.simulations),
            batch,
            unroll,
            roots: settings.reanalysed_samples() as u64 * (unroll + 1) + searched,
            judged: states - searched,
        }
    }
}
