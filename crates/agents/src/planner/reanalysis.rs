//! Fresh targets from stored experience by the target network (Schrittwieser et al. 2021).

use rand::RngExt;
use rand_chacha::ChaCha8Rng;
use zerolab_metrics::{Account, Phase};
use zerolab_models::Mode;
use zerolab_models::networks::PlannerNetworks;
use zerolab_search::{Search, Use};

use super::batch::Batch;
use super::model::LearnedModel;
use super::settings::Settings;
use crate::agent::AgentError;

/// What the target network says of a batch.
pub(crate) struct Fresh {
    /// `[(K + 1) · B]`: values of the bootstrap observations.
    pub(crate) bootstraps: Vec<f32>,
    /// `[(K + 1) · R, A]`: policies searched anew for the first `R` samples.
    pub(crate) policies: Vec<f32>,
}

/// Asks `target` for the values of all bootstrap observations and searches the states of the first
/// samples anew. The searches are noisy as those of acting are: without noise an action that the prior
/// once ruled out is never visited again, and the policy confirms itself.
pub(crate) fn reanalyse(
    target: &PlannerNetworks,
    batch: &Batch<'_>,
    settings: &Settings,
    search: &mut Search,
    stream: &mut ChaCha8Rng,
    account: &mut Account,
) -> Result<Fresh, AgentError> {
    let timer = account.start();
    let latent = target.represent(&batch.bootstrap_observations(), Mode::Infer)?;
    let (value_logits, _) = target.predict(&latent, Mode::Infer)?;
    let bootstraps = target.values(&value_logits)?;
    let policies = if settings.reanalysed_samples() == 0 {
        Vec::new()
    } else {
        policies(target, batch, settings, search, stream, account)?
    };
    account.phase(Phase::Reanalysis).flops += 2 * target.counter().take();
    account.stop(Phase::Reanalysis, timer);
    Ok(Fresh { bootstraps, policies })
}

fn policies(
    target: &PlannerNetworks,
    batch: &Batch<'_>,
    settings: &Settings,
    search: &mut Search,
    stream: &mut ChaCha8Rng,
    account: &mut Account,
) -> Result<Vec<f32>, AgentError> {
    let count = settings.reanalysed_samples();
    let observations = batch.observations(0..=settings.training.unroll_steps, count);
    let simulations = settings.search.simulations;
    let horizon = settings.value_prefix.horizon;
    let (mut model, mut roots) =
        LearnedModel::new(target, &observations, simulations as usize + 1, horizon)?;
    roots.seeds.fill_with(|| stream.random());
    let legal = batch.legal(count);
    roots.legal = legal.contains(&false).then_some(legal);
    let found = search.run(&roots, Use::Explore { temperature: 1.0 }, &mut model)?;
    let imagined = u64::from(simulations) * roots.values.len() as u64;
    account.count(Phase::Reanalysis, |cost| {
        cost.imagined_steps += imagined;
        cost.simulations += imagined;
    });
    Ok(found.policies)
}
