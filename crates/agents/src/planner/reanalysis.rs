//! Reanalysis: new targets for stored experience, from the target network (Schrittwieser et al. 2021).

use std::collections::BTreeMap;

use zerolab_metrics::{Account, Phase};
use zerolab_models::networks::{Network, PlannerNetworks};
use zerolab_search::{Purpose, Search};

use super::frame_cache::{FrameCache, ObservationBatch};
use super::model::LearnedModel;
use super::settings::{Settings, ValueTarget};
use super::step_runner::StepRunner;
use super::target_cache::{SearchTargets, StoredState, TargetCache};
use super::unrolled_batch::UnrolledBatch;
use crate::agent::AgentError;

/// The target network's values and search results for a batch.
#[derive(Debug, Default)]
pub(crate) struct FreshTargets {
    /// `[(K + 1) · B]`: values of the bootstrap states; arbitrary where a return does not bootstrap.
    pub(crate) bootstraps: Vec<f32>,
    /// `[(K + 1) · R, A]`: search policies of the first `R` samples.
    pub(crate) policies: Vec<f32>,
    /// `[(K + 1) · R]`: search values of the first `R` samples.
    pub(crate) values: Vec<f32>,
}

/// Computes the values of all bootstrap states and searches the states of the first samples, except what
/// `cache` holds.
pub(crate) fn reanalyse(
    target: &PlannerNetworks,
    batch: &UnrolledBatch<'_>,
    settings: &Settings,
    cache: &mut TargetCache,
    frame_cache: &mut FrameCache,
    search: &mut Search,
    account: &mut Account,
) -> Result<FreshTargets, AgentError> {
    let timer = account.start();
    let mut reanalysis = Reanalysis { target, settings, cache, frame_cache, search, account };
    let mut fresh = FreshTargets::default();
    let states = batch.states_of(batch.reanalysed());
    let seeds = batch.seeds("planner/reanalyse", batch.reanalysed());
    for SearchTargets { policy, value } in reanalysis.searches(&states, seeds)? {
        fresh.policies.extend(policy);
        fresh.values.push(value);
    }
    let bootstraps = batch.bootstraps();
    fresh.bootstraps = if settings.reanalyse.values == ValueTarget::SearchedBootstrap {
        // Where a return does not bootstrap, its own state is searched: each update then has the same number
        // of searches.
        let count = batch.samples().len();
        let states = bootstraps.into_iter().zip(batch.states_of(count));
        let states: Vec<_> = states.map(|(bootstrap, own)| bootstrap.unwrap_or(own)).collect();
        let targets = reanalysis.searches(&states, batch.seeds("planner/bootstrap", count))?;
        targets.into_iter().map(|targets| targets.value).collect()
    } else {
        reanalysis.values(&bootstraps)?
    };
    account.phase(Phase::Reanalysis).flops += 2 * target.counter().take();
    account.stop(Phase::Reanalysis, timer);
    Ok(fresh)
}

/// The inputs of a reanalysis.
struct Reanalysis<'a> {
    target: &'a PlannerNetworks,
    settings: &'a Settings,
    cache: &'a mut TargetCache,
    frame_cache: &'a mut FrameCache,
    search: &'a mut Search,
    account: &'a mut Account,
}

impl Reanalysis<'_> {
    /// The network's values of `states`.
    fn values(&mut self, states: &[Option<StoredState<'_>>]) -> Result<Vec<f32>, AgentError> {
        let Self { target, frame_cache, .. } = self;
        self.cache.values(states, |states| {
            let observations = ObservationBatch::new(states.to_vec(), Vec::new());
            let (_, prediction) = target.initial(&frame_cache.rows(target, &observations)?)?;
            Ok(target.values(&prediction.value_logits)?)
        })
    }

    /// The search results of `states`. A state that occurs more than once is searched with its first seed.
    fn searches(
        &mut self,
        states: &[StoredState<'_>],
        seeds: Vec<u64>,
    ) -> Result<Vec<SearchTargets>, AgentError> {
        let reuse = self.settings.reanalyse.reuse;
        if reuse == 0 {
            return self.search(states, seeds);
        }
        let mut unknown = BTreeMap::new();
        for (state, seed) in states.iter().zip(seeds) {
            if self.cache.targets(*state, reuse).is_none() {
                unknown.entry(state.key()).or_insert((*state, seed));
            }
        }
        let (unknown, seeds): (Vec<_>, Vec<_>) = unknown.into_values().unzip();
        for (state, targets) in unknown.iter().zip(self.search(&unknown, seeds)?) {
            self.cache.keep_targets(*state, targets);
        }
        Ok(states.iter().filter_map(|state| self.cache.targets(*state, reuse).cloned()).collect())
    }

    /// Searches `states`, with exploration noise as in acting. Without noise, an action with a prior near 0
    /// would never be visited again.
    fn search(
        &mut self,
        states: &[StoredState<'_>],
        seeds: Vec<u64>,
    ) -> Result<Vec<SearchTargets>, AgentError> {
        if states.is_empty() {
            return Ok(Vec::new());
        }
        let simulations = self.settings.search.simulations;
        let shape = self.settings.tree_shape();
        let rows = self
            .frame_cache
            .rows(self.target, &ObservationBatch::new(states.to_vec(), Vec::new()))?;
        let mut steps = StepRunner::of_any_size();
        let (mut model, mut roots) = LearnedModel::new(self.target, &rows, shape, &mut steps)?;
        roots.seeds = seeds;
        let width = self.target.design().num_actions;
        let mut legal = Vec::with_capacity(states.len() * width);
        states.iter().for_each(|state| state.legal(width, &mut legal));
        roots.legal = legal.contains(&false).then_some(legal);
        let found = self.search.run(&roots, Purpose::Explore { temperature: 1.0 }, &mut model)?;
        let imagined = u64::from(simulations) * states.len() as u64;
        self.account.count(Phase::Reanalysis, |cost| {
            cost.imagined_steps += imagined;
            cost.simulations += imagined;
        });
        for (state, value) in states.iter().zip(roots.values) {
            self.cache.keep_value(*state, value);
        }
        let targets = found.policies.chunks_exact(width).zip(found.values);
        Ok(targets
            .map(|(policy, value)| SearchTargets { policy: policy.to_vec(), value })
            .collect())
    }
}
