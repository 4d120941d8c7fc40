//! One update: the losses of an unrolled model and a gradient step (Ye et al. 2021, eq. 4).
//!
//! The losses of one sample, with the state `s_0 = h(o_t)` and the states `s_k` of the dynamics network:
//! `L = w_r Σ_{k=1..K} reward_k + w_v Σ_{k=0..K} value_k + w_p Σ_{k=0..K} policy_k + w_c Σ_{k=1..K} consistency_k`,
//! weighted by importance, averaged over the batch and divided by `K`. `GradientScaling` describes where
//! gradients are scaled further.

use candle_core::backprop::GradStore;
use candle_core::{Result, Tensor};
use zerolab_models::networks::{Network, PlannerNetworks};
use zerolab_models::{ForwardMode, Leaf, Optimizer, Recorder, Traced, backward, ops};

use super::loss_report::{LossReport, NamedLoss};
use super::settings::Settings;
use super::training_batch::TrainingBatch;

/// The losses and costs of an update.
pub(crate) struct UpdateResult {
    /// The mean of each loss over the batch, without importance weights, and the gradient norm.
    pub(crate) losses: Vec<NamedLoss>,
    /// `[B]`: the predicted value minus its target at the sampled step, for the priorities.
    pub(crate) value_errors: Vec<f32>,
    /// FLOPs of forward and backward passes.
    pub(crate) flops: u64,
}

/// Each loss, summed over the unrolled steps, `[B]`.
pub(crate) struct Losses {
    pub(crate) reward: Tensor,
    pub(crate) value: Tensor,
    pub(crate) policy: Tensor,
    pub(crate) consistency: Option<Tensor>,
    /// `[B]`: the predicted values at the sampled steps.
    pub(crate) predicted: Tensor,
    /// The outputs of the networks that the losses are computed from.
    pub(crate) outputs: Vec<Leaf>,
}

impl Losses {
    /// Their weighted sum, `[B]`.
    pub(crate) fn total(&self, settings: &Settings) -> Result<Tensor> {
        let training = &settings.training;
        let mut total =
            ((&self.reward * training.reward_weight)? + (&self.value * training.value_weight)?)?;
        total = (total + (&self.policy * training.policy_weight)?)?;
        if let Some(consistency) = &self.consistency {
            total = (total + (consistency * settings.consistency.weight)?)?;
        }
        Ok(total)
    }
}

/// The part of an update on the device, before the optimiser's step.
pub(crate) struct UpdateTensors {
    gradients: GradStore,
    report: LossReport,
    /// FLOPs of forward and backward passes.
    flops: u64,
}

impl UpdateTensors {
    fn of(online: &PlannerNetworks, batch: &TrainingBatch, settings: &Settings) -> Result<Self> {
        online.counter().reset();
        let consistency_targets = batch.consistency_targets(online)?;
        let target_macs = online.counter().take();
        let losses = unroll(online, batch, settings, consistency_targets.as_ref())?;
        let online_macs = online.counter().take();

        let total = losses.total(settings)?;
        let terms = (batch.samples() * settings.training.unroll_steps) as f64;
        let objective = ((&total * batch.weights())?.sum_all()? / terms)?;

        let mut named =
            vec![("reward", &losses.reward), ("value", &losses.value), ("policy", &losses.policy)];
        named.extend(losses.consistency.as_ref().map(|losses| ("consistency", losses)));
        named.push(("total", &total));
        Ok(Self {
            gradients: backward(&objective, &losses.outputs)?,
            report: LossReport::of(&named, &losses.predicted)?,
            // A backward pass counts as two forward passes. The consistency targets have no backward pass.
            flops: 2 * (3 * online_macs + target_macs),
        })
    }
}

/// One gradient step on a batch, when `progress` of the budget is spent.
pub(crate) fn update(
    online: &PlannerNetworks,
    optimizer: &mut Optimizer,
    recorder: &mut Recorder<TrainingBatch, UpdateTensors>,
    batch: &TrainingBatch,
    settings: &Settings,
    progress: f64,
) -> Result<UpdateResult> {
    let work = |batch: &TrainingBatch| UpdateTensors::of(online, batch, settings);
    recorder.run(batch, work, |UpdateTensors { gradients, report, flops }| {
        let gradient_norm = optimizer.step(gradients, progress)?;
        let (mut losses, predicted) = report.read(online.device())?;
        losses.push(("gradient_norm", gradient_norm));
        losses.extend(batch.cut());
        Ok(UpdateResult { losses, value_errors: batch.value_errors(&predicted), flops: *flops })
    })
}

/// Unrolls the model along the batch's actions and compares its predictions with their targets. Heads get the
/// states of all steps as one batch ([`PlannerNetworks::predict`]).
pub(crate) fn unroll(
    online: &PlannerNetworks,
    batch: &TrainingBatch,
    settings: &Settings,
    consistency_targets: Option<&Tensor>,
) -> Result<Losses> {
    let (samples, steps) = (batch.samples(), settings.training.unroll_steps);
    let scaling = settings.training.gradient_scaling;
    let mut latent = online.represent(batch.first(), ForwardMode::Train)?;
    let mut latents = vec![latent.clone()];
    for k in 1..=steps {
        let before = latent.scale_gradient(scaling.before_step(k));
        let next = online.advance(&before, &batch.actions(k - 1)?, ForwardMode::Train)?;
        latent = next.scale_gradient(scaling.into_state());
        latents.push(latent.clone());
    }
    let latents = Traced::cat(&latents)?;
    let unrolled = latents.rows(samples, steps * samples)?;

    let (values, policies) = online.predict(&latents, ForwardMode::Train)?;
    let (values, policies) = (values.leaf()?, policies.leaf()?);
    let horizon = settings.value_prefix.horizon;
    let rewards = online.rewards(&unrolled, samples, horizon, ForwardMode::Train)?.leaf()?;
    let foreseen = online.predicted_projection(&unrolled)?.map(|foreseen| foreseen.leaf());
    let foreseen = foreseen.transpose()?;
    let sum = |losses: &Tensor| losses.reshape((steps, samples))?.sum(0);
    let sum_of_all = |losses: &Tensor| {
        let first = losses.narrow(0, 0, samples)?;
        let first = ops::scale_gradient(&first, scaling.of_first_losses(steps))?;
        first + sum(&losses.narrow(0, samples, steps * samples)?)?
    };
    let consistency = match (consistency_targets, &foreseen) {
        (Some(consistency_targets), Some(foreseen)) => {
            let losses = ops::negative_cosine(foreseen.tensor(), consistency_targets)?;
            Some(sum(&(losses * batch.seen())?)?)
        }
        _ => None,
    };
    let first_values = values.tensor().narrow(0, 0, samples)?;
    Ok(Losses {
        reward: sum(&ops::cross_entropy(rewards.tensor(), batch.rewards())?)?,
        value: sum_of_all(&ops::cross_entropy(values.tensor(), batch.values())?)?,
        policy: sum_of_all(&ops::cross_entropy(policies.tensor(), batch.policies())?)?,
        consistency,
        predicted: ops::decode(&first_values, online.design().value_support)?,
        outputs: [rewards, values, policies].into_iter().chain(foreseen).collect(),
    })
}
