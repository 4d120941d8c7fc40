//! Generalised advantages (Schulman et al. 2016): how much better things went than was foreseen.

use serde::{Deserialize, Serialize};

use crate::replay::End;

/// What one step of one lane brought, and the values foreseen before and after it.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct Moment {
    /// The observed reward.
    pub reward: f32,
    /// The value of what was seen before the step.
    pub value: f32,
    /// The value of what was seen after it, also where the episode ended there.
    pub next_value: f32,
    /// Whether the episode ended there, and how.
    pub end: End,
}

/// `A_t = δ_t + γ λ A_{t+1}` with `δ_t = r_t + γ v(s_{t+1}) - v(s_t)`, of the steps of one lane in their order:
/// `[T]`.
///
/// Nothing comes after a termination, whose next value is 0. After a truncation, as at the end of the
/// steps, the next value stands for what would have come.
#[must_use]
pub fn advantages(steps: &[Moment], discount: f32, lambda: f32) -> Vec<f32> {
    let mut advantages = vec![0.0; steps.len()];
    let mut later = 0.0;
    for (step, advantage) in steps.iter().zip(&mut advantages).rev() {
        if step.end != End::Open {
            later = 0.0;
        }
        let next_value = if step.end == End::Terminated { 0.0 } else { step.next_value };
        let surprise = step.reward + discount * next_value - step.value;
        later = surprise + discount * lambda * later;
        *advantage = later;
    }
    advantages
}
