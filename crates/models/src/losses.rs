//! Losses `[B]` made of candle's own operations.

use candle_core::{D, Result, Tensor};

/// The pseudo-Huber loss `√(1 + e²) - 1`: quadratic near 0, linear for large errors.
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
    // The largest logit cancels out, so it needs no gradient.
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

/// `½ (v - R)²`, each `[B]`. With `clip`, a pair of old values and a distance `c`, it is the larger of that
/// and of `½ (old + clamp(v - old, -c, c) - R)²` (value clipping of PPO, Engstrom et al. 2020).
///
/// # Errors
/// If the shapes differ.
pub fn value_error(
    values: &Tensor,
    returns: &Tensor,
    clip: Option<(&Tensor, f64)>,
) -> Result<Tensor> {
    let error = |values: &Tensor| (values - returns)?.sqr()? * 0.5;
    match clip {
        None => error(values),
        Some((old, distance)) => {
            let clipped = (old + (values - old)?.clamp(-distance, distance)?)?;
            error(values)?.maximum(&error(&clipped)?)
        }
    }
}
