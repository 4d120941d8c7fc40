//! One update: targets by the target network, a loss, and a step down its gradient.

use rand_chacha::ChaCha8Rng;
use zerolab_models::Mode;
use zerolab_models::networks::QNetwork;

use super::returns::{Returns, best_legal};
use super::settings::Settings;
use crate::agent::{AgentError, Context};
use crate::replay::Sample;
use crate::targets::n_step_return;
use crate::twin::Twin;

/// What an update showed.
pub(crate) struct Outcome {
    /// The weighted loss and the gradient's norm, by name.
    pub(crate) losses: Vec<(&'static str, f64)>,
    /// `[B]`: what priorities go by.
    pub(crate) surprises: Vec<f32>,
    /// FLOPs of forward and backward passes.
    pub(crate) flops: u64,
}

/// FLOPs of one update, where one sample's forward pass costs `forward`: one pass for the targets or two, one
/// forward and one backward for learning; a backward pass counts as two.
pub(crate) fn update_flops(settings: &Settings, forward: u64) -> u64 {
    let targets = if settings.double { 2 } else { 1 };
    settings.batch_size as u64 * (targets + 3) * forward
}

/// One gradient step on `samples`, when `progress` of the budget is spent.
pub(crate) fn update(
    networks: &mut Twin<QNetwork>,
    samples: &[Sample<'_>],
    (settings, context): (&Settings, &Context),
    noise: &mut ChaCha8Rng,
    progress: f64,
) -> Result<Outcome, AgentError> {
    let (count, returns, device) = (samples.len(), Returns::of(settings), &context.device);
    let targets = targets(networks, samples, (settings, context), noise)?;
    let target_macs = networks.online.counter().take() + networks.target.counter().take();

    let length = context.observation_len();
    let seen = samples.iter().flat_map(|s| s.episode.observation(s.step, length)).copied();
    let outputs = networks.online.forward(&seen.collect::<Vec<_>>(), Mode::Train, Some(noise))?;
    let width = context.description.num_actions as u32;
    let taken: Vec<u32> =
        (0..).zip(samples).map(|(b, s)| b * width + s.episode.actions[s.step]).collect();
    let said = outputs.index_select(&device.upload(taken, count)?, 0)?;
    let misses = returns.compare(device, &said, targets)?;
    let weights: Vec<f32> = samples.iter().map(|sample| sample.weight).collect();
    let objective = (misses.losses * device.upload(weights, count)?)?.mean_all()?;
    let macs = networks.online.counter().take();
    let gradient_norm = networks.optimizer.step(&objective.backward()?, progress)?;
    let total = f64::from(objective.to_scalar::<f32>()?);
    Ok(Outcome {
        losses: vec![("total", total), ("gradient_norm", gradient_norm)],
        surprises: misses.surprises,
        flops: 2 * (3 * macs + target_macs),
    })
}

/// `[B · width]`: n-step returns completed by what the target network says of the best action: best by the online
/// network's values (double), or by its own.
fn targets(
    networks: &Twin<QNetwork>,
    samples: &[Sample<'_>],
    (settings, context): (&Settings, &Context),
    noise: &mut ChaCha8Rng,
) -> Result<Vec<f32>, AgentError> {
    let Settings { td_steps, discount, .. } = *settings;
    let (length, num_actions) = (context.observation_len(), context.description.num_actions);
    let (returns, width) = (Returns::of(settings), Returns::of(settings).width());
    let to_come: Vec<_> =
        samples.iter().map(|s| n_step_return(s.episode, s.step, td_steps, discount)).collect();
    let mut observations = Vec::with_capacity(samples.len() * length);
    let mut legal = Vec::with_capacity(samples.len() * num_actions);
    for (sample, to_come) in samples.iter().zip(&to_come) {
        let at = to_come.bootstrap.map_or(sample.step, |(observation, _)| observation);
        observations.extend_from_slice(sample.episode.observation(at, length));
        match sample.episode.legal.get(at * num_actions..(at + 1) * num_actions) {
            Some(row) => legal.extend_from_slice(row),
            // Of an episode's last observation, where nothing was done, that was not kept.
            None => legal.extend(std::iter::repeat_n(true, num_actions)),
        }
    }
    let mut ask = |network: &QNetwork| -> Result<Vec<f32>, AgentError> {
        let outputs = network.forward(&observations, Mode::Infer, Some(noise))?;
        Ok(context.device.download(&outputs)?)
    };
    let chosen_by = if settings.double { Some(ask(&networks.online)?) } else { None };
    let outputs = ask(&networks.target)?;
    let values = returns.means(chosen_by.as_ref().unwrap_or(&outputs));
    let choices = best_legal(&values, &legal, num_actions);
    let mut targets = vec![0.0; samples.len() * width];
    for ((b, to_come), target) in to_come.iter().enumerate().zip(targets.chunks_exact_mut(width)) {
        let row = b * num_actions + choices[b];
        returns.target(to_come, &outputs[row * width..][..width], target);
    }
    Ok(targets)
}
