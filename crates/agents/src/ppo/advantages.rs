//! Generalised advantage estimation (Schulman et al. 2016).

use serde::{Deserialize, Serialize};

use crate::replay::End;

/// One step of one lane, with the network's values before and after it.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct ValuedStep {
    /// The observed reward.
    pub reward: f32,
    /// The value of the observation before the step.
    pub value: f32,
    /// The value of the observation after it, also at the end of an episode.
    pub next_value: f32,
    /// Whether and how the episode ended with the step.
    pub end: End,
}

/// `[T]`: the advantages `A_t = δ_t + γ λ A_{t+1}` with `δ_t = r_t + γ v(s_{t+1}) - v(s_t)` of the steps of
/// one lane, in order.
///
/// After a termination the next value counts as 0. After a truncation, and at the last step, the advantage
/// bootstraps from the next value.
#[must_use]
pub fn advantages(steps: &[ValuedStep], discount: f32, lambda: f32) -> Vec<f32> {
    let mut advantages = vec![0.0; steps.len()];
    let mut later = 0.0;
    for (step, advantage) in steps.iter().zip(&mut advantages).rev() {
        if step.end != End::Open {
            later = 0.0;
        }
        let next_value = if step.end == End::Terminated { 0.0 } else { step.next_value };
        let error = step.reward + discount * next_value - step.value;
        later = error + discount * lambda * later;
        *advantage = later;
    }
    advantages
}
