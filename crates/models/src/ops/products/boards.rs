//! Boards with a cell of padding around, whose 3×3 windows are rows of three runs.

use rayon::prelude::*;

use super::tiles::Product;
use super::{Filled, Rows, Runs, correlate_rows, share};

/// Side of a window.
const SIDE: usize = 3;

/// The windows of boards of one size.
#[derive(Clone, Copy, Debug)]
pub(in crate::ops) struct Boards {
    pub(in crate::ops) height: usize,
    pub(in crate::ops) width: usize,
    /// There is a window for every `stride`th row and column.
    pub(in crate::ops) stride: usize,
}

impl Boards {
    /// Height and width of what comes of them.
    fn output_size(self) -> (usize, usize) {
        (self.height.div_ceil(self.stride), self.width.div_ceil(self.stride))
    }

    /// `boards` `[B·H·W, C]` by `weights` `[9·C, D]`: `[B·H'·W', D]`.
    pub(in crate::ops) fn convolve(
        self,
        boards: &[f32],
        weights: &[f32],
        channels: usize,
    ) -> Vec<f32> {
        let Self { height, width, .. } = self;
        self.slide(boards, (height, width, 1), weights, channels, (self.output_size(), self.stride))
    }

    /// The gradient of the boards, from that of what came of them, `[B·H'·W', D]`: each cell passes on what its
    /// windows say, so it is a convolution by the weights turned round.
    pub(in crate::ops) fn of_boards(
        self,
        gradient: &[f32],
        weights: &[f32],
        channels: usize,
    ) -> Vec<f32> {
        let outputs = weights.len() / (SIDE * SIDE * channels);
        let mut turned = vec![0.0; weights.len()];
        for (cell, weights) in weights.chunks_exact(channels * outputs).enumerate() {
            let first = (SIDE * SIDE - 1 - cell) * channels * outputs;
            for (channel, weights) in weights.chunks_exact(outputs).enumerate() {
                for (output, weight) in weights.iter().enumerate() {
                    turned[first + output * channels + channel] = *weight;
                }
            }
        }
        let (height, width) = self.output_size();
        let whole = ((self.height, self.width), 1);
        self.slide(gradient, (height, width, self.stride), &turned, outputs, whole)
    }

    /// The gradient of the weights, `[9·C, D]`.
    pub(in crate::ops) fn of_weights(
        self,
        boards: &[f32],
        gradient: &[f32],
        channels: usize,
    ) -> Vec<f32> {
        let cells = self.height * self.width;
        let samples = boards.len() / (cells * channels);
        let size = self.padded_size() * channels;
        let mut padded = vec![0.0; samples * size];
        for (board, padded) in
            boards.chunks_exact(cells * channels).zip(padded.chunks_exact_mut(size))
        {
            self.lay(board, (self.height, self.width, 1), channels, padded);
        }
        let starts = self.starts(self.output_size(), self.stride, channels);
        let all: Vec<usize> = (0..samples)
            .flat_map(|sample| starts.iter().map(move |start| sample * size + start))
            .collect();
        let rows = Rows { numbers: &padded, starts: &all, runs: self.runs(channels) };
        correlate_rows(rows, gradient, gradient.len() / all.len().max(1))
    }

    /// Multiplies the windows of `of_size` in `stride` of each padded board; what is given, of `height` × `width`
    /// cells, is laid on it with `apart` from cell to cell.
    fn slide(
        self,
        given: &[f32],
        (height, width, apart): (usize, usize, usize),
        weights: &[f32],
        channels: usize,
        ((rows, columns), stride): ((usize, usize), usize),
    ) -> Vec<f32> {
        let outputs = weights.len() / (SIDE * SIDE * channels);
        let (taken, left) = (height * width * channels, rows * columns * outputs);
        let samples = given.len() / taken;
        let starts = self.starts((rows, columns), stride, channels);
        let runs = self.runs(channels);
        let macs = samples * starts.len() * weights.len();
        let filled = Filled::up(weights, outputs);
        let weights = filled.factors();
        let work = |(given, out): (&[f32], &mut [f32])| {
            let mut padded = vec![0.0; self.padded_size() * channels];
            for (given, out) in given.chunks_exact(taken).zip(out.chunks_exact_mut(left)) {
                self.lay(given, (height, width, apart), channels, &mut padded);
                let rows = Rows { numbers: &padded, starts: &starts, runs };
                pulp::Arch::new().dispatch(Product { rows, weights, out, outputs });
            }
        };
        let mut out = vec![0.0; samples * left];
        let share = share(samples, macs);
        if share >= samples {
            work((given, &mut out));
        } else {
            given.par_chunks(share * taken).zip(out.par_chunks_mut(share * left)).for_each(work);
        }
        out
    }

    /// Copies a board's cells to their places within the padding, which stays as it is.
    fn lay(
        self,
        board: &[f32],
        (height, width, apart): (usize, usize, usize),
        channels: usize,
        padded: &mut [f32],
    ) {
        debug_assert_eq!(board.len(), height * width * channels);
        let line = (self.width + 2) * channels;
        for (y, row) in board.chunks_exact(width * channels).enumerate() {
            let to = &mut padded[(y * apart + 1) * line + channels..];
            if apart == 1 {
                to[..row.len()].copy_from_slice(row);
                continue;
            }
            for (x, cell) in row.chunks_exact(channels).enumerate() {
                to[x * apart * channels..][..channels].copy_from_slice(cell);
            }
        }
    }

    fn padded_size(self) -> usize {
        (self.height + 2) * (self.width + 2)
    }

    fn runs(self, channels: usize) -> Runs {
        let apart = (self.width + 2) * channels;
        Runs { count: SIDE, length: SIDE * channels, apart }
    }

    /// Where the windows begin.
    fn starts(self, (rows, columns): (usize, usize), stride: usize, channels: usize) -> Vec<usize> {
        let start = |y, x| (y * (self.width + 2) + x) * stride * channels;
        (0..rows).flat_map(|y| (0..columns).map(move |x| start(y, x))).collect()
    }
}
