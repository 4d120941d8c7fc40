//! Observations put together of images that are kept as bytes.

use candle_core::{Result, Tensor, bail};

use super::run::{Kernel, run};
use crate::device::Precision;

/// How far up and how far left of a cell it is read, and what its shade is multiplied by, in the numbers of a look.
const OF_A_VIEW: usize = 3;
/// The largest byte: a shade of 1.
const WHITE: f32 = 255.0;

/// Bytes that stand in one number of an image.
pub(crate) const BYTES: usize = size_of::<f32>();

/// Rows of cells `[B·H·W, parts · planes]` of observations. `images` `[N, W]` hold bytes, four to the bits of a number,
/// of `[planes, H, W]` shades from 0 to 255. A row of `looks` `[B, parts + 3]` has the numbers of the images that one
/// observation consists of, oldest first, how many rows further down and columns further right each cell is read
/// (beyond the edge the edge is repeated), and what shades from 0 to 1 are multiplied by. The outcome is in `precision`.
/// No gradient comes back.
///
/// # Errors
/// If the shapes do not fit.
pub(crate) fn look(
    images: &Tensor,
    looks: &Tensor,
    [planes, height, width]: [usize; 3],
    precision: Precision,
) -> Result<Tensor> {
    let ((_, words), (samples, numbers)) = (images.dims2()?, looks.dims2()?);
    let cells = height * width;
    if words != (planes * cells).div_ceil(BYTES) || numbers <= OF_A_VIEW {
        bail!("images of {words} words and looks of {numbers} numbers do not fit");
    }
    let parts = numbers - OF_A_VIEW;
    let (rows, channels) = (samples * cells, parts * planes);
    let see = |[images, looks]: [&[f32]; 2]| {
        let byte = |image: usize, at: usize| {
            images[image * words + at / BYTES].to_bits().to_le_bytes()[at % BYTES]
        };
        let mut out = Vec::with_capacity(rows * channels);
        for look in looks.chunks_exact(numbers) {
            let (of, view) = look.split_at(parts);
            let read = |at: usize, by: f32, length: usize| {
                (at as i64 + by as i64).clamp(0, length as i64 - 1) as usize
            };
            for place in 0..cells {
                let y = read(place / width, view[0], height);
                let x = read(place % width, view[1], width);
                out.extend((0..channels).map(|channel| {
                    let at = (channel % planes * height + y) * width + x;
                    view[2] * (f32::from(byte(of[channel / planes] as usize, at)) / WHITE)
                }));
            }
        }
        [out]
    };
    let kernel = Kernel::cells("look", rows * channels)
        .counts(&[planes, height, width, parts])
        .leaves(precision.kind());
    let [seen] = run([images, looks], [rows * channels], see, &kernel)?;
    Ok(seen.shaped((rows, channels)))
}
