//! A bias added to every row of a matrix.

use candle_core::{Result, Tensor};
use pulp::{Simd, WithSimd};

use super::column_sums::{self, Numbers};
use super::pieces::{PIECE, changed};
use super::run::{Kernel, ThreadsPerItem, chunks, run};
use crate::traced::Traced;

/// `x + bias` in single precision. `x` is `[R, C]` and may be bf16; `bias` is `[C]`.
///
/// # Errors
/// If the shapes do not fit.
pub fn add_bias(x: &Traced, bias: &Traced) -> Result<Traced> {
    let inputs = [x, bias];
    let ((rows, channels), _) = (x.tensor().dims2()?, bias.tensor().dims1()?);
    let add = |[x, bias]: [&[f32]; 2]| {
        let size = PIECE.next_multiple_of(channels);
        [changed(x, size, |_, rows| add_row(rows, bias))]
    };
    let kernel = Kernel::cells("add_bias", rows * channels).counts(&[channels]);
    let [sum] = run(inputs.map(Traced::tensor), [rows * channels], add, &kernel)?;
    Ok(sum.with_backward((rows, channels), inputs, move |[x, _], _, gradient| {
        Ok([Some(gradient.to_dtype(x.tensor().dtype())?), Some(column_sum(gradient)?)])
    }))
}

/// The sum `[C]` of the rows of `gradient` `[R, C]`: the gradient of a bias.
pub(super) fn column_sum(gradient: &Tensor) -> Result<Tensor> {
    let (rows, channels) = gradient.dims2()?;
    let sum = |[gradient]: [&[f32]; 1]| {
        let [sums] = column_sums::sums(rows, channels, &Numbers(gradient));
        [sums.iter().map(|&sum| sum as f32).collect()]
    };
    let chunks = chunks(rows);
    let kernel = Kernel::cells("bias_chunks", chunks * channels)
        .then("bias_backward", ThreadsPerItem::Warp, channels)
        .counts(&[rows, channels, chunks])
        .scratch(chunks * channels);
    let [sums] = run([gradient], [channels], sum, &kernel)?;
    Ok(sums.shaped(channels))
}

/// Adds `addend` to each of `rows`.
pub(super) fn add_row(rows: &mut [f32], addend: &[f32]) {
    pulp::Arch::new().dispatch(AddRow { rows, addend });
}

struct AddRow<'a> {
    rows: &'a mut [f32],
    addend: &'a [f32],
}

impl WithSimd for AddRow<'_> {
    type Output = ();

    #[inline(always)]
    fn with_simd<S: Simd>(self, _: S) {
        for row in self.rows.chunks_exact_mut(self.addend.len()) {
            row.iter_mut().zip(self.addend).for_each(|(x, addend)| *x += addend);
        }
    }
}
