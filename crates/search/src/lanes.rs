//! Rows of numbers, `[A]`, in vectors of four: what the inner loops of a search are made of.
//!
//! A row is padded to whole vectors, and every function says what its padding must be. The loops are
//! written lane by lane, so that the compiler turns them into vector instructions: it may not
//! reorder a sum or a maximum of `f32` by itself.

/// Numbers in a vector. Four fill the registers that every x86-64 and every AArch64 has.
pub(crate) const LANES: usize = 4;

/// One vector of a row.
pub(crate) type Lanes = [f32; LANES];

/// Vectors that a row of `length` takes.
pub(crate) fn width(length: usize) -> usize {
    length.div_ceil(LANES)
}

/// Appends the vectors of a row, with `padding` after its end.
pub(crate) fn push_padded(row: &[f32], padding: f32, rows: &mut Vec<Lanes>) {
    let (whole, rest) = row.as_chunks();
    rows.extend_from_slice(whole);
    if !rest.is_empty() {
        let mut lanes = [padding; LANES];
        lanes[..rest.len()].copy_from_slice(rest);
        rows.push(lanes);
    }
}

/// A vector of what a function says of each lane. A plain loop: what the compiler vectorises best.
#[inline(always)]
pub(crate) fn lanewise(function: impl Fn(usize) -> f32) -> Lanes {
    let mut lanes = [0.0; LANES];
    for (lane, x) in lanes.iter_mut().enumerate() {
        *x = function(lane);
    }
    lanes
}

/// `if condition { a } else { b }` without a jump, by bit masks: jumps keep a loop from being vectorised.
#[inline(always)]
pub(crate) fn select(condition: bool, a: f32, b: f32) -> f32 {
    let mask = u32::from(condition).wrapping_neg();
    f32::from_bits(a.to_bits() & mask | b.to_bits() & !mask)
}

/// Lane-wise maximum; a NaN in `b` is passed over.
pub(crate) fn maximum(a: Lanes, b: Lanes) -> Lanes {
    lanewise(|lane| if b[lane] > a[lane] { b[lane] } else { a[lane] })
}

/// Lane-wise minimum; a NaN in `b` is passed over.
pub(crate) fn minimum(a: Lanes, b: Lanes) -> Lanes {
    lanewise(|lane| if b[lane] < a[lane] { b[lane] } else { a[lane] })
}

/// Lane-wise sum.
pub(crate) fn add(a: Lanes, b: Lanes) -> Lanes {
    lanewise(|lane| a[lane] + b[lane])
}

/// The greatest of the lanes.
pub(crate) fn across_maximum(lanes: Lanes) -> f32 {
    lanes.into_iter().fold(f32::NEG_INFINITY, |a, b| if b > a { b } else { a })
}

/// The least of the lanes.
pub(crate) fn across_minimum(lanes: Lanes) -> f32 {
    lanes.into_iter().fold(f32::INFINITY, |a, b| if b < a { b } else { a })
}

/// The sum of the lanes.
pub(crate) fn across_sum([a, b, c, d]: Lanes) -> f32 {
    a + b + c + d
}

/// The greatest number of a row padded with -∞; -∞ if all are NaN.
pub(crate) fn highest(row: &[Lanes]) -> f32 {
    across_maximum(row.iter().copied().fold([f32::NEG_INFINITY; LANES], maximum))
}

/// Turns a row of logits into probabilities, but leaves -∞ as it is.
pub(crate) fn priors(row: &mut [Lanes]) {
    let (highest, mut sums) = (highest(row), [0.0; LANES]);
    let keeping = |from: Lanes, to: Lanes| {
        lanewise(|lane| select(from[lane] == f32::NEG_INFINITY, f32::NEG_INFINITY, to[lane]))
    };
    for lanes in row.iter_mut() {
        let exponentials = lanewise(|lane| exp(lanes[lane] - highest));
        sums = add(sums, exponentials);
        *lanes = keeping(*lanes, exponentials);
    }
    let scale = 1.0 / across_sum(sums);
    for lanes in row.iter_mut() {
        *lanes = keeping(*lanes, lanewise(|lane| lanes[lane] * scale));
    }
}

/// Turns every x of a row into e^(x − highest), and returns their sum; no x is above `highest`.
pub(crate) fn exponentials(row: &mut [Lanes], highest: f32) -> f32 {
    let mut sums = [0.0; LANES];
    for lanes in row.iter_mut() {
        *lanes = lanewise(|lane| exp(lanes[lane] - highest));
        sums = add(sums, *lanes);
    }
    across_sum(sums)
}

/// e^x for x up to 0, within 2 units in the last place; 0 below -87, where `f32` ends.
///
/// e^x = 2^n · e^r with |r| ≤ ln(2)/2, and e^r by the polynomial of Cephes' `expf` (S. Moshier).
/// Unlike the library's, it has no branch and no call, so that a row takes a few vector instructions.
#[inline(always)]
fn exp(x: f32) -> f32 {
    // Added to a number, it leaves the nearest whole number in the low bits of the sum.
    const ROUNDER: f32 = 12_582_912.0;
    // ln 2 in two parts, the first short enough for n times it to be exact.
    const LN_2_HIGH: f32 = 0.693_359_4;
    const LN_2_LOW: f32 = -2.121_944_4e-4;
    let shifted = x * std::f32::consts::LOG2_E + ROUNDER;
    let n = shifted - ROUNDER;
    let r = x - n * LN_2_HIGH - n * LN_2_LOW;
    let mut p = 1.987_569_1e-4;
    for coefficient in [1.398_2e-3, 8.333_452e-3, 4.166_579_6e-2, 0.166_666_65, 0.5] {
        p = p * r + coefficient;
    }
    let power_of_e = p * r * r + r + 1.0;
    let power_of_two = f32::from_bits((shifted.to_bits() << 23).wrapping_add(1.0_f32.to_bits()));
    select(x < -87.0, 0.0, power_of_e * power_of_two)
}

/// The index of the `nth` (from 0) score that is `highest`. The priors of actions that can be taken
/// are not -∞: the first such is it where a broken model leaves nothing but NaN, and the highest of no
/// score is -∞.
pub(crate) fn nth_equal(scores: &[Lanes], highest: f32, nth: u32, priors: &[Lanes]) -> usize {
    let mut left = nth;
    for (vector, lanes) in scores.iter().enumerate() {
        for (lane, score) in lanes.iter().enumerate() {
            if *score == highest && highest > f32::NEG_INFINITY {
                if left == 0 {
                    return vector * LANES + lane;
                }
                left -= 1;
            }
        }
    }
    priors.as_flattened().iter().position(|prior| *prior != f32::NEG_INFINITY).unwrap_or(0)
}

/// How many scores equal the given one.
pub(crate) fn count_equal(scores: &[Lanes], to: f32) -> u32 {
    let mut counts = [0; LANES];
    for lanes in scores {
        for (count, x) in counts.iter_mut().zip(lanes) {
            *count += u32::from(*x == to);
        }
    }
    counts.iter().sum()
}
