//! One update: the losses of an unrolled model and a step down their gradient (Ye et al. 2021, eq. 4).
//!
//! For one sample, with the state `s_0 = h(o_t)` and `s_k` by the dynamics:
//! `L = w_r Σ_{k=1..K} reward_k + w_v Σ_{k=0..K} value_k + w_p Σ_{k=0..K} policy_k + w_c Σ_{k=1..K} consistency_k`,
//! weighted by importance, averaged over the batch and divided by `K`. `GradientScaling` says what else happens to
//! gradients.

use candle_core::backprop::GradStore;
use candle_core::{Result, Tensor};
use zerolab_models::networks::{Network, PlannerNetworks};
use zerolab_models::{ForwardMode, Optimizer, Recorder, ops};

use super::lesson::Lesson;
use super::settings::Settings;
use super::told::{Named, Told};

/// What an update showed.
pub(crate) struct Outcome {
    /// The mean of each loss over the batch, unweighted, by name; and the gradient's norm.
    pub(crate) losses: Vec<Named>,
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
    /// `[B]`: the values that were predicted at the sampled steps.
    pub(crate) predicted: Tensor,
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

/// What an update leaves on the device before the optimiser takes its step.
pub(crate) struct Effect {
    gradients: GradStore,
    told: Told,
    /// FLOPs of forward and backward passes.
    flops: u64,
}

impl Effect {
    fn of(online: &PlannerNetworks, lesson: &Lesson, settings: &Settings) -> Result<Self> {
        online.counter().reset();
        let hindsight = lesson.hindsight(online)?;
        let target_macs = online.counter().take();
        let losses = unroll(online, lesson, settings, hindsight.as_ref())?;
        let online_macs = online.counter().take();

        let total = losses.total(settings)?;
        let terms = (lesson.samples() * settings.training.unroll_steps) as f64;
        let objective = ((&total * lesson.weights())?.sum_all()? / terms)?;

        let mut named =
            vec![("reward", &losses.reward), ("value", &losses.value), ("policy", &losses.policy)];
        named.extend(losses.consistency.as_ref().map(|losses| ("consistency", losses)));
        named.push(("total", &total));
        Ok(Self {
            gradients: objective.backward()?,
            told: Told::of(&named, &losses.predicted)?,
            // A backward pass costs two forward passes; the target's branch has none.
            flops: 2 * (3 * online_macs + target_macs),
        })
    }
}

/// One gradient step on a lesson, when `progress` of the budget is spent.
pub(crate) fn update(
    online: &PlannerNetworks,
    optimizer: &mut Optimizer,
    recorder: &mut Recorder<Lesson, Effect>,
    lesson: &Lesson,
    settings: &Settings,
    progress: f64,
) -> Result<Outcome> {
    let work = |lesson: &Lesson| Effect::of(online, lesson, settings);
    recorder.run(lesson, work, |Effect { gradients, told, flops }| {
        let gradient_norm = optimizer.step(gradients, progress)?;
        let (mut losses, predicted) = told.read(online.device())?;
        losses.push(("gradient_norm", gradient_norm));
        Ok(Outcome { losses, value_errors: lesson.value_errors(&predicted), flops: *flops })
    })
}

/// Unrolls the model along the actions of a lesson and compares what it says with what it should. Heads see the
/// states of all steps as one batch ([`PlannerNetworks::predict`]).
pub(crate) fn unroll(
    online: &PlannerNetworks,
    lesson: &Lesson,
    settings: &Settings,
    hindsight: Option<&Tensor>,
) -> Result<Losses> {
    let (samples, steps) = (lesson.samples(), settings.training.unroll_steps);
    let scaling = settings.training.gradient_scaling;
    let mut latent = online.represent(lesson.first(), ForwardMode::Train)?;
    let mut latents = vec![latent.clone()];
    for k in 1..=steps {
        let before = ops::scale_gradient(&latent, scaling.before_step(k))?;
        let next = online.advance(&before, &lesson.actions(k - 1)?, ForwardMode::Train)?;
        latent = ops::scale_gradient(&next, scaling.into_state())?;
        latents.push(latent.clone());
    }
    let latents = Tensor::cat(&latents, 0)?;
    let unrolled = latents.narrow(0, samples, steps * samples)?;

    let (value_logits, policy_logits) = online.predict(&latents, ForwardMode::Train)?;
    let horizon = settings.value_prefix.horizon;
    let reward_logits = online.rewards(&unrolled, samples, horizon, ForwardMode::Train)?;
    let sum = |losses: &Tensor| losses.reshape((steps, samples))?.sum(0);
    let sum_of_all = |losses: &Tensor| {
        let first = losses.narrow(0, 0, samples)?;
        let first = ops::scale_gradient(&first, scaling.of_first_losses(steps))?;
        first + sum(&losses.narrow(0, samples, steps * samples)?)?
    };
    let consistency = match (hindsight, online.predicted_projection(&unrolled)?) {
        (Some(hindsight), Some(foreseen)) => {
            let losses = ops::negative_cosine(&foreseen, hindsight)?;
            Some(sum(&(losses * lesson.seen())?)?)
        }
        _ => None,
    };
    let first_values = value_logits.narrow(0, 0, samples)?;
    Ok(Losses {
        reward: sum(&ops::cross_entropy(&reward_logits, lesson.rewards())?)?,
        value: sum_of_all(&ops::cross_entropy(&value_logits, lesson.values())?)?,
        policy: sum_of_all(&ops::cross_entropy(&policy_logits, lesson.policies())?)?,
        consistency,
        predicted: ops::decode(&first_values, online.design().value_support)?,
    })
}
