//! Fresh targets from stored experience by the target network (Schrittwieser et al. 2021).

use std::collections::BTreeMap;

use zerolab_metrics::{Account, Phase};
use zerolab_models::networks::{Network, PlannerNetworks};
use zerolab_search::{Purpose, Search};

use super::batch::Batch;
use super::cache::{Cache, Outcome, State};
use super::mirror::{Mirror, Scene};
use super::model::LearnedModel;
use super::settings::{Settings, ValueTarget};
use super::steps::Steps;
use crate::agent::AgentError;

/// What the target network says of a batch.
#[derive(Debug, Default)]
pub(crate) struct Fresh {
    /// `[(K + 1) · B]`: values of the bootstrap states; any number where there is nothing to complete.
    pub(crate) bootstraps: Vec<f32>,
    /// `[(K + 1) · R, A]`: policies searched for the first `R` samples.
    pub(crate) policies: Vec<f32>,
    /// `[(K + 1) · R]`: the values that those searches found.
    pub(crate) values: Vec<f32>,
}

/// Finds the values of all bootstrap states and searches the states of the first samples, as far as `cache` does
/// not have it from before.
pub(crate) fn reanalyse(
    target: &PlannerNetworks,
    batch: &Batch<'_>,
    settings: &Settings,
    cache: &mut Cache,
    mirror: &mut Mirror,
    search: &mut Search,
    account: &mut Account,
) -> Result<Fresh, AgentError> {
    let timer = account.start();
    let mut asking = Asking { target, settings, cache, mirror, search, account };
    let mut fresh = Fresh::default();
    let states = batch.states_of(batch.reanalysed());
    let seeds = batch.seeds("planner/reanalyse", batch.reanalysed());
    for Outcome { policy, value } in asking.searches(&states, seeds)? {
        fresh.policies.extend(policy);
        fresh.values.push(value);
    }
    let bootstraps = batch.bootstraps();
    fresh.bootstraps = if settings.reanalyse.values == ValueTarget::SearchedBootstrap {
        // Where there is nothing to complete, any state: an update has the same number of searches always.
        let count = batch.samples().len();
        let states = bootstraps.into_iter().zip(batch.states_of(count));
        let states: Vec<_> = states.map(|(bootstrap, own)| bootstrap.unwrap_or(own)).collect();
        let outcomes = asking.searches(&states, batch.seeds("planner/bootstrap", count))?;
        outcomes.into_iter().map(|outcome| outcome.value).collect()
    } else {
        asking.values(&bootstraps)?
    };
    account.phase(Phase::Reanalysis).flops += 2 * target.counter().take();
    account.stop(Phase::Reanalysis, timer);
    Ok(fresh)
}

/// What asking the target network takes.
struct Asking<'a> {
    target: &'a PlannerNetworks,
    settings: &'a Settings,
    cache: &'a mut Cache,
    mirror: &'a mut Mirror,
    search: &'a mut Search,
    account: &'a mut Account,
}

impl Asking<'_> {
    /// The network's values of `states`.
    fn values(&mut self, states: &[Option<State<'_>>]) -> Result<Vec<f32>, AgentError> {
        let Self { target, mirror, .. } = self;
        self.cache.values(states, |states| {
            let scene = Scene::new(states.to_vec(), Vec::new());
            let (_, judgement) = target.initial(&mirror.rows(target, &scene)?)?;
            Ok(target.values(&judgement.value_logits)?)
        })
    }

    /// The outcome of a search of each of `states`; a state that is searched gets the seed that stands where it
    /// comes first.
    fn searches(
        &mut self,
        states: &[State<'_>],
        seeds: Vec<u64>,
    ) -> Result<Vec<Outcome>, AgentError> {
        let reuse = self.settings.reanalyse.reuse;
        if reuse == 0 {
            return self.search(states, seeds);
        }
        let mut unknown = BTreeMap::new();
        for (state, seed) in states.iter().zip(seeds) {
            if self.cache.outcome(*state, reuse).is_none() {
                unknown.entry(state.place()).or_insert((*state, seed));
            }
        }
        let (unknown, seeds): (Vec<_>, Vec<_>) = unknown.into_values().unzip();
        for (state, outcome) in unknown.iter().zip(self.search(&unknown, seeds)?) {
            self.cache.keep_outcome(*state, outcome);
        }
        Ok(states.iter().filter_map(|state| self.cache.outcome(*state, reuse).cloned()).collect())
    }

    /// Searches `states`. The searches are noisy as those of acting are: without noise an action that the prior
    /// once ruled out is never visited again, and the policy confirms itself.
    fn search(
        &mut self,
        states: &[State<'_>],
        seeds: Vec<u64>,
    ) -> Result<Vec<Outcome>, AgentError> {
        if states.is_empty() {
            return Ok(Vec::new());
        }
        let simulations = self.settings.search.simulations;
        let horizon = self.settings.value_prefix.horizon;
        let nodes = simulations as usize + 1;
        let rows = self.mirror.rows(self.target, &Scene::new(states.to_vec(), Vec::new()))?;
        let mut steps = Steps::of_any_size();
        let (mut model, mut roots) =
            LearnedModel::new(self.target, &rows, (nodes, horizon), &mut steps)?;
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
        let outcomes = found.policies.chunks_exact(width).zip(found.values);
        Ok(outcomes.map(|(policy, value)| Outcome { policy: policy.to_vec(), value }).collect())
    }
}
