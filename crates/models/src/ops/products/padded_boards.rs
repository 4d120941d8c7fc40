//! 3×3 convolutions of padded boards, whose windows are rows of three segments.

use rayon::prelude::*;

use super::SIDE;
use super::tiles::Product;
use super::{PaddedMatrix, Rows, Segments, correlate_rows, items_per_thread};
use crate::ops::windows::{Window, Windows};

/// Convolutions of boards that copy each board into a padded one and read its windows in place.
#[derive(Clone, Copy, Debug)]
pub(in crate::ops) struct PaddedBoards(pub(in crate::ops) Windows);

impl PaddedBoards {
    /// `boards` `[B·H·W, C]` by `weights` `[9·C, D]`: `[B·H'·W', D]`. `epilogue` gets the index and the
    /// output of each sample while they are in the cache.
    pub(in crate::ops) fn convolve(
        self,
        boards: &[f32],
        weights: &[f32],
        channels: usize,
        epilogue: impl Fn(usize, &mut [f32]) + Sync,
    ) -> Vec<f32> {
        let Windows { height, width, window: Window { stride, .. } } = self.0;
        let source = Grid { rows: height, columns: width, step: 1 };
        let (rows, columns) = self.0.output_size();
        let windows = Grid { rows, columns, step: stride };
        self.convolve_padded((boards, source), weights, channels, windows, epilogue)
    }

    /// The gradient of the boards from the output's gradient `[B·H'·W', D]`: a convolution with the windows'
    /// weights rotated by 180°.
    pub(in crate::ops) fn board_gradient(
        self,
        gradient: &[f32],
        weights: &[f32],
        channels: usize,
    ) -> Vec<f32> {
        let outputs = weights.len() / (SIDE * SIDE * channels);
        let mut rotated = vec![0.0; weights.len()];
        for (cell, weights) in weights.chunks_exact(channels * outputs).enumerate() {
            let first = (SIDE * SIDE - 1 - cell) * channels * outputs;
            for (channel, weights) in weights.chunks_exact(outputs).enumerate() {
                for (output, weight) in weights.iter().enumerate() {
                    rotated[first + output * channels + channel] = *weight;
                }
            }
        }
        let (rows, columns) = self.0.output_size();
        let source = Grid { rows, columns, step: self.0.window.stride };
        let windows = Grid { rows: self.0.height, columns: self.0.width, step: 1 };
        self.convolve_padded((gradient, source), &rotated, outputs, windows, |_, _| ())
    }

    /// The gradient of the weights, `[9·C, D]`.
    pub(in crate::ops) fn weight_gradient(
        self,
        boards: &[f32],
        gradient: &[f32],
        channels: usize,
    ) -> Vec<f32> {
        let source = Grid { rows: self.0.height, columns: self.0.width, step: 1 };
        let samples = boards.len() / (source.cells() * channels);
        let size = self.padded_size() * channels;
        let mut padded = vec![0.0; samples * size];
        let each =
            boards.chunks_exact(source.cells() * channels).zip(padded.chunks_exact_mut(size));
        each.for_each(|(board, padded)| self.copy_into_padding(board, source, channels, padded));
        let (rows, columns) = self.0.output_size();
        let starts = self.starts(Grid { rows, columns, step: self.0.window.stride }, channels);
        let of_sample = |sample| starts.iter().map(move |start| sample * size + start);
        let all: Vec<usize> = (0..samples).flat_map(of_sample).collect();
        let rows = Rows { numbers: &padded, starts: &all, segments: self.segments(channels) };
        correlate_rows(rows, gradient, gradient.len() / all.len().max(1))
    }

    /// Copies each sample of `input` into a padded board, at the cells of `source`, and multiplies that
    /// board's windows at the cells of `windows`.
    fn convolve_padded(
        self,
        (input, source): (&[f32], Grid),
        weights: &[f32],
        channels: usize,
        windows: Grid,
        epilogue: impl Fn(usize, &mut [f32]) + Sync,
    ) -> Vec<f32> {
        let outputs = weights.len() / (SIDE * SIDE * channels);
        let (input_size, output_size) = (source.cells() * channels, windows.cells() * outputs);
        let samples = input.len() / input_size;
        let (starts, segments) = (self.starts(windows, channels), self.segments(channels));
        let share = items_per_thread(samples, samples * windows.cells() * weights.len());
        let factors = PaddedMatrix::new(weights, outputs);
        let weights = factors.factors();
        let mut out = vec![0.0; samples * output_size];
        let work = |(chunk, (input, out)): (usize, (&[f32], &mut [f32]))| {
            let mut padded = vec![0.0; self.padded_size() * channels];
            let each = input.chunks_exact(input_size).zip(out.chunks_exact_mut(output_size));
            for (index, (input, out)) in each.enumerate() {
                self.copy_into_padding(input, source, channels, &mut padded);
                let rows = Rows { numbers: &padded, starts: &starts, segments };
                pulp::Arch::new().dispatch(Product { rows, weights, out, outputs });
                epilogue(chunk * share + index, out);
            }
        };
        if share >= samples {
            work((0, (input, &mut out)));
        } else {
            let chunks =
                input.par_chunks(share * input_size).zip(out.par_chunks_mut(share * output_size));
            chunks.enumerate().for_each(work);
        }
        out
    }

    /// Copies a sample's cells to the cells of `source` of a padded board. The padding stays as it is.
    fn copy_into_padding(self, board: &[f32], source: Grid, channels: usize, padded: &mut [f32]) {
        let line = (self.0.width + 2) * channels;
        for (y, row) in board.chunks_exact(source.columns * channels).enumerate() {
            let to = &mut padded[(y * source.step + 1) * line + channels..];
            if source.step == 1 {
                to[..row.len()].copy_from_slice(row);
                continue;
            }
            for (x, cell) in row.chunks_exact(channels).enumerate() {
                to[x * source.step * channels..][..channels].copy_from_slice(cell);
            }
        }
    }

    fn padded_size(self) -> usize {
        (self.0.height + 2) * (self.0.width + 2)
    }

    fn segments(self, channels: usize) -> Segments {
        let stride = (self.0.width + 2) * channels;
        Segments { count: SIDE, length: SIDE * channels, stride }
    }

    /// Index of the first number of each window.
    fn starts(self, windows: Grid, channels: usize) -> Vec<usize> {
        let start = |y, x| (y * (self.0.width + 2) + x) * windows.step * channels;
        (0..windows.rows).flat_map(|y| (0..windows.columns).map(move |x| start(y, x))).collect()
    }
}

/// Some cells of a board: every `step`th row and column.
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
