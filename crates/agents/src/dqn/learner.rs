//! One update: targets by the target network, a loss, and a step down its gradient.

use rand_chacha::ChaCha8Rng;
use zerolab_models::ForwardMode;
use zerolab_models::networks::{Network, QNetwork};

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

    let mut seen = Vec::with_capacity(count * context.observation_len());
    samples.iter().for_each(|sample| sample.episode.read_observation(sample.step, &mut seen));
    let outputs = networks.online.forward(&seen, ForwardMode::Train, Some(noise))?;
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
        sample.episode.read_observation(at, &mut observations);
        match sample.episode.legal.get(at * num_actions..(at + 1) * num_actions) {
            Some(row) => legal.extend_from_slice(row),
            // Of an episode's last observation, where nothing was done, that was not kept.
            None => legal.extend(std::iter::repeat_n(true, num_actions)),
        }
    }
    let mut ask = |network: &QNetwork| -> Result<Vec<f32>, AgentError> {
        let outputs = network.forward(&observations, ForwardMode::Infer, Some(noise))?;
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

#[cfg(test)]
mod tests {
    use rand_chacha::rand_core::SeedableRng;
    use zerolab_environments::Description;
    use zerolab_models::Device;

    use super::super::settings::Distributional;
    use super::*;
    use crate::agent::Transition;
    use crate::replay::Replay;

    fn context() -> Context {
        let description =
            Description { observation_range: (-1.0, 1.0), ..Description::new("made up", [2], 3) };
        Context { description, real_steps: 100, lanes: 1, seed: 1, device: Device::cpu() }
    }

    fn replay() -> Replay {
        let mut replay = Replay::new(100, 1, 0.0);
        for step in 0..40 {
            let seen = |step: usize| vec![(step as f32).sin(), (step as f32 * 0.3).cos()];
            let transition = Transition {
                lane: 0,
                observation: seen(step),
                action: step % 3,
                reward: (step as f32 * 1.7).sin(),
                terminated: step % 13 == 12,
                truncated: step % 17 == 16,
                next_observation: seen(step + 1),
                legal: vec![step % 2 == 0, true, step % 3 != 0],
                to_play: 0,
                next_to_play: 0,
            };
            replay.push(&transition, &[]);
        }
        replay
    }

    fn networks(settings: &Settings, context: &Context) -> Twin<QNetwork> {
        let mut stream = ChaCha8Rng::seed_from_u64(3);
        let mut network = || settings.network(context, &mut stream).unwrap();
        let twin = Twin::new(network(), network(), &settings.optimizer, 1).unwrap();
        // Heads begin at zero.
        for (seed, network) in [(1.0, &twin.online), (2.0, &twin.target)] {
            for (_, var) in network.parameters().trained() {
                let values = (0..var.elem_count()).map(|i| ((i as f32 + seed) * seed * 0.7).sin());
                let values = context.device.upload(values.collect(), var.shape()).unwrap();
                var.set(&values).unwrap();
            }
        }
        twin
    }

    fn variants() -> Vec<Settings> {
        let mut variants = Vec::new();
        for (enabled, double) in [(false, false), (false, true), (true, false), (true, true)] {
            for noisy in [false, true] {
                let distributional = Distributional { enabled, ..Distributional::default() };
                variants.push(Settings { distributional, double, noisy, ..Settings::default() });
            }
        }
        variants
    }

    /// Nor, where weights are noisy, do the rows behind it: each has noise of its own.
    #[test]
    fn a_samples_target_does_not_depend_on_the_others() {
        let (context, replay) = (context(), replay());
        let samples = replay.sample(12, 1.0, &mut ChaCha8Rng::seed_from_u64(2));
        for settings in variants() {
            let networks = networks(&settings, &context);
            let targets = |samples: &[Sample<'_>]| {
                let mut noise = ChaCha8Rng::seed_from_u64(4);
                targets(&networks, samples, (&settings, &context), &mut noise).unwrap()
            };
            let width = Returns::of(&settings).width();
            let together = targets(&samples);
            let mut others = samples.clone();
            others[1..].reverse();
            assert_eq!(together[..width], targets(&others)[..width], "{settings:?}");
            if !settings.noisy {
                for (sample, target) in samples.iter().zip(together.chunks(width)) {
                    for (alone, target) in targets(&[*sample]).iter().zip(target) {
                        assert!((alone - target).abs() < 1e-6, "{settings:?}");
                    }
                }
            }
        }
    }

    /// The mean of a distribution's target is the target of the means, where no atom leaves the support: by the choice
    /// of the online network (double) or the target network's own, among the legal actions.
    #[test]
    fn targets_are_those_of_the_formula() {
        let (context, replay) = (context(), replay());
        let samples = replay.sample(30, 1.0, &mut ChaCha8Rng::seed_from_u64(2));
        for settings in variants().into_iter().filter(|settings| !settings.noisy) {
            // 0.7 · 10 + 2 is within.
            let settings = Settings { td_steps: 2, discount: 0.7, ..settings };
            let networks = networks(&settings, &context);
            let returns = Returns::of(&settings);
            let mut noise = ChaCha8Rng::seed_from_u64(4);
            let found = targets(&networks, &samples, (&settings, &context), &mut noise).unwrap();
            for (sample, target) in samples.iter().zip(found.chunks(returns.width())) {
                let to_come = n_step_return(sample.episode, sample.step, 2, settings.discount);
                let mut expected = to_come.rewards;
                if let Some((at, discount)) = to_come.bootstrap {
                    let values = |network: &QNetwork| {
                        let mut seen = Vec::new();
                        sample.episode.read_observation(at, &mut seen);
                        let rows = network.forward(&seen, ForwardMode::Infer, None).unwrap();
                        returns.means(&context.device.download::<f32>(&rows).unwrap())
                    };
                    let legal = sample.episode.legal.chunks(3).nth(at).unwrap_or(&[true; 3]);
                    let said = values(&networks.target);
                    let chooser =
                        if settings.double { values(&networks.online) } else { said.clone() };
                    let choice = best_legal(&chooser, legal, 3)[0];
                    expected += discount * said[choice];
                }
                let logs: Vec<f32> = target.iter().map(|mass| mass.ln()).collect();
                let mean =
                    if returns == Returns::Mean { target[0] } else { returns.means(&logs)[0] };
                assert!((mean - expected).abs() < 1e-4, "{mean} {expected} {settings:?}");
            }
        }
    }
}
