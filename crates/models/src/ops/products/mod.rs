//! Sums of products on the CPU, by the widest vector instructions that it has.
//!
//! A row of a matrix and the window of a board are both a few runs of numbers, so linear layers and convolutions
//! share two computations: [`multiply`], rows by weights, and [`correlate`], rows by what came of them. The windows
//! of a board overlap in memory; they are never laid out one by one.
//!
//! Each result is one chain of fused multiply–adds in an order that only its own row decides. So it is the same to
//! the last bit whatever the batch, the number of threads, or the width of the vectors.

mod boards;
mod tiles;

pub(super) use boards::Boards;
use std::borrow::Cow;

use rayon::prelude::*;
use tiles::{Correlation, Factors, Product};

/// Side of the windows of boards.
pub(super) const SIDE: usize = 3;

/// Below so many multiply–accumulates, about 0.1 ms, the other threads cost more than they do: each has to be woken, and
/// what it reads and leaves goes from one core's cache to another's.
pub(crate) const WORTH_SPREADING: usize = 1 << 23;

/// Rows of one length, each of `runs` pieces.
#[derive(Clone, Copy, Debug)]
pub(super) struct Rows<'a> {
    pub(super) numbers: &'a [f32],
    /// Where each row begins.
    pub(super) starts: &'a [usize],
    pub(super) runs: Runs,
}

/// The pieces of a row.
#[derive(Clone, Copy, Debug)]
pub(super) struct Runs {
    pub(super) count: usize,
    pub(super) length: usize,
    /// From the start of one to the start of the next.
    pub(super) apart: usize,
}

impl Runs {
    /// Numbers in a row.
    pub(super) fn width(self) -> usize {
        self.count * self.length
    }
}

/// `x` `[rows, K]` by `weights` `[K, D]`: `[rows, D]`.
pub(super) fn multiply(x: &[f32], weights: &[f32], (width, outputs): (usize, usize)) -> Vec<f32> {
    let rows = x.len() / width;
    let mut out = vec![0.0; rows * outputs];
    let runs = Runs { count: 1, length: width, apart: 0 };
    let share = share(rows, rows * width * outputs);
    let filled = Filled::up(weights, outputs);
    let weights = filled.factors();
    let work = |(x, out): (&[f32], &mut [f32])| {
        let starts: Vec<usize> = (0..x.len()).step_by(width).collect();
        let rows = Rows { numbers: x, starts: &starts, runs };
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
    let runs = Runs { count: 1, length: width, apart: 0 };
    correlate_rows(Rows { numbers: x, starts: &starts, runs }, gradient, outputs)
}

/// The same of any rows.
fn correlate_rows(rows: Rows<'_>, gradient: &[f32], outputs: usize) -> Vec<f32> {
    let width = rows.runs.width();
    let mut out = vec![0.0; width * outputs];
    let share = share(width, rows.starts.len() * width * outputs);
    let filled = Filled::up(gradient, outputs);
    let gradient = filled.factors();
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

/// Numbers of the widest vector.
const VECTOR: usize = 16;

/// A matrix whose rows are filled up with zeros to whole vectors.
struct Filled<'a> {
    numbers: Cow<'a, [f32]>,
    apart: usize,
}

impl<'a> Filled<'a> {
    fn up(matrix: &'a [f32], columns: usize) -> Self {
        let apart = columns.next_multiple_of(VECTOR);
        if apart == columns {
            return Self { numbers: Cow::Borrowed(matrix), apart };
        }
        let mut numbers = Vec::with_capacity(matrix.len() / columns * apart);
        for row in matrix.chunks_exact(columns) {
            numbers.extend_from_slice(row);
            numbers.resize(numbers.len() + apart - columns, 0.0);
        }
        Self { numbers: Cow::Owned(numbers), apart }
    }

    fn factors(&self) -> Factors<'_> {
        Factors { numbers: &self.numbers, apart: self.apart }
    }
}

/// The transpose of `[rows, columns]`.
pub(super) fn transposed(matrix: &[f32], columns: usize) -> Vec<f32> {
    let rows = matrix.len() / columns;
    let mut out = vec![0.0; matrix.len()];
    // So many rows at a time, of which the ends are read while their beginnings are still at hand.
    for first in (0..rows).step_by(VECTOR) {
        let rows_here = &matrix[first * columns..(first + VECTOR).min(rows) * columns];
        for (column, out) in out.chunks_exact_mut(rows).enumerate() {
            let numbers = rows_here.iter().skip(column).step_by(columns);
            out[first..].iter_mut().zip(numbers).for_each(|(out, number)| *out = *number);
        }
    }
    out
}

/// How many of `items` each thread gets, where all of them take `macs` multiply–accumulates.
fn share(items: usize, macs: usize) -> usize {
    let threads = if macs < WORTH_SPREADING { 1 } else { rayon::current_num_threads() };
    items.div_ceil(threads).max(1)
}
