//! Matrix products and 3×3 convolutions on the CPU, by the widest vector instructions that it has.
//!
//! A row of a matrix and a window of a board both consist of a few contiguous segments of numbers. So linear
//! layers and convolutions share two computations: [`multiply`], rows by weights, and [`correlate`], the
//! transpose of rows by gradients. The overlapping windows of a board are read in place.
//!
//! Each result is one chain of fused multiply–adds whose order depends only on its row. So it does not depend
//! on the batch, the number of threads or the width of vector registers, to the last bit.

mod padded_boards;
mod tiles;

use std::borrow::Cow;

use rayon::prelude::*;

use super::pieces::computed;
pub(super) use padded_boards::PaddedBoards;
use tiles::{BLOCK, Correlation, Factors, MAX_UNPACKED_STRIDE, Product};

/// Rows and columns of the windows of boards.
pub(super) const SIDE: usize = 3;

/// Multiply–accumulates (about 0.1 ms) below which one thread is faster than several: other threads must be
/// woken, and data moves between the caches of cores.
pub(crate) const PARALLEL_THRESHOLD: usize = 1 << 23;

/// Largest number of rows that are multiplied at once, so that their outputs stay in the cache: a multiple of the
/// rows of all tiles.
const ROWS_AT_ONCE: usize = 240;

/// Rows of one length in a list of numbers, each in several segments.
#[derive(Clone, Copy, Debug)]
pub(super) struct Rows<'a> {
    pub(super) numbers: &'a [f32],
    /// Index of each row's first number.
    pub(super) starts: &'a [usize],
    pub(super) segments: Segments,
}

/// The segments of a row.
#[derive(Clone, Copy, Debug)]
pub(super) struct Segments {
    pub(super) count: usize,
    pub(super) length: usize,
    /// Distance from the start of one segment to the start of the next.
    pub(super) stride: usize,
}

impl Segments {
    /// Numbers in a row.
    pub(super) fn width(self) -> usize {
        self.count * self.length
    }
}

/// `x` `[rows, K]` by `weights` `[K, D]`: `[rows, D]`. `epilogue` gets each piece of whole rows.
pub(super) fn multiply(
    x: &[f32],
    weights: &[f32],
    (width, outputs): (usize, usize),
    epilogue: impl Fn(&mut [f32]) + Sync,
) -> Vec<f32> {
    let rows = x.len() / width;
    let segments = Segments { count: 1, length: width, stride: 0 };
    let share = items_per_thread(rows, rows * width * outputs);
    let padded = PaddedMatrix::new(weights, outputs);
    let weights = padded.factors();
    // Weights that are packed are packed for all rows.
    let is_packed = padded.stride > MAX_UNPACKED_STRIDE;
    let at_once = if is_packed { share } else { share.min(ROWS_AT_ONCE) };
    let starts: Vec<usize> = (0..at_once).map(|row| row * width).collect();
    let epilogue = &epilogue;
    computed((rows * outputs, at_once * outputs), share < rows, || {
        |index, out: &mut [f32]| {
            let (numbers, starts) = (&x[index * at_once * width..], &starts[..out.len() / outputs]);
            let rows = Rows { numbers, starts, segments };
            pulp::Arch::new().dispatch(Product { rows, weights, out: &mut *out, outputs });
            epilogue(out);
        }
    })
}

/// The transpose of `x` `[rows, K]` by `gradient` `[rows, D]`: `[K, D]`.
pub(super) fn correlate(x: &[f32], gradient: &[f32], (width, outputs): (usize, usize)) -> Vec<f32> {
    let starts: Vec<usize> = (0..BLOCK).map(|row| row * width).collect();
    let segments = Segments { count: 1, length: width, stride: 0 };
    correlate_blocks(segments, gradient, outputs, |add| {
        for numbers in x.chunks(BLOCK * width) {
            add(Rows { numbers, starts: &starts[..numbers.len() / width], segments });
        }
    })
}

/// [`correlate`] for rows in segments. `for_each_block` gives blocks of [`BLOCK`] rows to a function, in order.
/// Each thread calls it.
fn correlate_blocks(
    segments: Segments,
    gradient: &[f32],
    outputs: usize,
    for_each_block: impl Fn(&mut dyn FnMut(Rows<'_>)) + Sync,
) -> Vec<f32> {
    let width = segments.width();
    let mut out = vec![0.0; width * outputs];
    let share = items_per_thread(width, gradient.len() * width);
    let padded = PaddedMatrix::new(gradient, outputs);
    let work = |(band, out): (usize, &mut [f32])| {
        let (begin, mut first, mut buffer) = (band * share, 0, Vec::new());
        for_each_block(&mut |rows| {
            let (gradient, buffer) = (padded.factors().from(first, 0), &mut buffer);
            first += rows.starts.len();
            let out = &mut *out;
            let block = Correlation { rows, begin, gradient, out, outputs, buffer };
            pulp::Arch::new().dispatch(block);
        });
    };
    if share == width {
        work((0, &mut out));
    } else {
        out.par_chunks_mut(share * outputs).enumerate().for_each(work);
    }
    out
}

/// Numbers of the widest vector register.
const VECTOR: usize = 16;

/// A matrix whose rows are padded with zeros to whole vector registers.
struct PaddedMatrix<'a> {
    numbers: Cow<'a, [f32]>,
    stride: usize,
}

impl<'a> PaddedMatrix<'a> {
    fn new(matrix: &'a [f32], columns: usize) -> Self {
        let stride = columns.next_multiple_of(VECTOR);
        if stride == columns {
            return Self { numbers: Cow::Borrowed(matrix), stride };
        }
        let mut numbers = Vec::with_capacity(matrix.len() / columns * stride);
        for row in matrix.chunks_exact(columns) {
            numbers.extend_from_slice(row);
            numbers.resize(numbers.len() + stride - columns, 0.0);
        }
        Self { numbers: Cow::Owned(numbers), stride }
    }

    fn factors(&self) -> Factors<'_> {
        Factors { numbers: &self.numbers, stride: self.stride }
    }
}

/// The transpose of `[rows, columns]`.
pub(super) fn transposed(matrix: &[f32], columns: usize) -> Vec<f32> {
    let rows = matrix.len() / columns;
    let mut out = vec![0.0; matrix.len()];
    let whole = rows / VECTOR * VECTOR;
    // As many rows at a time as a cache line of the result has numbers.
    for first in (0..whole).step_by(VECTOR) {
        let lines: [&[f32]; VECTOR] =
            std::array::from_fn(|row| &matrix[(first + row) * columns..][..columns]);
        for (column, out) in out.chunks_exact_mut(rows).enumerate() {
            for (out, line) in out[first..first + VECTOR].iter_mut().zip(lines) {
                *out = line[column];
            }
        }
    }
    for row in whole..rows {
        for (column, number) in matrix[row * columns..][..columns].iter().enumerate() {
            out[column * rows + row] = *number;
        }
    }
    out
}

/// Number of items for each thread, where all `items` take `macs` multiply–accumulates.
fn items_per_thread(items: usize, macs: usize) -> usize {
    let threads = if macs < PARALLEL_THRESHOLD { 1 } else { rayon::current_num_threads() };
    items.div_ceil(threads).max(1)
}
