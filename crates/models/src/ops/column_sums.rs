//! Sums over the rows of a matrix for each column, vectorized over columns.

use pulp::{Simd, WithSimd};

/// Rows that are summed in single precision. These sums are then added in double precision.
const BLOCK: usize = 64;

/// Blocks that are summed side by side: a processor adds several numbers in the time that it takes to add one.
const TOGETHER: usize = 4;

/// Numbers of the widest vector register.
const VECTOR: usize = 16;

/// The terms of `N` sums, for each place of a matrix.
pub(super) trait Terms<const N: usize> {
    /// The terms at `place`.
    fn at<S: Simd>(&self, simd: S, place: Place) -> [S::f32s; N];
}

/// A vector of columns of one row.
#[derive(Clone, Copy)]
pub(super) struct Place {
    /// Its index in the matrix.
    index: usize,
    /// Its index in the row.
    channel: usize,
    width: usize,
}

impl Place {
    /// The numbers of a matrix at this place.
    #[inline(always)]
    pub(super) fn of_matrix<S: Simd>(self, simd: S, matrix: &[f32]) -> S::f32s {
        load(simd, &matrix[self.index..self.index + self.width])
    }

    /// The numbers of these columns in a list with one number for each column.
    #[inline(always)]
    pub(super) fn of_row<S: Simd>(self, simd: S, row: &[f32]) -> S::f32s {
        load(simd, &row[self.channel..self.channel + self.width])
    }
}

/// The terms of plain column sums: the numbers of the matrix.
pub(super) struct Numbers<'a>(pub(super) &'a [f32]);

impl Terms<1> for Numbers<'_> {
    #[inline(always)]
    fn at<S: Simd>(&self, simd: S, place: Place) -> [S::f32s; 1] {
        [place.of_matrix(simd, self.0)]
    }
}

#[inline(always)]
fn load<S: Simd>(simd: S, numbers: &[f32]) -> S::f32s {
    match S::as_simd_f32s(numbers).0 {
        [whole] => *whole,
        _ => simd.partial_load_f32s(numbers),
    }
}

/// The sums of `terms` over `rows` rows, for each of `channels` columns.
pub(super) fn sums<const N: usize>(
    rows: usize,
    channels: usize,
    terms: &impl Terms<N>,
) -> [Vec<f64>; N] {
    pulp::Arch::new().dispatch(Sums::<N, _> { rows, channels, terms })
}

struct Sums<'a, const N: usize, T> {
    rows: usize,
    channels: usize,
    terms: &'a T,
}

impl<const N: usize, T: Terms<N>> WithSimd for Sums<'_, N, T> {
    type Output = [Vec<f64>; N];

    #[inline(always)]
    fn with_simd<S: Simd>(self, simd: S) -> Self::Output {
        let mut totals = [(); N].map(|()| vec![0.0f64; self.channels]);
        let mut first = 0;
        while self.rows - first >= TOGETHER * BLOCK {
            self.add_blocks::<S, TOGETHER>(simd, first, BLOCK, &mut totals);
            first += TOGETHER * BLOCK;
        }
        for first in (first..self.rows).step_by(BLOCK) {
            self.add_blocks::<S, 1>(simd, first, BLOCK.min(self.rows - first), &mut totals);
        }
        totals
    }
}

impl<const N: usize, T: Terms<N>> Sums<'_, N, T> {
    /// Adds the sums of `B` blocks, each of `block` rows, from row `first` on to `totals`.
    #[inline(always)]
    fn add_blocks<S: Simd, const B: usize>(
        &self,
        simd: S,
        first: usize,
        block: usize,
        totals: &mut [Vec<f64>; N],
    ) {
        let Self { channels, terms, .. } = *self;
        for channel in (0..channels).step_by(S::F32_LANES) {
            let width = S::F32_LANES.min(channels - channel);
            let mut sums = [[simd.splat_f32s(0.0); N]; B];
            for row in first..first + block {
                for (index, sums) in sums.iter_mut().enumerate() {
                    let index = (row + index * block) * channels + channel;
                    let terms = terms.at(simd, Place { index, channel, width });
                    for (sum, term) in sums.iter_mut().zip(terms) {
                        *sum = simd.add_f32s(*sum, term);
                    }
                }
            }
            for sums in sums {
                for (sum, totals) in sums.into_iter().zip(&mut *totals) {
                    let mut single = [0.0; VECTOR];
                    simd.partial_store_f32s(&mut single[..width], sum);
                    for (total, sum) in totals[channel..].iter_mut().zip(&single[..width]) {
                        *total += f64::from(*sum);
                    }
                }
            }
        }
    }
}
