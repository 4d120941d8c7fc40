//! Learning from a rollout: epochs of minibatches, each one gradient step on PPO's loss
//! `L = surrogate + w_v · value - w_e · entropy` (Schulman et al. 2017, eq. 9).

use candle_core::{Result, Tensor};
use zerolab_models::networks::{ActorCritic, Network};
use zerolab_models::{Device, ForwardMode, Leaf, Optimizer, backward, losses};

use super::policy;
use super::rollout::{ActingOutput, Rollout};
use super::settings::Settings;

/// The smallest standard deviation that advantages are divided by.
const LEAST_DEVIATION: f32 = 1e-8;

/// A rollout of `N` steps with its training targets.
pub(crate) struct RolloutTargets<'a> {
    rollout: &'a Rollout,
    /// `[N]`: the advantages, with mean 0 and standard deviation 1.
    advantages: Vec<f32>,
    /// `[N]`: the value targets.
    returns: Vec<f32>,
}

impl<'a> RolloutTargets<'a> {
    /// Evaluates the observations after each step with `network`, and computes the targets.
    ///
    /// Only truncated steps and last steps need this value. All steps are evaluated, so the cost of a rollout
    /// does not depend on its episodes.
    pub(crate) fn new(
        network: &ActorCritic,
        rollout: &'a Rollout,
        settings: &Settings,
    ) -> Result<Self> {
        let length = rollout.next_observations.len() / rollout.len();
        let mut next_values = Vec::with_capacity(rollout.len());
        for seen in rollout.next_observations.chunks(settings.minibatch(rollout.len()) * length) {
            let (_, values) = network.forward(seen, ForwardMode::Infer)?;
            next_values.extend(network.device().download::<f32>(values.tensor())?);
        }
        let mut advantages = rollout.advantages(&next_values, settings);
        let returns = advantages.iter().zip(&rollout.outputs).map(|(a, output)| a + output.value);
        let returns = returns.collect();
        normalise(&mut advantages);
        Ok(Self { rollout, advantages, returns })
    }

    /// One gradient step on the steps `rows`, when `progress` of the budget is spent. Returns the losses.
    pub(crate) fn update(
        &self,
        network: &ActorCritic,
        optimizer: &mut Optimizer,
        rows: &[usize],
        settings: &Settings,
        progress: f64,
    ) -> Result<[(&'static str, f64); 5]> {
        let device = network.device();
        let rollout = self.rollout;
        let width = rollout.observations.len() / rollout.len();
        let num_actions = rollout.legal.len() / rollout.len();
        let (logits, values) =
            network.forward(&gather(&rollout.observations, width, rows), ForwardMode::Train)?;
        let outputs = [logits.leaf()?, values.leaf()?];
        let [logits, values] = outputs.each_ref().map(Leaf::tensor);
        let legal = gather(&rollout.legal, num_actions, rows);
        let logits = policy::masked(device, logits, &legal)?;
        let log_probabilities = losses::log_softmax(&logits)?;
        let actions: Vec<u32> = rows.iter().map(|&row| rollout.actions[row] as u32).collect();
        let actions = device.upload(actions, (rows.len(), 1))?;
        let new = log_probabilities.gather(&actions, 1)?.squeeze(1)?;
        let recorded = |part: fn(&ActingOutput) -> f32| {
            let parts = rows.iter().map(|&row| part(&rollout.outputs[row]));
            device.upload(parts.collect::<Vec<f32>>(), rows.len())
        };
        let old = recorded(|output| output.log_probability)?;
        let old_values = recorded(|output| output.value)?;

        let advantages = self.column(device, &self.advantages, rows)?;
        let surrogate = losses::clipped_surrogate(&new, &old, &advantages, settings.clip)?;
        let returns = self.column(device, &self.returns, rows)?;
        let within = settings.value_clipping.then_some((&old_values, settings.clip));
        let value = losses::value_error(values, &returns, within)?.mean_all()?;
        let (policy, entropy) =
            (surrogate.mean_all()?, losses::entropy(&log_probabilities)?.mean_all()?);
        let total = ((&policy + (&value * settings.value_weight)?)?
            - (&entropy * settings.entropy_weight)?)?;
        let gradient_norm = optimizer.step(&backward(&total, &outputs)?, progress)?;
        let number =
            |tensor: &Tensor| Ok::<_, candle_core::Error>(f64::from(tensor.to_scalar::<f32>()?));
        Ok([
            ("policy", number(&policy)?),
            ("value", number(&value)?),
            ("entropy", number(&entropy)?),
            ("total", number(&total)?),
            ("gradient_norm", gradient_norm),
        ])
    }

    fn column(&self, device: &Device, numbers: &[f32], rows: &[usize]) -> Result<Tensor> {
        device.upload(gather(numbers, 1, rows), rows.len())
    }
}

fn gather<T: Copy>(numbers: &[T], width: usize, rows: &[usize]) -> Vec<T> {
    rows.iter().flat_map(|row| &numbers[row * width..][..width]).copied().collect()
}

fn normalise(numbers: &mut [f32]) {
    let count = numbers.len() as f32;
    let mean = numbers.iter().sum::<f32>() / count;
    let variance = numbers.iter().map(|x| (x - mean).powi(2)).sum::<f32>() / count;
    let deviation = variance.sqrt().max(LEAST_DEVIATION);
    numbers.iter_mut().for_each(|x| *x = (*x - mean) / deviation);
}
