//! How many searches, updates and evaluations a planner's run makes, for the forecast of its cost.
//!
//! For reanalysis these are upper bounds: how often values and searches are in the cache is random. With
//! `reanalyse.reuse = 0` the number of searches is exact.

use super::settings::{Settings, ValueTarget};
use crate::agent::Context;

/// The counts of a run.
#[derive(Clone, Copy, Debug)]
pub(super) struct RunCounts {
    /// Searches in acting: one for each real step except the random ones.
    pub decisions: u64,
    pub updates: u64,
    /// Simulations of a search.
    pub simulations: u64,
    /// Samples of an update.
    pub batch: u64,
    /// Unrolled steps.
    pub unroll: u64,
    /// States that an update searches.
    pub roots: u64,
    /// States that an update evaluates without a search.
    pub valued: u64,
}

impl RunCounts {
    pub fn of(settings: &Settings, context: &Context) -> Self {
        let (training, update_schedule) = (&settings.training, settings.update_schedule());
        let (batch, unroll) = (training.batch_size as u64, training.unroll_steps as u64);
        let states = batch * (unroll + 1);
        // Bootstrap values may come from searches too.
        let searched = match settings.reanalyse.values {
            ValueTarget::SearchedBootstrap => states,
            _ => 0,
        };
        Self {
            decisions: context.real_steps
                - update_schedule.random_steps(context.real_steps, context.lanes),
            updates: context.phases.total(update_schedule, context.real_steps),
            simulations: u64::from(settings.search.simulations),
            batch,
            unroll,
            roots: settings.reanalysed_samples() as u64 * (unroll + 1) + searched,
            valued: states - searched,
        }
    }
}
