//! One update of AlphaZero.
//!
//! The loss of one sample is `L = w_v (v - h(z))² - w_p Σ π log p` (Silver et al. 2018, eq. 1; the optimiser
//! does the weight decay), weighted by importance and averaged over the batch. `z` is an n-step return, `h`
//! MuZero's value scaling.

use candle_core::Result;
use zerolab_models::networks::{ActorCritic, Network};
use zerolab_models::{ForwardMode, Leaf, Optimizer, backward, h, ops};

use super::Settings;
use super::dynamics::unscaled;
use crate::planner::learner::UpdateResult;
use crate::planner::loss_report::LossReport;
use crate::planner::target_cache::{StoredState, TargetCache, observations};
use crate::planner::training_batch::weights;
use crate::replay::Sample;
use crate::targets::{Bootstrap, Return, n_step_return};

/// `[B]`: the value targets of `samples`, completed by the target network.
pub(super) fn targets(
    samples: &[Sample<'_>],
    settings: &Settings,
    target: &ActorCritic,
    cache: &mut TargetCache,
) -> Result<Vec<f32>> {
    let (n, discount) = (settings.training.td_steps, settings.discount as f32);
    // No reward is hidden: such environments are refused.
    let of = |s: &Sample<'_>| n_step_return(s.episode, s.step, n, discount).unwrap_or_default();
    let returns: Vec<Return> = samples.iter().map(of).collect();
    let bootstraps = samples.iter().zip(&returns).map(|(sample, target)| {
        let Bootstrap { observation, .. } = target.bootstrap?;
        Some(StoredState { episode: sample.episode, observation })
    });
    let states: Vec<_> = bootstraps.collect();
    let values = cache.values(&states, |states| {
        let (_, values) = target.forward(&observations(states), ForwardMode::Infer)?;
        Ok::<_, candle_core::Error>(unscaled(target.device().download(values.tensor())?))
    })?;
    Ok(returns.iter().zip(values).map(|(target, value)| target.completed(value)).collect())
}

/// One gradient step on `samples` with these value targets, when `progress` of the budget is spent.
pub(super) fn update(
    online: &ActorCritic,
    optimizer: &mut Optimizer,
    samples: &[Sample<'_>],
    targets: &[f32],
    settings: &Settings,
    progress: f64,
) -> Result<UpdateResult> {
    let device = online.device();
    let (mut seen, mut policies) = (Vec::new(), Vec::new());
    for Sample { episode, step, .. } in samples {
        let width = episode.policies.len() / episode.len();
        episode.read_observation(*step, &mut seen);
        policies.extend_from_slice(&episode.policies[step * width..][..width]);
    }
    let (logits, values) = online.forward(&seen, ForwardMode::Train)?;
    let outputs = [values.leaf()?, logits.leaf()?];
    let [values, logits] = outputs.each_ref().map(Leaf::tensor);
    let scaled: Vec<f32> = targets.iter().map(|&value| h(f64::from(value)) as f32).collect();
    let scaled = device.upload(scaled, samples.len())?;
    let value = (values - scaled)?.sqr()?;
    let policy = ops::cross_entropy(logits, &device.upload(policies, logits.dims())?)?;
    let training = &settings.training;
    let total = ((&value * training.value_weight)? + (&policy * training.policy_weight)?)?;
    let objective = (&total * weights(samples, device)?)?.mean_all()?;
    let gradient_norm = optimizer.step(&backward(&objective, &outputs)?, progress)?;
    let named = [("value", &value), ("policy", &policy), ("total", &total)];
    let (mut losses, predicted) = LossReport::of(&named, values)?.read(device)?;
    losses.push(("gradient_norm", gradient_norm));
    let errors = unscaled(predicted).into_iter().zip(targets).map(|(value, target)| value - target);
    Ok(UpdateResult {
        losses,
        value_errors: errors.collect(),
        // A backward pass counts as two forward passes.
        flops: 2 * 3 * online.counter().take(),
    })
}
