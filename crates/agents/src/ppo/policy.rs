//! The policy over the legal actions, from logits of all actions.

use candle_core::{Result, Tensor};
use rand::RngExt;
use rand_chacha::ChaCha8Rng;
use zerolab_models::Device;

/// Added to the logit of an illegal action. Its `exp` is 0. Infinity times 0 would be NaN.
const ILLEGAL: f32 = -1e9;

/// Logits `[B, A]` in which illegal actions have probability 0.
pub(crate) fn masked(device: &Device, logits: &Tensor, legal: &[bool]) -> Result<Tensor> {
    if !legal.contains(&false) {
        return Ok(logits.clone());
    }
    let mask = legal.iter().map(|&legal| if legal { 0.0 } else { ILLEGAL });
    logits + device.upload(mask.collect::<Vec<f32>>(), logits.dims())?
}

/// A random action by the policy of one row, and its log probability.
pub(crate) fn draw(logits: &[f32], legal: &[bool], stream: &mut ChaCha8Rng) -> (usize, f32) {
    let best = likeliest(logits, legal);
    let weights: Vec<f32> = logits
        .iter()
        .zip(legal)
        .map(|(logit, &legal)| if legal { (logit - logits[best]).exp() } else { 0.0 })
        .collect();
    let mass: f32 = weights.iter().sum();
    let mut left = stream.random::<f32>() * mass;
    let mut chosen = best;
    for (action, &weight) in weights.iter().enumerate().filter(|(_, weight)| **weight > 0.0) {
        chosen = action;
        left -= weight;
        if left < 0.0 {
            break;
        }
    }
    (chosen, logits[chosen] - logits[best] - mass.ln())
}

/// The legal action with the largest logit in one row.
pub(crate) fn likeliest(logits: &[f32], legal: &[bool]) -> usize {
    let legal_actions = (0..logits.len()).filter(|&action| legal[action]);
    legal_actions
        .reduce(|best, action| if logits[action] > logits[best] { action } else { best })
        .unwrap_or(0)
}

#[cfg(test)]
mod tests {
    use rand_chacha::rand_core::SeedableRng;
    use zerolab_models::losses;

    use super::*;

    #[test]
    fn actions_are_drawn_by_their_probabilities_and_only_legal_ones() {
        let device = Device::cpu();
        let logits = [0.3f32, 9.0, -0.7, 1.1];
        let legal = [true, false, true, true];
        let tensor = device.upload(logits.to_vec(), (1, 4)).unwrap();
        let logs = losses::log_softmax(&masked(&device, &tensor, &legal).unwrap()).unwrap();
        let logs = device.download::<f32>(&logs).unwrap();
        let mass: f32 = [0.3f32, -0.7, 1.1].iter().map(|logit| logit.exp()).sum();
        let mut stream = ChaCha8Rng::seed_from_u64(1);
        let mut counts = [0u32; 4];
        let draws = 20_000;
        for _ in 0..draws {
            let (action, log_probability) = draw(&logits, &legal, &mut stream);
            counts[action] += 1;
            assert!((log_probability - logs[action]).abs() < 1e-5);
        }
        assert_eq!(counts[1], 0);
        for action in [0, 2, 3] {
            let probability = logits[action].exp() / mass;
            assert!((logs[action] - probability.ln()).abs() < 1e-5);
            // More than four standard deviations.
            let share = counts[action] as f32 / draws as f32;
            assert!((share - probability).abs() < 0.015, "{share} {probability}");
        }
        assert_eq!(likeliest(&logits, &legal), 3);
    }
}
