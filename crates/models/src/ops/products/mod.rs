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

pub(super) use padded_boards::PaddedBoards;
use tiles::{Correlation, Factors, Product};

/// Rows and columns of the windows of boards.
pub(super) const SIDE: usize = 3;

/// Multiply–accumulates (about 0.1 ms) below which one thread is faster than several: other threads must be
/// woken, and data moves between the caches of cores.
pub(crate) const PARALLEL_THRESHOLD: usize = 1 << 23;

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

/// `x` `[rows, K]` by `weights` `[K, D]`: `[rows, D]`.
pub(super) fn multiply(x: &[f32], weights: &[f32], (width, outputs): (usize, usize)) -> Vec<f32> {
    let rows = x.len() / width;
    let mut out = vec![0.0; rows * outputs];
    let segments = Segments { count: 1, length: width, stride: 0 };
    let share = items_per_thread(rows, rows * width * outputs);
    let padded = PaddedMatrix::new(weights, outputs);
    let weights = padded.factors();
    let work = |(x, out): (&[f32], &mut [f32])| {
        let starts: Vec<usize> = (0..x.len()).step_by(width).collect();
        let rows = Rows { numbers: x, starts: &starts, segments };
        pulp::Arch::new().dispatch(Product { rows, weights, out, outputs });
    };
    if share == rows {
        work((x, &mut out));
    } else {
        x.par_chunks(share * width).zip(out.par_chunks_mut(share * outputs)).for_each(work);
    }
    out
}

/// The transpose of `x` `[rows, K]` by `gradient` `[rows, D]`: `[K, D]`.
pub(super) fn correlate(x: &[f32], gradient: &[f32], (width, outputs): (usize, usize)) -> Vec<f32> {
    let starts: Vec<usize> = (0..x.len()).step_by(width).collect();
    let segments = Segments { count: 1, length: width, stride: 0 };
    correlate_rows(Rows { numbers: x, starts: &starts, segments }, gradient, outputs)
}

/// [`correlate`] for rows in segments.
fn correlate_rows(rows: Rows<'_>, gradient: &[f32], outputs: usize) -> Vec<f32> {
    let width = rows.segments.width();
    let mut out = vec![0.0; width * outputs];
    let share = items_per_thread(width, rows.starts.len() * width * outputs);
    let padded = PaddedMatrix::new(gradient, outputs);
    let gradient = padded.factors();
    let work = |(band, out): (usize, &mut [f32])| {
        let begin = band * share;
        pulp::Arch::new().dispatch(Correlation { rows, begin, gradient, out, outputs });
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
    // A few rows at a time, so that they stay in the cache.
    for first in (0..rows).step_by(VECTOR) {
        let rows_here = &matrix[first * columns..(first + VECTOR).min(rows) * columns];
        for (column, out) in out.chunks_exact_mut(rows).enumerate() {
            let numbers = rows_here.iter().skip(column).step_by(columns);
            out[first..].iter_mut().zip(numbers).for_each(|(out, number)| *out = *number);
        }
    }
    out
}

/// Number of items for each thread, where all `items` take `macs` multiply–accumulates.
fn items_per_thread(items: usize, macs: usize) -> usize {
    let threads = if macs < PARALLEL_THRESHOLD { 1 } else { rayon::current_num_threads() };
    items.div_ceil(threads).max(1)
}
