//! Generalised advantages by hand and against their closed form.

use proptest::prelude::*;
use zerolab_agents::{End, Moment, advantages};

fn moment(reward: f32, value: f32, next_value: f32, end: End) -> Moment {
    Moment { reward, value, next_value, end }
}

fn assert_close(found: &[f32], expected: &[f32]) {
    let close = |(a, b): (&f32, &f32)| (a - b).abs() < 1e-5;
    assert!(found.len() == expected.len() && found.iter().zip(expected).all(close), "{found:?}");
}

/// γ = 0.5, λ = 0.5. The errors are 1 + 0.5·2 - 1 = 1, 2 + 0.5·4 - 2 = 2 and what the end makes of 3 + 0.5·8 - 4.
#[test]
fn a_truncation_is_not_a_termination() {
    let steps = |end| {
        [
            moment(1.0, 1.0, 2.0, End::Open),
            moment(2.0, 2.0, 4.0, End::Open),
            moment(3.0, 4.0, 8.0, end),
            // Of the next episode: none of it belongs to the one before, unless that goes on.
            moment(100.0, 0.0, 0.0, End::Terminated),
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
    /// `A_t = Σ_l (γ λ)^l δ_{t+l}` up to the end of the episode, each summed for itself.
    #[test]
    fn they_are_the_sum_of_discounted_errors(
        steps in prop::collection::vec((-2f32..2.0, -2f32..2.0, -2f32..2.0, end()), 0..30),
        discount in 0f32..1.0,
        lambda in 0f32..1.0,
    ) {
        let steps: Vec<_> = steps.into_iter().map(|(r, v, n, end)| moment(r, v, n, end)).collect();
        let error = |step: &Moment| {
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

    /// With λ = 1 values drop out but for the first and the last: the advantage is the return less the value.
    #[test]
    fn with_lambda_one_they_are_returns_less_values(
        rewards in prop::collection::vec(-2f32..2.0, 1..30),
        values in prop::collection::vec(-2f32..2.0, 31),
        discount in 0f32..1.0,
    ) {
        let step = |at: usize| moment(rewards[at], values[at], values[at + 1], End::Open);
        let steps: Vec<_> = (0..rewards.len()).map(step).collect();
        for (at, found) in advantages(&steps, discount, 1.0).into_iter().enumerate() {
            let last = f64::from(values[rewards.len()]);
            let back = |later: f64, reward: &f32| f64::from(*reward) + f64::from(discount) * later;
            let to_come = rewards[at..].iter().rev().fold(last, back);
            prop_assert!((f64::from(found + values[at]) - to_come).abs() < 1e-4);
        }
    }
}
