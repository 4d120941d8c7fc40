//! One update of AlphaZero: what a state was worth, and what its search said to do.
//!
//! For one sample: `L = w_v (v - h(z))² - w_p Σ π log p` (Silver et al. 2018, eq. 1, without the decay of weights),
//! weighted by importance and averaged over the batch; `z` is an n-step return.

use candle_core::Result;
use zerolab_models::networks::{ActorCritic, Network};
use zerolab_models::{ForwardMode, Optimizer, h, ops};

use super::Settings;
use super::world::unsqueezed;
use crate::planner::cache::{Cache, State, observations};
use crate::planner::learner::Outcome;
use crate::planner::lesson::weights;
use crate::planner::told::Told;
use crate::replay::Sample;
use crate::targets::{Return, n_step_return};

/// `[B]`: the value targets of `samples`, completed by the target network.
pub(super) fn targets(
    samples: &[Sample<'_>],
    settings: &Settings,
    target: &ActorCritic,
    cache: &mut Cache,
) -> Result<Vec<f32>> {
    let (n, discount) = (settings.training.td_steps, settings.discount);
    let returns: Vec<Return> =
        samples.iter().map(|s| n_step_return(s.episode, s.step, n, discount)).collect();
    let bootstraps = samples.iter().zip(&returns).map(|(sample, target)| {
        target.bootstrap.map(|(observation, _)| State { episode: sample.episode, observation })
    });
    let states: Vec<_> = bootstraps.collect();
    let values = cache.values(&states, |states| {
        let (_, said) = target.forward(&observations(states), ForwardMode::Infer)?;
        Ok::<_, candle_core::Error>(unsqueezed(target.device().download(&said)?))
    })?;
    let completed = |(target, value): (&Return, f32)| {
        target.rewards + target.bootstrap.map_or(0.0, |(_, discount)| discount * value)
    };
    Ok(returns.iter().zip(values).map(completed).collect())
}

/// One gradient step on `samples` with these value targets, when `progress` of the budget is spent.
pub(super) fn update(
    online: &ActorCritic,
    optimizer: &mut Optimizer,
    samples: &[Sample<'_>],
    targets: &[f32],
    settings: &Settings,
    progress: f64,
) -> Result<Outcome> {
    let device = online.device();
    let (mut seen, mut policies) = (Vec::new(), Vec::new());
    for Sample { episode, step, .. } in samples {
        let width = episode.policies.len() / episode.len();
        episode.read_observation(*step, &mut seen);
        policies.extend_from_slice(&episode.policies[step * width..][..width]);
    }
    let (logits, values) = online.forward(&seen, ForwardMode::Train)?;
    let squeezed: Vec<f32> = targets.iter().map(|&value| h(f64::from(value)) as f32).collect();
    let squeezed = device.upload(squeezed, samples.len())?;
    let value = (&values - squeezed)?.sqr()?;
    let policy = ops::cross_entropy(&logits, &device.upload(policies, logits.dims())?)?;
    let training = &settings.training;
    let total = ((&value * training.value_weight)? + (&policy * training.policy_weight)?)?;
    let objective = (&total * weights(samples, device)?)?.mean_all()?;
    let gradient_norm = optimizer.step(&objective.backward()?, progress)?;
    let named = [("value", &value), ("policy", &policy), ("total", &total)];
    let (mut losses, said) = Told::of(&named, &values)?.read(device)?;
    losses.push(("gradient_norm", gradient_norm));
    let said = unsqueezed(said);
    Ok(Outcome {
        losses,
        value_errors: said.iter().zip(targets).map(|(said, target)| said - target).collect(),
        // A backward pass costs two forward passes.
        flops: 2 * 3 * online.counter().take(),
    })
}
