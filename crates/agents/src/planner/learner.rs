//! One update: the losses of an unrolled model and a step down their gradient (Ye et al. 2021, eq. 4).
//!
//! For one sample, with the state `s_0 = h(o_t)` and `s_k` by the dynamics:
//! `L = w_r Σ_{k=1..K} reward_k + w_v Σ_{k=0..K} value_k + w_p Σ_{k=0..K} policy_k + w_c Σ_{k=1..K} consistency_k`,
//! weighted by importance, averaged over the batch and divided by `K`. `GradientScaling` says what else happens to
//! gradients.

use candle_core::{Result, Tensor};
use zerolab_models::networks::{Network, PlannerNetworks};
use zerolab_models::{Device, Mode, Optimizer, Support, ops};

use super::batch::Batch;
use super::mirror::Mirror;
use super::reanalysis::Fresh;
use super::settings::Settings;
use crate::replay::Sample;

/// What is learnt in an update.
pub(crate) struct Lesson<'a> {
    batch: &'a Batch<'a>,
    fresh: &'a Fresh,
    /// What the model starts from, as rows of cells.
    first: Tensor,
    /// What it should foresee, if it should.
    later: Option<Tensor>,
}

impl<'a> Lesson<'a> {
    /// Of a batch, with what the target network says of it.
    ///
    /// # Errors
    /// If the device fails.
    pub(crate) fn new(
        batch: &'a Batch<'a>,
        fresh: &'a Fresh,
        online: &PlannerNetworks,
        mirror: &mut Mirror,
    ) -> Result<Self> {
        let first = mirror.rows(online, &batch.first_scene())?;
        let foresees = online.design().consistency;
        let later = foresees.then(|| mirror.rows(online, &batch.later_scene())).transpose()?;
        Ok(Self { batch, fresh, first, later })
    }

    /// The targets of the consistency loss, if it has any.
    ///
    /// # Errors
    /// If the device fails.
    pub(crate) fn hindsight(&self, online: &PlannerNetworks) -> Result<Option<Tensor>> {
        Ok(self.later.as_ref().map(|later| online.hindsight(later)).transpose()?.flatten())
    }
}

