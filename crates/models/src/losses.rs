//! Losses that candle's own operations compose, each `[B]`.

use candle_core::{D, Result, Tensor};

/// `√(1 + e²) - 1`: quadratic near 0, linear far off, smooth in between.
///
/// # Errors
/// If the device fails.
pub fn pseudo_huber(errors: &Tensor) -> Result<Tensor> {
    (errors.sqr()? + 1.0)?.sqrt()? - 1.0
}

/// `log softmax` of each row of logits `[B, A]`.
///
/// # Errors
/// If the device fails.
pub fn log_softmax(logits: &Tensor) -> Result<Tensor> {
    // The largest logit cancels out: no gradient need go through it.
    let shifted = logits.broadcast_sub(&logits.max_keepdim(D::Minus1)?.detach())?;
    shifted.broadcast_sub(&shifted.exp()?.sum_keepdim(D::Minus1)?.log()?)
}

/// `-Σ π log π` of each row of log-probabilities `[B, A]`.
///
/// # Errors
/// If the device fails.
pub fn entropy(log_probabilities: &Tensor) -> Result<Tensor> {
    (log_probabilities.exp()? * log_probabilities)?.sum(D::Minus1)?.neg()
}

/// PPO's surrogate as a loss (Schulman et al. 2017, eq. 7): `-min(r A, clip(r, 1 - c, 1 + c) A)` with
/// `r = exp(new - old)`, from log-probabilities of the actions taken and their advantages, each `[B]`.
///
/// # Errors
/// If the shapes differ.
pub fn clipped_surrogate(
    new: &Tensor,
    old: &Tensor,
    advantages: &Tensor,
    clip: f64,
) -> Result<Tensor> {
    let ratio = (new - old)?.exp()?;
    let clipped = ratio.clamp(1.0 - clip, 1.0 + clip)?;
    (ratio * advantages)?.minimum(&(clipped * advantages)?)?.neg()
}

/// `½ (v - R)²`, each `[B]`; where `v` may move away from `old` by `clip` only, the larger of that and of the
/// same with `v` held within (the value clipping of the published PPO program, Engstrom et al. 2020).
///
/// # Errors
/// If the shapes differ.
pub fn value_error(
    values: &Tensor,
    returns: &Tensor,
    within: Option<(&Tensor, f64)>,
) -> Result<Tensor> {
    let error = |values: &Tensor| (values - returns)?.sqr()? * 0.5;
    match within {
        None => error(values),
        Some((old, clip)) => {
            let held = (old + (values - old)?.clamp(-clip, clip)?)?;
            error(values)?.maximum(&error(&held)?)
        }
    }
}
