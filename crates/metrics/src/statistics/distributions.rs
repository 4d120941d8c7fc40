//! The normal and Student's t distribution, for intervals.

use std::f64::consts::{FRAC_1_SQRT_2, FRAC_PI_2};

/// Bisection steps after which no bit of a quantile changes.
const HALVINGS: usize = 100;
/// Terms of a continued fraction; it converges in fewer.
const MAX_TERMS: u32 = 1_000;

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
/// freedom, which need not be whole.
///
/// Inverts P(|T| ≤ √`freedom` tan θ) = 1 − I_x(`freedom` / 2, 1 / 2) with x = cos² θ by bisection
/// (Abramowitz & Stegun 26.5.27).
pub(super) fn student_two_sided(confidence: f64, freedom: f64) -> f64 {
    let outside =
        |angle: f64| incomplete_beta(angle.cos().powi(2), angle.sin().powi(2), freedom / 2.0, 0.5);
    let angle = ascending_root(0.0, FRAC_PI_2, |angle| 1.0 - outside(angle) - confidence);
    freedom.sqrt() * angle.tan()
}

/// The regularised incomplete beta function I_x(`first`, `second`), where `rest` is 1 − x.
///
/// The continued fraction of Abramowitz & Stegun 26.5.8, by the modified method of Lentz 1976.
fn incomplete_beta(x: f64, rest: f64, first: f64, second: f64) -> f64 {
    if x > (first + 1.0) / (first + second + 2.0) {
        return 1.0 - incomplete_beta(rest, x, second, first);
    }
    if x <= 0.0 {
        return 0.0;
    }
    let log_beta = libm::lgamma(first) + libm::lgamma(second) - libm::lgamma(first + second);
    let front = (first * x.ln() + second * rest.ln() - log_beta).exp() / first;
    let (mut fraction, mut upper, mut lower) = (1.0, 1.0, 0.0);
    for index in 0..MAX_TERMS {
        let step = f64::from(index / 2);
        let term = match index {
            0 => 1.0,
            _ if index % 2 == 0 => {
                step * (second - step) * x / ((first + 2.0 * step - 1.0) * (first + 2.0 * step))
            }
            _ => {
                -(first + step) * (first + second + step) * x
                    / ((first + 2.0 * step) * (first + 2.0 * step + 1.0))
            }
        };
        lower = 1.0 / away_from_zero(1.0 + term * lower);
        upper = away_from_zero(1.0 + term / upper);
        fraction *= upper * lower;
        if (upper * lower - 1.0).abs() <= f64::EPSILON {
            break;
        }
    }
    front * (fraction - 1.0)
}

fn away_from_zero(value: f64) -> f64 {
    if value.abs() < f64::MIN_POSITIVE { f64::MIN_POSITIVE } else { value }
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