/// What an update showed.
pub(crate) struct Outcome {
    /// The mean of each loss over the batch, unweighted, by name; and the gradient's norm.
    pub(crate) losses: Vec<(&'static str, f64)>,
    /// `[B]`: predicted value less its target at the sampled step, for the priorities.
    pub(crate) value_errors: Vec<f32>,
    /// FLOPs of forward and backward passes.
    pub(crate) flops: u64,
}

/// The sums over the unrolled steps of each loss, `[B]`.
pub(crate) struct Losses {
    pub(crate) reward: Tensor,
    pub(crate) value: Tensor,
    pub(crate) policy: Tensor,
    pub(crate) consistency: Option<Tensor>,
    /// Predicted value less its target at the sampled step.
    value_errors: Vec<f32>,
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

/// One gradient step on a batch, when `progress` of the budget is spent.
pub(crate) fn update(
    online: &PlannerNetworks,
    optimizer: &mut Optimizer,
    lesson: &Lesson<'_>,
    settings: &Settings,
    progress: f64,
) -> Result<Outcome> {
    let batch = lesson.batch;
    let samples = batch.samples().len();
    let training = &settings.training;
    let hindsight = lesson.hindsight(online)?;
    let target_macs = online.counter().take();
    let losses = unroll(online, lesson, settings, hindsight.as_ref())?;
    let online_macs = online.counter().take();

    let total = losses.total(settings)?;
    let weighted = weighted(&total, batch.samples(), online.device())?;
    let objective = (weighted.sum_all()? / (samples * training.unroll_steps) as f64)?;
    let gradient_norm = optimizer.step(&objective.backward()?, progress)?;

    let mut named = vec![
        ("reward", mean(&losses.reward)?),
        ("value", mean(&losses.value)?),
        ("policy", mean(&losses.policy)?),
    ];
    if let Some(consistency) = &losses.consistency {
        named.push(("consistency", mean(consistency)?));
    }
    named.extend([("total", mean(&total)?), ("gradient_norm", gradient_norm)]);
    // A backward pass costs two forward passes; the target's branch has none.
    let flops = 2 * (3 * online_macs + target_macs);
    Ok(Outcome { losses: named, value_errors: losses.value_errors, flops })
}

/// Unrolls the model along the actions of a batch and compares what it says with what it should.
pub(crate) fn unroll(
    online: &PlannerNetworks,
    lesson: &Lesson<'_>,
    settings: &Settings,
    hindsight: Option<&Tensor>,
) -> Result<Losses> {
    let Lesson { batch, fresh, .. } = *lesson;
    let samples = batch.samples().len();
    let design = online.design();
    let scaling = settings.training.gradient_scaling;
    let first = scaling.of_first_losses(settings.training.unroll_steps);
    let values = |k: usize| batch.values(k, fresh);
    let policies = |k: usize| -> Result<Tensor> {
        online.device().upload(batch.policies(k, fresh), (samples, design.num_actions))
    };
    let mut latent = online.represent(&lesson.first, Mode::Train)?;
    let mut memory = online.blank_memory(samples)?;
    let (value_logits, policy_logits) = online.predict(&latent, Mode::Train)?;
    let predicted = online.values(&value_logits)?;
    let errors = predicted
        .iter()
        .zip(values(0))
        .map(|(said, target)| target.map_or(0.0, |target| said - target));
    let value_targets = encoded(online.device(), design.value_support, &values(0))?;
    let mut losses = Losses {
        reward: online.device().zeros(samples)?,
        value: ops::scale_gradient(&ops::cross_entropy(&value_logits, &value_targets)?, first)?,
        policy: ops::scale_gradient(&ops::cross_entropy(&policy_logits, &policies(0)?)?, first)?,
        consistency: None,
        value_errors: errors.collect(),
    };
    for k in 1..=settings.training.unroll_steps {
        if settings.value_prefix.enabled && (k - 1) % settings.value_prefix.horizon == 0 {
            memory = online.blank_memory(samples)?;
        }
        let before = ops::scale_gradient(&latent, scaling.before_step(k))?;
        let next = online.advance(&before, &batch.actions(k - 1), Mode::Train)?;
        latent = ops::scale_gradient(&next, scaling.into_state())?;
        let reward_logits;
        (reward_logits, memory) = online.reward(&latent, memory.as_ref(), Mode::Train)?;
        let (value_logits, policy_logits) = online.predict(&latent, Mode::Train)?;
        let rewards = encoded(online.device(), design.reward_support, &batch.rewards(k - 1))?;
        losses.reward = (losses.reward + ops::cross_entropy(&reward_logits, &rewards)?)?;
        let targets = encoded(online.device(), design.value_support, &values(k))?;
        let value = ops::cross_entropy(&value_logits, &targets)?;
        losses.value = (losses.value + value)?;
        losses.policy = (losses.policy + ops::cross_entropy(&policy_logits, &policies(k)?)?)?;
        if let (Some(hindsight), Some(foreseen)) = (hindsight, online.foresee(&latent)?) {
            let target = hindsight.narrow(0, (k - 1) * samples, samples)?;
            let seen: Vec<f32> = batch.seen(k).into_iter().map(f32::from).collect();
            let seen = online.device().upload(seen, samples)?;
            let loss = (ops::negative_cosine(&foreseen, &target)? * seen)?;
            losses.consistency = Some(match losses.consistency {
                Some(sum) => (sum + loss)?,
                None => loss,
            });
        }
    }
    Ok(losses)
}

/// Scalars as distributions `[B, atoms]`; a row of zeros, which costs nothing, where there is none.
fn encoded(device: &Device, support: Support, scalars: &[Option<f32>]) -> Result<Tensor> {
    let atoms = support.atoms();
    let mut rows = vec![0.0; scalars.len() * atoms];
    for (scalar, row) in scalars.iter().zip(rows.chunks_exact_mut(atoms)) {
        if let Some(scalar) = scalar {
            support.encode(*scalar, row);
        }
    }
    device.upload(rows, (scalars.len(), atoms))
}

/// Losses `[B]`, each times its sample's importance.
pub(crate) fn weighted(losses: &Tensor, samples: &[Sample<'_>], device: &Device) -> Result<Tensor> {
    let weights: Vec<f32> = samples.iter().map(|sample| sample.weight).collect();
    losses * device.upload(weights, samples.len())?
}

/// The mean of losses `[B]`.
pub(crate) fn mean(losses: &Tensor) -> Result<f64> {
    Ok(f64::from(losses.mean_all()?.to_scalar::<f32>()?))
}
