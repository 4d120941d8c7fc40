//! Boards with a cell of padding around, whose 3×3 windows are rows of three runs.

use rayon::prelude::*;

use super::SIDE;
use super::tiles::Product;
use super::{Filled, Rows, Runs, correlate_rows, share};
use crate::ops::windows::{Window, Windows};

/// Boards whose windows are read where they lie.
#[derive(Clone, Copy, Debug)]
pub(in crate::ops) struct Boards(pub(in crate::ops) Windows);

impl Boards {
    /// `boards` `[B·H·W, C]` by `weights` `[9·C, D]`: `[B·H'·W', D]`. What comes of each sample is `finish`ed while
    /// it is at hand.
    pub(in crate::ops) fn convolve(
        self,
        boards: &[f32],
        weights: &[f32],
        channels: usize,
        finish: impl Fn(usize, &mut [f32]) + Sync,
    ) -> Vec<f32> {
        let Windows { height, width, window: Window { stride, .. } } = self.0;
        let laid = Grid { rows: height, columns: width, step: 1 };
        let (rows, columns) = self.0.output_size();
        let cut = Grid { rows, columns, step: stride };
        self.slide((boards, laid), weights, channels, cut, finish)
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
        let (rows, columns) = self.0.output_size();
        let laid = Grid { rows, columns, step: self.0.window.stride };
        let cut = Grid { rows: self.0.height, columns: self.0.width, step: 1 };
        self.slide((gradient, laid), &turned, outputs, cut, |_, _| ())
    }

    /// The gradient of the weights, `[9·C, D]`.
    pub(in crate::ops) fn of_weights(
        self,
        boards: &[f32],
        gradient: &[f32],
        channels: usize,
    ) -> Vec<f32> {
        let laid = Grid { rows: self.0.height, columns: self.0.width, step: 1 };
        let samples = boards.len() / (laid.cells() * channels);
        let size = self.padded_size() * channels;
        let mut padded = vec![0.0; samples * size];
        let each = boards.chunks_exact(laid.cells() * channels).zip(padded.chunks_exact_mut(size));
        each.for_each(|(board, padded)| self.lay(board, laid, channels, padded));
        let (rows, columns) = self.0.output_size();
        let starts = self.starts(Grid { rows, columns, step: self.0.window.stride }, channels);
        let of_sample = |sample| starts.iter().map(move |start| sample * size + start);
        let all: Vec<usize> = (0..samples).flat_map(of_sample).collect();
        let rows = Rows { numbers: &padded, starts: &all, runs: self.runs(channels) };
        correlate_rows(rows, gradient, gradient.len() / all.len().max(1))
    }

    /// Multiplies the windows at `cut` of each padded board, on which what is given is laid.
    fn slide(
        self,
        (given, laid): (&[f32], Grid),
        weights: &[f32],
        channels: usize,
        cut: Grid,
        finish: impl Fn(usize, &mut [f32]) + Sync,
    ) -> Vec<f32> {
        let outputs = weights.len() / (SIDE * SIDE * channels);
        let (taken, left) = (laid.cells() * channels, cut.cells() * outputs);
        let samples = given.len() / taken;
        let (starts, runs) = (self.starts(cut, channels), self.runs(channels));
        let share = share(samples, samples * cut.cells() * weights.len());
        let filled = Filled::up(weights, outputs);
        let weights = filled.factors();
        let mut out = vec![0.0; samples * left];
        let work = |(part, (given, out)): (usize, (&[f32], &mut [f32]))| {
            let mut padded = vec![0.0; self.padded_size() * channels];
            let each = given.chunks_exact(taken).zip(out.chunks_exact_mut(left));
            for (index, (given, out)) in each.enumerate() {
                self.lay(given, laid, channels, &mut padded);
                let rows = Rows { numbers: &padded, starts: &starts, runs };
                pulp::Arch::new().dispatch(Product { rows, weights, out, outputs });
                finish(part * share + index, out);
            }
        };
        if share >= samples {
            work((0, (given, &mut out)));
        } else {
            let parts = given.par_chunks(share * taken).zip(out.par_chunks_mut(share * left));
            parts.enumerate().for_each(work);
        }
        out
    }

    /// Copies a board's cells to their places within the padding, which stays as it is.
    fn lay(self, board: &[f32], laid: Grid, channels: usize, padded: &mut [f32]) {
        let line = (self.0.width + 2) * channels;
        for (y, row) in board.chunks_exact(laid.columns * channels).enumerate() {
            let to = &mut padded[(y * laid.step + 1) * line + channels..];
            if laid.step == 1 {
                to[..row.len()].copy_from_slice(row);
                continue;
            }
            for (x, cell) in row.chunks_exact(channels).enumerate() {
                to[x * laid.step * channels..][..channels].copy_from_slice(cell);
            }
        }
    }

    fn padded_size(self) -> usize {
        (self.0.height + 2) * (self.0.width + 2)
    }

    fn runs(self, channels: usize) -> Runs {
        let apart = (self.0.width + 2) * channels;
        Runs { count: SIDE, length: SIDE * channels, apart }
    }

    /// Where the windows begin.
    fn starts(self, cut: Grid, channels: usize) -> Vec<usize> {
        let start = |y, x| (y * (self.0.width + 2) + x) * cut.step * channels;
        (0..cut.rows).flat_map(|y| (0..cut.columns).map(move |x| start(y, x))).collect()
    }
}

/// Some cells of a board: each `step`th row and column.
#[derive(Clone, Copy)]
struct Grid {
    rows: usize,
    columns: usize,
    step: usize,
}

impl Grid {
    fn cells(self) -> usize {
        self.rows * self.columns
    }
}
