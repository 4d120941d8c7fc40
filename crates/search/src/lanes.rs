//! Rows of numbers, `[A]`, in vectors of four: what the inner loops of a search are made of.
//!
//! A row is padded to whole vectors, and every function says what its padding must be.

use wide::{f32x4, u32x4};

/// Numbers in a vector. Four fill the registers that every x86-64 and every AArch64 has.
pub(crate) const LANES: usize = 4;

/// One vector of a row.
pub(crate) type Lanes = f32x4;

/// Vectors that a row of `length` takes.
pub(crate) fn width(length: usize) -> usize {
    length.div_ceil(LANES)
}

/// Which lanes of a row's last vector are not padding: a mask for `bitselect`.
pub(crate) fn within(length: usize) -> Lanes {
    let last = length - (width(length) - 1) * LANES;
    Lanes::from(std::array::from_fn(|lane| f32::from_bits(if lane < last { !0 } else { 0 })))
}

/// The numbers of a row, with its padding.
#[inline(always)]
pub(crate) fn flat(row: &[Lanes]) -> &[f32] {
    bytemuck::cast_slice(row)
}

/// The numbers of a row, with its padding.
#[inline(always)]
pub(crate) fn flat_mut(row: &mut [Lanes]) -> &mut [f32] {
    bytemuck::cast_slice_mut(row)
}

/// Appends the vectors of a row, with `padding` after its end.
pub(crate) fn push_padded(row: &[f32], padding: f32, rows: &mut Vec<Lanes>) {
    let (whole, rest) = row.as_chunks::<LANES>();
    rows.extend(whole.iter().map(|lanes| Lanes::from(*lanes)));
    if !rest.is_empty() {
        let mut lanes = [padding; LANES];
        lanes[..rest.len()].copy_from_slice(rest);
        rows.push(Lanes::from(lanes));
    }
}

/// The greater of each lane, but that of `so_far` where `new` is NaN.
#[inline(always)]
pub(crate) fn greater(so_far: Lanes, new: Lanes) -> Lanes {
    new.fast_max(so_far)
}

/// The less of each lane, but that of `so_far` where `new` is NaN.
#[inline(always)]
pub(crate) fn less(so_far: Lanes, new: Lanes) -> Lanes {
    new.fast_min(so_far)
}

/// The greatest of the lanes.
#[inline(always)]
pub(crate) fn greatest(lanes: Lanes) -> f32 {
    lanes.to_array().into_iter().fold(f32::NEG_INFINITY, |a, b| if b > a { b } else { a })
}

/// The least of the lanes.
#[inline(always)]
pub(crate) fn least(lanes: Lanes) -> f32 {
    lanes.to_array().into_iter().fold(f32::INFINITY, |a, b| if b < a { b } else { a })
}

/// The least and the greatest of all lanes of all vectors; ∞ and -∞ if all are NaN.
#[inline(always)]
pub(crate) fn extremes(vectors: impl Iterator<Item = Lanes>) -> (f32, f32) {
    let none = (Lanes::splat(f32::INFINITY), Lanes::splat(f32::NEG_INFINITY));
    let (low, high) = vectors.fold(none, |(low, high), new| (less(low, new), greater(high, new)));
    (least(low), greatest(high))
}

/// The greatest number of a row padded with -∞; -∞ if all are NaN.
#[inline(always)]
pub(crate) fn highest(row: &[Lanes]) -> f32 {
    greatest(row.iter().copied().fold(Lanes::splat(f32::NEG_INFINITY), greater))
}

/// Turns a row of logits into probabilities, but leaves -∞ as it is.
pub(crate) fn priors(row: &mut [Lanes]) {
    let never = Lanes::splat(f32::NEG_INFINITY);
    let (highest, mut sums) = (Lanes::splat(highest(row)), Lanes::ZERO);
    for lanes in row.iter_mut() {
        let exponentials = exp(*lanes - highest);
        sums += exponentials;
        *lanes = lanes.simd_eq(never).bitselect(never, exponentials);
    }
    let scale = Lanes::splat(1.0 / sums.reduce_add());
    for lanes in row.iter_mut() {
        *lanes = lanes.simd_eq(never).bitselect(never, *lanes * scale);
    }
}

/// Turns every x of a row into e^(x − highest), and returns their sum; no x is above `highest`.
#[inline(always)]
pub(crate) fn exponentials(row: &mut [Lanes], highest: f32) -> f32 {
    let (highest, mut sums) = (Lanes::splat(highest), Lanes::ZERO);
    for lanes in row.iter_mut() {
        *lanes = exp(*lanes - highest);
        sums += *lanes;
    }
    sums.reduce_add()
}

/// e^x for x up to 0, within 2 units in the last place; 0 below -87, where `f32` ends.
///
/// e^x = 2^n · e^r with |r| ≤ ln(2)/2, and e^r by the polynomial of Cephes' `expf` (S. Moshier). The
/// library's takes twice as long for what is not needed here: numbers above 0, and infinities.
#[inline(always)]
fn exp(x: Lanes) -> Lanes {
    // Added to a number, it leaves the nearest whole number in the low bits of the sum.
    const ROUNDER: f32 = 12_582_912.0;
    // ln 2 in two parts, the first short enough for n times it to be exact.
    const LN_2_HIGH: f32 = 0.693_359_4;
    const LN_2_LOW: f32 = -2.121_944_4e-4;
    let shifted = x * std::f32::consts::LOG2_E + ROUNDER;
    let n = shifted - ROUNDER;
    let r = x - n * LN_2_HIGH - n * LN_2_LOW;
    let mut p = Lanes::splat(1.987_569_1e-4);
    for coefficient in [1.398_2e-3, 8.333_452e-3, 4.166_579_6e-2, 0.166_666_65, 0.5] {
        p = p * r + coefficient;
    }
    let power_of_e = p * r * r + r + 1.0;
    let bits: u32x4 = bytemuck::cast(shifted);
    let power_of_two: Lanes = bytemuck::cast((bits << 23) + u32x4::splat(1.0_f32.to_bits()));
    x.simd_lt(Lanes::splat(-87.0)).bitselect(Lanes::ZERO, power_of_e * power_of_two)
}

/// The index of the `nth` (from 0) score that is `highest`. The priors of actions that can be taken
/// are not -∞: the first such is it where a broken model leaves nothing but NaN, and the highest of no
/// score is -∞.
#[inline(always)]
pub(crate) fn nth_equal(scores: &[Lanes], highest: f32, nth: u32, priors: &[Lanes]) -> usize {
    let mut left = nth;
    for (vector, lanes) in scores.iter().enumerate() {
        let mut equal = lanes.simd_eq(Lanes::splat(highest)).to_bitmask();
        if equal.count_ones() <= left {
            left -= equal.count_ones();
            continue;
        }
        if highest == f32::NEG_INFINITY {
            break;
        }
        for _ in 0..left {
            equal &= equal - 1;
        }
        return vector * LANES + equal.trailing_zeros() as usize;
    }
    flat(priors).iter().position(|prior| *prior != f32::NEG_INFINITY).unwrap_or(0)
}

/// How many scores equal the given one.
#[inline(always)]
pub(crate) fn count_equal(scores: &[Lanes], to: f32) -> u32 {
    scores.iter().map(|lanes| lanes.simd_eq(Lanes::splat(to)).to_bitmask().count_ones()).sum()
}
