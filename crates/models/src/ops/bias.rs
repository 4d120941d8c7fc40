//! A bias added to every row of a matrix.

use candle_core::Result;

use super::column_sums::{self, Numbers};
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
        let mut out = Vec::with_capacity(x.len());
        for row in x.chunks_exact(channels) {
            out.extend(row.iter().zip(bias).map(|(x, bias)| x + bias));
        }
        [out]
    };
    let kernel = Kernel::cells("add_bias", rows * channels).counts(&[channels]);
    let [sum] = run(inputs.map(Traced::tensor), [rows * channels], add, &kernel)?;
    Ok(sum.with_backward((rows, channels), inputs, move |[x, _], _, gradient| {
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
        Ok([Some(gradient.to_dtype(x.tensor().dtype())?), Some(sums.shaped(channels))])
    }))
}
