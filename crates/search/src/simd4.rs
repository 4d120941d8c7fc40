//! Rows of numbers, `[A]`, as SIMD vectors of four floats. The inner loops of a search work on them.
//!
//! A row is padded to whole vectors. Each function states what its padding must be.

use wide::{f32x4, u32x4};

/// Numbers in a vector. Every x86-64 and AArch64 processor has registers of four floats.
pub(crate) const VECTOR_LEN: usize = 4;

/// One vector of a row.
pub(crate) type Simd4 = f32x4;

/// Number of vectors in a row of `length` numbers.
pub(crate) fn num_vectors(length: usize) -> usize {
    length.div_ceil(VECTOR_LEN)
}

/// A mask for `bitselect` that selects what is not padding in the last vector of a row.
pub(crate) fn last_vector_mask(length: usize) -> Simd4 {
    let last = length - (num_vectors(length) - 1) * VECTOR_LEN;
    Simd4::from(std::array::from_fn(|lane| f32::from_bits(if lane < last { !0 } else { 0 })))
}

/// The numbers of a row and its padding.
#[inline(always)]
pub(crate) fn flat(row: &[Simd4]) -> &[f32] {
    bytemuck::cast_slice(row)
}

/// The numbers of a row and its padding.
#[inline(always)]
pub(crate) fn flat_mut(row: &mut [Simd4]) -> &mut [f32] {
    bytemuck::cast_slice_mut(row)
}

/// Appends a row to `rows` as vectors; the last one is filled up with `padding`.
pub(crate) fn push_padded(row: &[f32], padding: f32, rows: &mut Vec<Simd4>) {
    let (whole, rest) = row.as_chunks::<VECTOR_LEN>();
    rows.extend(whole.iter().map(|numbers| Simd4::from(*numbers)));
    if !rest.is_empty() {
        let mut last = [padding; VECTOR_LEN];
        last[..rest.len()].copy_from_slice(rest);
        rows.push(Simd4::from(last));
    }
}

/// The element-wise maximum; the element of `so_far` where `new` is NaN.
#[inline(always)]
pub(crate) fn greater(so_far: Simd4, new: Simd4) -> Simd4 {
    new.fast_max(so_far)
}

/// The element-wise minimum; the element of `so_far` where `new` is NaN.
#[inline(always)]
pub(crate) fn less(so_far: Simd4, new: Simd4) -> Simd4 {
    new.fast_min(so_far)
}

/// The greatest element of a vector.
#[inline(always)]
pub(crate) fn greatest(vector: Simd4) -> f32 {
    vector.to_array().into_iter().fold(f32::NEG_INFINITY, |a, b| if b > a { b } else { a })
}

/// The least element of a vector.
#[inline(always)]
pub(crate) fn least(vector: Simd4) -> f32 {
    vector.to_array().into_iter().fold(f32::INFINITY, |a, b| if b < a { b } else { a })
}

/// The least and the greatest element of all vectors; ∞ and -∞ if all are NaN.
#[inline(always)]
pub(crate) fn extremes(vectors: impl Iterator<Item = Simd4>) -> (f32, f32) {
    let none = (Simd4::splat(f32::INFINITY), Simd4::splat(f32::NEG_INFINITY));
    let (low, high) = vectors.fold(none, |(low, high), new| (less(low, new), greater(high, new)));
    (least(low), greatest(high))
}

/// The greatest number of a row padded with -∞; -∞ if all are NaN.
#[inline(always)]
pub(crate) fn highest(row: &[Simd4]) -> f32 {
    greatest(row.iter().copied().fold(Simd4::splat(f32::NEG_INFINITY), greater))
}

/// Replaces a row of logits by its softmax. -∞ stays -∞.
pub(crate) fn priors(row: &mut [Simd4]) {
    let never = Simd4::splat(f32::NEG_INFINITY);
    let (highest, mut sums) = (Simd4::splat(highest(row)), Simd4::ZERO);
    for vector in row.iter_mut() {
        let exponentials = exp(*vector - highest);
        sums += exponentials;
        *vector = vector.simd_eq(never).bitselect(never, exponentials);
    }
    let scale = Simd4::splat(1.0 / sums.reduce_add());
    for vector in row.iter_mut() {
        *vector = vector.simd_eq(never).bitselect(never, *vector * scale);
    }
}

/// Replaces every x of a row by e^(x − highest) and returns their sum. No x may be above `highest`.
#[inline(always)]
pub(crate) fn exponentials(row: &mut [Simd4], highest: f32) -> f32 {
    let (highest, mut sums) = (Simd4::splat(highest), Simd4::ZERO);
    for vector in row.iter_mut() {
        *vector = exp(*vector - highest);
        sums += *vector;
    }
    sums.reduce_add()
}

/// e^x for x ≤ 0, within 2 units in the last place. 0 below -87, where e^x leaves the range of `f32`.
///
/// e^x = 2^n · e^r with |r| ≤ ln(2)/2, and e^r by the polynomial of Cephes' `expf` (S. Moshier). The
/// function of `wide` takes twice as long, because it also handles x > 0 and infinities.
#[inline(always)]
fn exp(x: Simd4) -> Simd4 {
    // Adding it to a number leaves the nearest integer in the low bits of the sum.
    const ROUNDER: f32 = 12_582_912.0;
    // ln 2 in two parts. The first has so few bits that its product with n is exact.
    const LN_2_HIGH: f32 = 0.693_359_4;
    const LN_2_LOW: f32 = -2.121_944_4e-4;
    let shifted = x * std::f32::consts::LOG2_E + ROUNDER;
    let n = shifted - ROUNDER;
    let r = x - n * LN_2_HIGH - n * LN_2_LOW;
    let mut p = Simd4::splat(1.987_569_1e-4);
    for coefficient in [1.398_2e-3, 8.333_452e-3, 4.166_579_6e-2, 0.166_666_65, 0.5] {
        p = p * r + coefficient;
    }
    let power_of_e = p * r * r + r + 1.0;
    let bits: u32x4 = bytemuck::cast(shifted);
    let power_of_two: Simd4 = bytemuck::cast((bits << 23) + u32x4::splat(1.0_f32.to_bits()));
    x.simd_lt(Simd4::splat(-87.0)).bitselect(Simd4::ZERO, power_of_e * power_of_two)
}

/// The index of the `nth` score (from 0) that equals `highest`.
///
/// If all scores are NaN (a broken model), `highest` is -∞ and the result is the first action with a
/// prior other than -∞, that is, the first legal one.
#[inline(always)]
pub(crate) fn nth_equal(scores: &[Simd4], highest: f32, nth: u32, priors: &[Simd4]) -> usize {
    let mut left = nth;
    for (index, vector) in scores.iter().enumerate() {
        let mut equal = vector.simd_eq(Simd4::splat(highest)).to_bitmask();
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
        return index * VECTOR_LEN + equal.trailing_zeros() as usize;
    }
    flat(priors).iter().position(|prior| *prior != f32::NEG_INFINITY).unwrap_or(0)
}

/// The number of scores that equal `to`.
#[inline(always)]
pub(crate) fn count_equal(scores: &[Simd4], to: f32) -> u32 {
    scores.iter().map(|vector| vector.simd_eq(Simd4::splat(to)).to_bitmask().count_ones()).sum()
}
