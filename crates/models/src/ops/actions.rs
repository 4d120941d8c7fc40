//! Encoded actions as additional channels of a board.

use candle_core::{Result, Tensor, bail};

use super::run::{Kernel, run};
use crate::traced::Traced;

/// Appends each sample's row of `planes` `[B, A]` to all of its rows in `board` `[B·P, C]`: `[B·P, C + A]`,
/// in the precision of `board`. `planes` gets no gradient.
///
/// # Errors
/// If the number of rows of `board` is not a multiple of that of `planes`.
pub fn append_action(traced: &Traced, planes: &Tensor) -> Result<Traced> {
    let board = traced.tensor();
    let ((rows, channels), (samples, actions)) = (board.dims2()?, planes.dims2()?);
    if samples == 0 || rows % samples != 0 {
        bail!("{rows} rows cannot be divided among {samples} actions");
    }
    let (cells, width) = (rows / samples, channels + actions);
    let append = |[board, planes]: [&[f32]; 2]| {
        let mut out = Vec::with_capacity(rows * width);
        for (row, cell) in board.chunks_exact(channels).enumerate() {
            out.extend_from_slice(cell);
            out.extend_from_slice(&planes[row / cells * actions..][..actions]);
        }
        [out]
    };
    let kernel = Kernel::cells("append_action", rows * width)
        .counts(&[cells, channels, actions])
        .like(board);
    let [joined] = run([board, planes], [rows * width], append, &kernel)?;
    Ok(joined.with_backward((rows, width), [traced], move |_, _, gradient| {
        let keep = |[gradient]: [&[f32]; 1]| {
            let mut kept = Vec::with_capacity(rows * channels);
            gradient.chunks_exact(width).for_each(|row| kept.extend_from_slice(&row[..channels]));
            [kept]
        };
        let count = rows * channels;
        let kernel = Kernel::cells("append_action_backward", count)
            .counts(&[channels, actions])
            .like(gradient);
        let [kept] = run([gradient], [count], keep, &kernel)?;
        Ok([Some(kept.shaped((rows, channels)))])
    }))
}
