//! Flushes tiny numbers to zero, so that no subnormal numbers arise on the CPU.
//!
//! Late in training gradients vanish, and the weights of inactive channels decay. A processor takes up to
//! twenty times as long for operations on subnormal numbers (below 1.2e-38). Decay never ends there: 0.9
//! times the smallest numbers rounds to the number itself. A GPU is not slower, and keeps them.

/// The limit for gradients, moments of gradients and statistics. Its square root is far below Adam's ε.
const LIMIT: f32 = 1e-30;

/// The limit for parameters: the product of two larger ones is a normal number.
const PARAMETER_LIMIT: f32 = 1e-15;

/// A gradient, a moment or a statistic; 0 below [`LIMIT`].
#[inline(always)]
pub(super) fn flush(number: f32) -> f32 {
    if number.abs() < LIMIT { 0.0 } else { number }
}

/// A parameter; 0 below [`PARAMETER_LIMIT`].
#[inline(always)]
pub(super) fn flush_parameter(parameter: f32) -> f32 {
    if parameter.abs() < PARAMETER_LIMIT { 0.0 } else { parameter }
}
