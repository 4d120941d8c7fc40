//! The inputs and targets of an update, on the networks' device. They are uploaded before the update begins,
//! so the update itself can be recorded and never waits for the processor.
//!
//! Rows are ordered by unrolled step, then by sample.

use candle_core::{Result, Tensor};
use zerolab_metrics::{REWARD_TARGETS_CUT, VALUE_TARGETS_CUT};
use zerolab_models::networks::{Network, PlannerNetworks};
use zerolab_models::{Device, Inputs, Support, ops};

use super::frame_cache::FrameCache;
use super::loss_report::NamedLoss;
use super::reanalysis::FreshTargets;
use super::unrolled_batch::UnrolledBatch;
use crate::replay::Sample;

/// The importance weights of samples, `[B]`.
pub(crate) fn weights(samples: &[Sample<'_>], device: &Device) -> Result<Tensor> {
    device.upload(samples.iter().map(|sample| sample.weight).collect(), samples.len())
}

/// The inputs and the targets of an update of `B` samples, unrolled for `K` steps.
#[derive(Clone)]
pub(crate) struct TrainingBatch {
    samples: usize,
    /// The observations of the sampled steps, as rows of cells.
    first: Tensor,
    /// The observations of the unrolled states, for the consistency loss; as rows of cells.
    later: Option<Tensor>,
    /// `[K · B, planes]`
    actions: Tensor,
    /// `[K · B, atoms]`; without a target a row of zeros, whose loss is 0.
    rewards: Tensor,
    /// `[(K + 1) · B, atoms]`, likewise.
    values: Tensor,
    /// `[(K + 1) · B, A]`, likewise.
    policies: Tensor,
    /// `[K · B]`: 1 where the unrolled state was observed, 0 elsewhere.
    seen: Tensor,
    /// `[B]`: importance weights.
    weights: Tensor,
    /// `[B]`: the value targets of the sampled steps.
    first_values: Vec<Option<f32>>,
    /// The shares of the reward and value targets that are beyond their support, by name.
    cut: [NamedLoss; 2],
}

/// The share of the known `targets` that are beyond the support and so are cut; 0 if none is known.
fn cut_share(targets: &[Option<f32>], support: Support) -> f64 {
    let known = targets.iter().flatten();
    let cut = known.clone().filter(|target| !support.contains(**target)).count();
    cut as f64 / known.count().max(1) as f64
}

impl TrainingBatch {
    /// Uploads a batch with its targets.
    ///
    /// # Errors
    /// If the device fails.
    pub(crate) fn new(
        batch: &UnrolledBatch<'_>,
        fresh: &FreshTargets,
        online: &PlannerNetworks,
        frame_cache: &mut FrameCache,
    ) -> Result<Self> {
        let (device, design) = (online.device(), online.design());
        let (samples, states) = (batch.samples().len(), batch.states());
        let steps = states.saturating_sub(1);
        let first = frame_cache.rows(online, &batch.first_observations())?;
        let consistency = design.consistency;
        let later = consistency
            .then(|| frame_cache.rows(online, &batch.later_observations()))
            .transpose()?;
        let actions: Vec<u32> = (0..steps).flat_map(|k| batch.actions(k)).collect();
        let scalars = |all: Vec<Option<f32>>, support| {
            let count = all.len();
            let all = all.into_iter().map(|scalar| scalar.unwrap_or(f32::NAN));
            ops::encode(&device.upload(all.collect(), count)?, support)
        };
        let rewards: Vec<_> = (0..steps).flat_map(|k| batch.rewards(k)).collect();
        let values: Vec<_> = (0..states).flat_map(|k| batch.values(k, fresh)).collect();
        let cut = [
            (REWARD_TARGETS_CUT, cut_share(&rewards, design.reward_support)),
            (VALUE_TARGETS_CUT, cut_share(&values, design.value_support)),
        ];
        let first_values = values.iter().take(samples).copied().collect();
        let policies: Vec<f32> = (0..states).flat_map(|k| batch.policies(k, fresh)).collect();
        let seen = (1..states).flat_map(|k| batch.seen(k)).map(f32::from).collect();
        Ok(Self {
            samples,
            first,
            later,
            actions: online.encoded(&actions)?,
            rewards: scalars(rewards, design.reward_support)?,
            values: scalars(values, design.value_support)?,
            policies: device.upload(policies, (states * samples, design.num_actions))?,
            seen: device.upload::<f32>(seen, steps * samples)?,
            weights: weights(batch.samples(), device)?,
            first_values,
            cut,
        })
    }

    /// The shares of the reward and value targets that are beyond their support, by name.
    pub(crate) fn cut(&self) -> [NamedLoss; 2] {
        self.cut
    }

    /// `B`.
    pub(crate) fn samples(&self) -> usize {
        self.samples
    }

    /// The observations of the sampled steps, as rows of cells.
    pub(crate) fn first(&self) -> &Tensor {
        &self.first
    }

    /// The targets of the consistency loss, `[K · B, D]`; `None` without that loss.
    ///
    /// # Errors
    /// If the device fails.
    pub(crate) fn consistency_targets(&self, online: &PlannerNetworks) -> Result<Option<Tensor>> {
        Ok(self.later.as_ref().map(|later| online.target_projection(later)).transpose()?.flatten())
    }

    /// `[B, planes]`: the actions of unrolled step `k`.
    pub(crate) fn actions(&self, k: usize) -> Result<Tensor> {
        self.actions.narrow(0, k * self.samples, self.samples)
    }

    /// `[K · B, atoms]`: the rewards (or value prefixes) of the unrolled steps.
    pub(crate) fn rewards(&self) -> &Tensor {
        &self.rewards
    }

    /// `[(K + 1) · B, atoms]`: the values of the states.
    pub(crate) fn values(&self) -> &Tensor {
        &self.values
    }

    /// `[(K + 1) · B, A]`: the policies of the states.
    pub(crate) fn policies(&self) -> &Tensor {
        &self.policies
    }

    /// `[K · B]`: 1 where the unrolled state was observed, 0 elsewhere.
    pub(crate) fn seen(&self) -> &Tensor {
        &self.seen
    }

    /// `[B]`: the importance weights.
    pub(crate) fn weights(&self) -> &Tensor {
        &self.weights
    }

    /// `[B]`: predicted values minus their targets, at the sampled steps; 0 without a target.
    pub(crate) fn value_errors(&self, predicted: &[f32]) -> Vec<f32> {
        let pairs = predicted.iter().zip(&self.first_values);
        pairs.map(|(predicted, target)| target.map_or(0.0, |target| predicted - target)).collect()
    }
}

impl Inputs for TrainingBatch {
    fn tensors(&self) -> Vec<&Tensor> {
        let Self { first, later, actions, rewards, values, policies, seen, weights, .. } = self;
        let all = [first, actions, rewards, values, policies, seen, weights];
        all.into_iter().chain(later).collect()
    }
}
