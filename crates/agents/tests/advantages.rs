//! Generalised advantages against values computed by hand and against their closed form.

use proptest::prelude::*;
use zerolab_agents::{End, ValuedStep, advantages};

fn valued_step(reward: f32, value: f32, next_value: f32, end: End) -> ValuedStep {
    ValuedStep { reward, value, next_value, end }
}

fn assert_close(found: &[f32], expected: &[f32]) {
    let close = |(a, b): (&f32, &f32)| (a - b).abs() < 1e-5;
    assert!(found.len() == expected.len() && found.iter().zip(expected).all(close), "{found:?}");
}

/// γ = 0.5, λ = 0.5. The errors are 1 + 0.5·2 - 1 = 1 and 2 + 0.5·4 - 2 = 2. The third is 3 + 0.5·8 - 4,
/// without the 0.5·8 after a termination.
#[test]
fn a_truncation_is_not_a_termination() {
    let steps = |end| {
        [
            valued_step(1.0, 1.0, 2.0, End::Open),
            valued_step(2.0, 2.0, 4.0, End::Open),
            valued_step(3.0, 4.0, 8.0, end),
            // The first step of the next episode, if there is an end before it.
            valued_step(100.0, 0.0, 0.0, End::Terminated),
        ]
    };
    let of = |end| advantages(&steps(end), 0.5, 0.5);
    assert_close(&of(End::Terminated), &[1.4375, 1.75, -1.0, 100.0]);
    assert_close(&of(End::Truncated), &[1.6875, 2.75, 3.0, 100.0]);
    assert_close(&of(End::Open), &[1.6875 + 1.5625, 2.75 + 6.25, 28.0, 100.0]);
}

fn end() -> impl Strategy<Value = End> {
    prop_oneof![6 => Just(End::Open), 1 => Just(End::Terminated), 1 => Just(End::Truncated)]
}

proptest! {
    /// `A_t = Σ_l (γ λ)^l δ_{t+l}` up to the end of the episode.
    #[test]
    fn they_are_the_sum_of_discounted_errors(
        steps in prop::collection::vec((-2f32..2.0, -2f32..2.0, -2f32..2.0, end()), 0..30),
        discount in 0f32..1.0,
        lambda in 0f32..1.0,
    ) {
        let steps: Vec<_> = steps.into_iter().map(|(r, v, n, end)| valued_step(r, v, n, end)).collect();
        let error = |step: &ValuedStep| {
            let next = if step.end == End::Terminated { 0.0 } else { step.next_value };
            f64::from(step.reward + discount * next - step.value)
        };
        let found = advantages(&steps, discount, lambda);
        prop_assert_eq!(found.len(), steps.len());
        for (at, found) in found.iter().enumerate() {
            let last = (at..steps.len()).find(|&step| steps[step].end != End::Open);
            let episode = &steps[at..=last.unwrap_or(steps.len() - 1)];
            let factor = f64::from(discount * lambda);
            let sum: f64 =
                episode.iter().zip(0..).map(|(step, l)| factor.powi(l) * error(step)).sum();
            prop_assert!((f64::from(*found) - sum).abs() < 1e-4, "{found} {sum}");
        }
    }

    /// With λ = 1 the advantage is the return minus the value.
    #[test]
    fn with_lambda_one_they_are_returns_less_values(
        rewards in prop::collection::vec(-2f32..2.0, 1..30),
        values in prop::collection::vec(-2f32..2.0, 31),
        discount in 0f32..1.0,
    ) {
        let step = |at: usize| valued_step(rewards[at], values[at], values[at + 1], End::Open);
        let steps: Vec<_> = (0..rewards.len()).map(step).collect();
        for (at, found) in advantages(&steps, discount, 1.0).into_iter().enumerate() {
            let last = f64::from(values[rewards.len()]);
            let back = |later: f64, reward: &f32| f64::from(*reward) + f64::from(discount) * later;
            let to_come = rewards[at..].iter().rev().fold(last, back);
            prop_assert!((f64::from(found + values[at]) - to_come).abs() < 1e-4);
        }
    }
}
