//! Fresh targets from stored experience by the target network (Schrittwieser et al. 2021).

use zerolab_metrics::{Account, Phase};
use zerolab_models::Mode;
use zerolab_models::networks::{Network, PlannerNetworks};
use zerolab_search::{Found, Search, Use};

use super::batch::Batch;
use super::model::LearnedModel;
use super::settings::{Settings, ValueTarget};
use crate::agent::AgentError;

/// What the target network says of a batch.
#[derive(Debug, Default)]
pub(crate) struct Fresh {
    /// `[(K + 1) · B]`: values of the bootstrap observations.
    pub(crate) bootstraps: Vec<f32>,
    /// `[(K + 1) · R, A]`: policies searched anew for the first `R` samples.
    pub(crate) policies: Vec<f32>,
    /// `[(K + 1) · R]`: the values that those searches found.
    pub(crate) values: Vec<f32>,
}

/// Asks `target` for the values of all bootstrap observations and searches the states of the first
/// samples anew.
pub(crate) fn reanalyse(
    target: &PlannerNetworks,
    batch: &Batch<'_>,
    settings: &Settings,
    search: &mut Search,
    account: &mut Account,
) -> Result<Fresh, AgentError> {
    let timer = account.start();
    let mut searching = Searching { target, settings, search, account };
    let mut fresh = Fresh::default();
    let observations = batch.bootstrap_observations();
    fresh.bootstraps = if settings.reanalyse.values == ValueTarget::SearchedBootstrap {
        let seeds = batch.seeds("planner/bootstrap", batch.samples().len());
        searching.search(&observations, batch.bootstrap_legal(), seeds)?.values
    } else {
        let latent = target.represent(&observations, Mode::Infer)?;
        let (value_logits, _) = target.predict(&latent, Mode::Infer)?;
        target.values(&value_logits)?
    };
    if batch.reanalysed() > 0 {
        let seeds = batch.seeds("planner/reanalyse", batch.reanalysed());
        let observations = batch.reanalysed_observations();
        let found = searching.search(&observations, batch.reanalysed_legal(), seeds)?;
        (fresh.policies, fresh.values) = (found.policies, found.values);
    }
    account.phase(Phase::Reanalysis).flops += 2 * target.counter().take();
    account.stop(Phase::Reanalysis, timer);
    Ok(fresh)
}

/// What searching anew takes.
struct Searching<'a> {
    target: &'a PlannerNetworks,
    settings: &'a Settings,
    search: &'a mut Search,
    account: &'a mut Account,
}

impl Searching<'_> {
    /// The searches are noisy as those of acting are: without noise an action that the prior once ruled out
    /// is never visited again, and the policy confirms itself.
    fn search(
        &mut self,
        observations: &[f32],
        legal: Vec<bool>,
        seeds: Vec<u64>,
    ) -> Result<Found, AgentError> {
        let simulations = self.settings.search.simulations;
        let horizon = self.settings.value_prefix.horizon;
        let nodes = simulations as usize + 1;
        let (mut model, mut roots) = LearnedModel::new(self.target, observations, nodes, horizon)?;
        roots.seeds = seeds;
        roots.legal = legal.contains(&false).then_some(legal);
        let found = self.search.run(&roots, Use::Explore { temperature: 1.0 }, &mut model)?;
        let imagined = u64::from(simulations) * roots.values.len() as u64;
        self.account.count(Phase::Reanalysis, |cost| {
            cost.imagined_steps += imagined;
            cost.simulations += imagined;
        });
        Ok(found)
    }
}
