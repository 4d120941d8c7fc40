//! What an update learns from, on the networks' device: it crosses the bus before the update begins, so that nothing
//! in an update waits for anything of the program.
//!
//! Rows are ordered by unrolled step, then by sample.

use candle_core::{Result, Tensor};
use zerolab_models::networks::{Network, PlannerNetworks};
use zerolab_models::{Device, Inputs, ops};

use super::batch::Batch;
use super::mirror::Mirror;
use super::reanalysis::Fresh;
use crate::replay::Sample;

/// What a batch of samples counts in the losses, `[B]`.
pub(crate) fn weights(samples: &[Sample<'_>], device: &Device) -> Result<Tensor> {
    device.upload(samples.iter().map(|sample| sample.weight).collect(), samples.len())
}

/// The inputs and the targets of an update of `B` samples, unrolled for `K` steps.
#[derive(Clone)]
pub(crate) struct Lesson {
    samples: usize,
    /// What the model starts from, as rows of cells.
    first: Tensor,
    /// What it should foresee, if it should; as rows of cells.
    later: Option<Tensor>,
    /// `[K · B, planes]`
    actions: Tensor,
    /// `[K · B, atoms]`; a row of zeros, which costs nothing, where there is no target.
    rewards: Tensor,
    /// `[(K + 1) · B, atoms]`, likewise.
    values: Tensor,
    /// `[(K + 1) · B, A]`, likewise.
    policies: Tensor,
    /// `[K · B]`: 1 where what is to be foreseen was seen, 0 elsewhere.
    seen: Tensor,
    /// `[B]`: by importance.
    weights: Tensor,
    /// `[B]`: the values of the sampled steps, as far as there are any.
    first_values: Vec<Option<f32>>,
}

impl Lesson {
    /// Of a batch, with what the target network says of it.
    ///
    /// # Errors
    /// If the device fails.
    pub(crate) fn new(
        batch: &Batch<'_>,
        fresh: &Fresh,
        online: &PlannerNetworks,
        mirror: &mut Mirror,
    ) -> Result<Self> {
        let (device, design) = (online.device(), online.design());
        let (samples, states) = (batch.samples().len(), batch.states());
        let steps = states.saturating_sub(1);
        let first = mirror.rows(online, &batch.first_scene())?;
        let foresees = design.consistency;
        let later = foresees.then(|| mirror.rows(online, &batch.later_scene())).transpose()?;
        let actions: Vec<u32> = (0..steps).flat_map(|k| batch.actions(k)).collect();
        let scalars = |all: Vec<Option<f32>>, support| {
            let count = all.len();
            let all = all.into_iter().map(|scalar| scalar.unwrap_or(f32::NAN));
            ops::encode(&device.upload(all.collect(), count)?, support)
        };
        let rewards = (0..steps).flat_map(|k| batch.rewards(k)).collect();
        let values: Vec<_> = (0..states).flat_map(|k| batch.values(k, fresh)).collect();
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
        })
    }

    /// `B`.
    pub(crate) fn samples(&self) -> usize {
        self.samples
    }

    /// What the model starts from, as rows of cells.
    pub(crate) fn first(&self) -> &Tensor {
        &self.first
    }

    /// The targets of the consistency loss, `[K · B, D]`, if it has any.
    ///
    /// # Errors
    /// If the device fails.
    pub(crate) fn hindsight(&self, online: &PlannerNetworks) -> Result<Option<Tensor>> {
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

    /// `[K · B]`: 1 where what an unrolled step led to was seen, 0 elsewhere.
    pub(crate) fn seen(&self) -> &Tensor {
        &self.seen
    }

    /// `[B]`: what each sample counts.
    pub(crate) fn weights(&self) -> &Tensor {
        &self.weights
    }

    /// `[B]`: what was predicted less its target, at the sampled steps; 0 where there is no target.
    pub(crate) fn value_errors(&self, predicted: &[f32]) -> Vec<f32> {
        let pairs = predicted.iter().zip(&self.first_values);
        pairs.map(|(said, target)| target.map_or(0.0, |target| said - target)).collect()
    }
}

impl Inputs for Lesson {
    fn tensors(&self) -> Vec<&Tensor> {
        let Self { first, later, actions, rewards, values, policies, seen, weights, .. } = self;
        let all = [first, actions, rewards, values, policies, seen, weights];
        all.into_iter().chain(later).collect()
    }
}
