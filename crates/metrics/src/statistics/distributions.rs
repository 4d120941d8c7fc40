//! The normal and Student's t distribution, for intervals.

use std::f64::consts::{FRAC_1_SQRT_2, FRAC_PI_2};

/// Bisection steps after which no bit of a quantile changes.
const HALVINGS: usize = 100;

/// The distribution function of the standard normal distribution.
pub(super) fn normal(deviate: f64) -> f64 {
    0.5 * libm::erfc(-deviate * FRAC_1_SQRT_2)
}

/// The quantile of the standard normal distribution at `level` in (0, 1).
pub(super) fn normal_quantile(level: f64) -> f64 {
    // Beyond ±40 the distribution function is 0 or 1 in 64 bits.
    ascending_root(-40.0, 40.0, |deviate| normal(deviate) - level)
}

/// The t with P(|T| ≤ t) = `confidence`, where T has Student's distribution with `freedom` ≥ 1 degrees of
/// freedom.
///
/// Inverts the finite sums of Abramowitz & Stegun 26.7.3 and 26.7.4 by bisection.
pub(super) fn student_two_sided(confidence: f64, freedom: usize) -> f64 {
    let root_freedom = (freedom as f64).sqrt();
    let angle =
        ascending_root(0.0, FRAC_PI_2, |angle| central_probability(angle, freedom) - confidence);
    root_freedom * angle.tan()
}

/// P(|T| ≤ √`freedom` tan `angle`).
fn central_probability(angle: f64, freedom: usize) -> f64 {
    let (sine, cosine) = angle.sin_cos();
    let odd = freedom % 2 == 1;
    let (mut term, mut sum) = if odd { (cosine, 0.0) } else { (1.0, 0.0) };
    for index in (if odd { 1 } else { 0 }..freedom.saturating_sub(1)).step_by(2) {
        sum += term;
        term *= cosine * cosine * (index + 1) as f64 / (index + 2) as f64;
    }
    if odd { (angle + sine * sum) / FRAC_PI_2 } else { sine * sum }
}

/// The root of an ascending function between `low` and `high`, by bisection.
fn ascending_root(mut low: f64, mut high: f64, function: impl Fn(f64) -> f64) -> f64 {
    for _ in 0..HALVINGS {
        let middle = f64::midpoint(low, high);
        if function(middle) < 0.0 {
            low = middle;
        } else {
            high = middle;
        }
    }
    f64::midpoint(low, high)
}
