//! One update: targets from the target network, a loss, and a gradient step.

use rand_chacha::ChaCha8Rng;
use zerolab_metrics::VALUE_TARGETS_CUT;
use zerolab_models::networks::{Network, QNetwork};
use zerolab_models::{ForwardMode, backward};

use super::returns::{ReturnEncoding, best_legal};
use super::settings::Settings;
use crate::agent::{AgentError, Context};
use crate::online_and_target::OnlineAndTarget;
use crate::replay::Sample;
use crate::targets::{Return, n_step_return};

/// The losses and costs of an update.
pub(crate) struct QUpdateResult {
    /// The loss with importance weights, the gradient norm, and of a distribution the share of targets that
    /// are cut, by name.
    pub(crate) losses: Vec<(&'static str, f64)>,
    /// `[B]`: the errors for the priorities.
    pub(crate) errors: Vec<f32>,
    /// FLOPs of forward and backward passes.
    pub(crate) flops: u64,
}

/// FLOPs of one update. `forward` is the cost of a forward pass of one sample. The targets take one or two
/// forward passes; learning takes a forward and a backward pass, which counts as two.
pub(crate) fn update_flops(settings: &Settings, forward: u64) -> u64 {
    let targets = if settings.double { 2 } else { 1 };
    settings.batch_size as u64 * (targets + 3) * forward
}

/// One gradient step on `samples`, when `progress` of the budget is spent.
pub(crate) fn update(
    networks: &mut OnlineAndTarget<QNetwork>,
    samples: &[Sample<'_>],
    settings: &Settings,
    context: &Context,
    noise: &mut ChaCha8Rng,
    progress: f64,
) -> Result<QUpdateResult, AgentError> {
    let (count, returns, device) = (samples.len(), ReturnEncoding::of(settings), &context.device);
    let QTargets { rows: targets, known, cut } =
        targets(networks, samples, settings, context, noise)?;
    let target_macs = networks.online.counter().take() + networks.target.counter().take();

    let mut seen = Vec::with_capacity(count * context.observation_len());
    samples.iter().for_each(|sample| sample.episode.read_observation(sample.step, &mut seen));
    let outputs = networks.online.forward(&seen, ForwardMode::Train, Some(noise))?.leaf()?;
    let width = context.description.num_actions as u32;
    let taken: Vec<u32> =
        (0..).zip(samples).map(|(b, s)| b * width + s.episode.actions[s.step]).collect();
    let predicted = outputs.tensor().index_select(&device.upload(taken, count)?, 0)?;
    let compared = returns.compare(device, &predicted, targets)?;
    let weight = |(sample, &known): (&Sample<'_>, &bool)| if known { sample.weight } else { 0.0 };
    let weights: Vec<f32> = samples.iter().zip(&known).map(weight).collect();
    let objective = (compared.losses * device.upload(weights, count)?)?.mean_all()?;
    let macs = networks.online.counter().take();
    let gradient_norm = networks.optimizer.step(&backward(&objective, [&outputs])?, progress)?;
    let total = f64::from(objective.to_scalar::<f32>()?);
    let mut losses = vec![("total", total), ("gradient_norm", gradient_norm)];
    if let ReturnEncoding::Distribution(_) = returns {
        losses.push((VALUE_TARGETS_CUT, cut as f64 / count.max(1) as f64));
    }
    let error = |(error, known)| if known { error } else { 0.0 };
    let errors = compared.errors.into_iter().zip(known).map(error).collect();
    Ok(QUpdateResult { losses, errors, flops: 2 * (3 * macs + target_macs) })
}

/// The targets of an update.
struct QTargets {
    /// `[B · width]`
    rows: Vec<f32>,
    /// `[B]`: whether all rewards of the return were shown.
    known: Vec<bool>,
    /// How many targets have a mean beyond the support.
    cut: usize,
}

/// N-step returns that bootstrap from the target network's value of the best action. The best
/// action is that of the online network (double) or of the target network.
fn targets(
    networks: &OnlineAndTarget<QNetwork>,
    samples: &[Sample<'_>],
    settings: &Settings,
    context: &Context,
    noise: &mut ChaCha8Rng,
) -> Result<QTargets, AgentError> {
    let (td_steps, discount) = (settings.td_steps, settings.discount as f32);
    let (length, num_actions) = (context.observation_len(), context.description.num_actions);
    let (encoding, width) = (ReturnEncoding::of(settings), ReturnEncoding::of(settings).width());
    let known: Vec<_> =
        samples.iter().map(|s| n_step_return(s.episode, s.step, td_steps, discount)).collect();
    let returns: Vec<Return> = known.iter().map(|known| known.unwrap_or_default()).collect();
    let mut observations = Vec::with_capacity(samples.len() * length);
    let mut legal = Vec::with_capacity(samples.len() * num_actions);
    for (sample, target) in samples.iter().zip(&returns) {
        let at = target.bootstrap.map_or(sample.step, |bootstrap| bootstrap.observation);
        sample.episode.read_observation(at, &mut observations);
        match sample.episode.legal.get(at * num_actions..(at + 1) * num_actions) {
            Some(row) => legal.extend_from_slice(row),
            // The legal actions of an episode's last observation are not stored.
            None => legal.extend(std::iter::repeat_n(true, num_actions)),
        }
    }
    let mut evaluate = |network: &QNetwork| -> Result<Vec<f32>, AgentError> {
        let outputs = network.forward(&observations, ForwardMode::Infer, Some(noise))?;
        Ok(context.device.download(outputs.tensor())?)
    };
    let chosen_by = if settings.double { Some(evaluate(&networks.online)?) } else { None };
    let outputs = evaluate(&networks.target)?;
    let values = encoding.means(chosen_by.as_ref().unwrap_or(&outputs));
    let choices = best_legal(&values, &legal, num_actions);
    let mut rows = vec![0.0; samples.len() * width];
    let mut cut = 0;
    for ((b, target), row) in returns.iter().enumerate().zip(rows.chunks_exact_mut(width)) {
        let best = b * num_actions + choices[b];
        let bootstrap = &outputs[best * width..][..width];
        encoding.target(target, bootstrap, row);
        cut += usize::from(encoding.cuts(target, bootstrap));
    }
    let known = known.iter().map(Option::is_some).collect();
    Ok(QTargets { rows, known, cut })
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
    use crate::targets::Bootstrap;
    use crate::update_schedule::PhasedUpdates;

    fn context() -> Context {
        let description =
            Description { observation_range: (-1.0, 1.0), ..Description::new("made up", [2], 3) };
        Context {
            description,
            real_steps: 100,
            phases: PhasedUpdates::default(),
            lanes: 1,
            seed: 1,
            device: Device::cpu(),
        }
    }

    fn replay() -> Replay {
        let mut replay = Replay::new(100, 1, 0.0);
        for step in 0..40 {
            let seen = |step: usize| vec![(step as f32).sin(), (step as f32 * 0.3).cos()];
            let transition = Transition {
                lane: 0,
                observation: seen(step),
                action: step % 3,
                reward: Some((step as f32 * 1.7).sin()),
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

    fn networks(settings: &Settings, context: &Context) -> OnlineAndTarget<QNetwork> {
        let mut stream = ChaCha8Rng::seed_from_u64(3);
        let mut network = || settings.network(context, &mut stream).unwrap();
        let networks = OnlineAndTarget::new(network(), network(), &settings.optimizer, 1).unwrap();
        // Initially the heads output 0.
        for (seed, network) in [(1.0, &networks.online), (2.0, &networks.target)] {
            for (_, var) in network.parameters().trained() {
                let values = (0..var.elem_count()).map(|i| ((i as f32 + seed) * seed * 0.7).sin());
                let values = context.device.upload(values.collect(), var.shape()).unwrap();
                var.set(&values).unwrap();
            }
        }
        networks
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

    /// This also holds with noisy weights: each row has its own noise.
    #[test]
    fn a_samples_target_does_not_depend_on_the_others() {
        let (context, replay) = (context(), replay());
        let samples = replay.sample(12, 1.0, &mut ChaCha8Rng::seed_from_u64(2));
        for settings in variants() {
            let networks = networks(&settings, &context);
            let targets = |samples: &[Sample<'_>]| {
                let mut noise = ChaCha8Rng::seed_from_u64(4);
                targets(&networks, samples, &settings, &context, &mut noise).unwrap().rows
            };
            let width = ReturnEncoding::of(&settings).width();
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

    /// The mean of a distribution's target is the target of the means, as long as no atom leaves the support.
    #[test]
    fn targets_are_those_of_the_formula() {
        let (context, replay) = (context(), replay());
        let samples = replay.sample(30, 1.0, &mut ChaCha8Rng::seed_from_u64(2));
        for settings in variants().into_iter().filter(|settings| !settings.noisy) {
            // 0.7 · 10 + 2 is within the support.
            let settings = Settings { td_steps: 2, discount: 0.7, ..settings };
            let networks = networks(&settings, &context);
            let returns = ReturnEncoding::of(&settings);
            let mut noise = ChaCha8Rng::seed_from_u64(4);
            let found = targets(&networks, &samples, &settings, &context, &mut noise).unwrap().rows;
            for (sample, target) in samples.iter().zip(found.chunks(returns.width())) {
                let target_return =
                    n_step_return(sample.episode, sample.step, 2, settings.discount as f32)
                        .unwrap();
                let mut expected = target_return.rewards;
                if let Some(Bootstrap { observation: at, discount }) = target_return.bootstrap {
                    let values = |network: &QNetwork| {
                        let mut seen = Vec::new();
                        sample.episode.read_observation(at, &mut seen);
                        let rows = network.forward(&seen, ForwardMode::Infer, None).unwrap();
                        returns.means(&context.device.download::<f32>(rows.tensor()).unwrap())
                    };
                    let legal = sample.episode.legal.chunks(3).nth(at).unwrap_or(&[true; 3]);
                    let predicted = values(&networks.target);
                    let chooser =
                        if settings.double { values(&networks.online) } else { predicted.clone() };
                    let choice = best_legal(&chooser, legal, 3)[0];
                    expected += discount * predicted[choice];
                }
                let logs: Vec<f32> = target.iter().map(|mass| mass.ln()).collect();
                let mean = if returns == ReturnEncoding::Mean {
                    target[0]
                } else {
                    returns.means(&logs)[0]
                };
                assert!((mean - expected).abs() < 1e-4, "{mean} {expected} {settings:?}");
            }
        }
    }
}
