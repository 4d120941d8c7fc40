//! The random draws of a search. Each takes the random stream to draw from.

use rand::{Rng, RngExt, SeedableRng};
use rand_chacha::ChaCha8Rng;
use rand_distr::{Distribution, Gamma, Gumbel};

use crate::simd4::{self, Simd4};

/// The random stream of a root.
pub(crate) fn stream(seed: u64) -> ChaCha8Rng {
    ChaCha8Rng::seed_from_u64(seed)
}

/// priors ← (1 − fraction) · priors + fraction · Dirichlet(alpha) over the actions whose
/// prior is not -∞.
pub(crate) fn mix_dirichlet(
    priors: &mut [f32],
    alpha: f32,
    fraction: f32,
    stream: &mut ChaCha8Rng,
) {
    // `Settings::check` ensures alpha > 0. An unchecked alpha gives no noise.
    let Ok(gamma) = Gamma::new(f64::from(alpha), 1.0) else { return };
    let mut draw = |prior: &f32| match *prior == f32::NEG_INFINITY {
        true => 0.0,
        false => gamma.sample(stream),
    };
    let draws: Vec<f64> = priors.iter().map(&mut draw).collect();
    let sum: f64 = draws.iter().sum();
    // With a tiny alpha all draws can be 0.
    if sum > 0.0 {
        for (prior, draw) in priors.iter_mut().zip(draws) {
            if *prior != f32::NEG_INFINITY {
                *prior += fraction * ((draw / sum) as f32 - *prior);
            }
        }
    }
}

/// Adds `scale` times draws from the standard Gumbel distribution to a row.
pub(crate) fn add_gumbel(row: &mut [f32], scale: f32, stream: &mut ChaCha8Rng) {
    // Cannot fail: 0 and 1 are valid parameters.
    let Ok(standard) = Gumbel::new(0.0_f64, 1.0) else { return };
    row.iter_mut().for_each(|x| *x += scale * standard.sample(stream) as f32);
}

/// The index of a score that equals `highest`, drawn uniformly among them; see [`simd4::nth_equal`].
pub(crate) fn any_equal(
    scores: &[Simd4],
    highest: f32,
    priors: &[Simd4],
    stream: &mut ChaCha8Rng,
) -> usize {
    let nth = match simd4::count_equal(scores, highest) {
        0 | 1 => 0,
        count => stream.random_range(0..count),
    };
    simd4::nth_equal(scores, highest, nth, priors)
}

/// An index drawn in proportion to weight^(1/temperature), among the weights above 0.
pub(crate) fn draw(weights: &[f32], temperature: f32, stream: &mut impl Rng) -> usize {
    let highest = f64::from(weights.iter().copied().fold(0.0, f32::max));
    // Relative to the highest weight, so that a low temperature does not overflow.
    let power =
        |weight: f32| (f64::from(weight.max(0.0)) / highest).powf(1.0 / f64::from(temperature));
    let sum: f64 = weights.iter().map(|weight| power(*weight)).sum();
    let mut remaining = stream.random::<f64>() * sum;
    let mut last = 0;
    for (index, &weight) in weights.iter().enumerate().filter(|(_, weight)| **weight > 0.0) {
        last = index;
        remaining -= power(weight);
        if remaining < 0.0 {
            break;
        }
    }
    last
}
