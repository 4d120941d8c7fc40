//! Assembles observations from images that are stored as bytes.

use candle_core::{Result, Tensor, bail};

use super::run::{Kernel, run};
use crate::precision::Precision;

/// Numbers of a view after its images: offset down, offset right, factor.
const VIEW_NUMBERS: usize = 3;
/// The byte of shade 1.
const WHITE: f32 = 255.0;

/// Bytes in one number of an image.
pub(crate) const BYTES: usize = size_of::<f32>();

/// Observations as rows of cells `[B·H·W, parts · planes]` in `precision`, without gradient.
///
/// `images` `[N, words]` has shades from 0 to 255 `[planes, H, W]` as bytes, four in the bits of each number.
/// A row of `views` `[B, parts + 3]` has the indices of an observation's images, oldest first; how many rows
/// further down and columns further right each cell is read, where edges are repeated; and the factor of
/// shades from 0 to 1.
///
/// # Errors
/// If the shapes do not fit.
pub(crate) fn frame_views(
    images: &Tensor,
    views: &Tensor,
    [planes, height, width]: [usize; 3],
    precision: Precision,
) -> Result<Tensor> {
    let ((_, words), (samples, numbers)) = (images.dims2()?, views.dims2()?);
    let cells = height * width;
    if words != (planes * cells).div_ceil(BYTES) || numbers <= VIEW_NUMBERS {
        bail!("images of {words} words or views of {numbers} numbers have a wrong size");
    }
    let parts = numbers - VIEW_NUMBERS;
    let (rows, channels) = (samples * cells, parts * planes);
    let assemble = |[images, views]: [&[f32]; 2]| {
        let byte = |image: usize, at: usize| {
            images[image * words + at / BYTES].to_bits().to_le_bytes()[at % BYTES]
        };
        let mut out = Vec::with_capacity(rows * channels);
        for view in views.chunks_exact(numbers) {
            let (indices, view) = view.split_at(parts);
            let moved = |at: usize, by: f32, length: usize| {
                (at as i64 + by as i64).clamp(0, length as i64 - 1) as usize
            };
            for place in 0..cells {
                let y = moved(place / width, view[0], height);
                let x = moved(place % width, view[1], width);
                out.extend((0..channels).map(|channel| {
                    let at = (channel % planes * height + y) * width + x;
                    view[2] * (f32::from(byte(indices[channel / planes] as usize, at)) / WHITE)
                }));
            }
        }
        [out]
    };
    let kernel = Kernel::cells("frame_views", rows * channels)
        .counts(&[planes, height, width, parts])
        .output_dtype(precision.dtype());
    let [observations] = run([images, views], [rows * channels], assemble, &kernel)?;
    Ok(observations.shaped((rows, channels)))
}
