//! Numbers too small to matter, which are taken for 0.
//!
//! Late in a training there are many: gradients fade, and a channel that is never active any more decays with its
//! weights. Once they fall below the normal numbers (1.2e-38) a processor takes up to twenty times as long for
//! whatever is done with them; and there they stay, since nine tenths of a number of a few units round to itself.
//! (A GPU takes no longer for them, and keeps them.)

/// Below this a gradient, a moment of gradients or a statistic is 0. The square root of it is far below Adam's ε.
const LEAST: f32 = 1e-30;

/// Below this a parameter is 0: products of two are then still normal numbers.
const LEAST_PARAMETER: f32 = 1e-15;

/// A gradient as it is passed on, a moment or a statistic as it is kept.
#[inline(always)]
pub(super) fn or_zero(number: f32) -> f32 {
    if number.abs() < LEAST { 0.0 } else { number }
}

/// A parameter as it is kept.
#[inline(always)]
pub(super) fn parameter_or_zero(parameter: f32) -> f32 {
    if parameter.abs() < LEAST_PARAMETER { 0.0 } else { parameter }
}
