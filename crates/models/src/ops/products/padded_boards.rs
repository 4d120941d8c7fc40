//! 3×3 convolutions of padded boards, whose windows are rows of three segments.

use super::SIDE;
use super::tiles::{BLOCK, Product};
use super::{PaddedMatrix, Rows, Segments, correlate_blocks, items_per_thread, transposed};
use crate::ops::pieces::computed;
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
    /// weights rotated by 180°. `epilogue` is as in [`PaddedBoards::convolve`].
    pub(in crate::ops) fn board_gradient(
        self,
        gradient: &[f32],
        weights: &[f32],
        channels: usize,
        epilogue: impl Fn(usize, &mut [f32]) + Sync,
    ) -> Vec<f32> {
        let outputs = weights.len() / (SIDE * SIDE * channels);
        let cells = weights.chunks_exact(channels * outputs).rev();
        let rotated: Vec<f32> = cells.flat_map(|cell| transposed(cell, outputs)).collect();
        let (rows, columns) = self.0.output_size();
        let source = Grid { rows, columns, step: self.0.window.stride };
        let windows = Grid { rows: self.0.height, columns: self.0.width, step: 1 };
        self.convolve_padded((gradient, source), &rotated, outputs, windows, epilogue)
    }

    /// The gradient of the weights, `[9·C, D]`.
    pub(in crate::ops) fn weight_gradient(
        self,
        boards: &[f32],
        gradient: &[f32],
        channels: usize,
    ) -> Vec<f32> {
        let source = Grid { rows: self.0.height, columns: self.0.width, step: 1 };
        let (size, segments) = (self.padded_size() * channels, self.segments(channels));
        let (rows, columns) = self.0.output_size();
        let windows = self.starts(Grid { rows, columns, step: self.0.window.stride }, channels);
        let count = boards.len() / (source.cells() * channels) * windows.len();
        // A block's windows are on so few samples that their padded boards stay in the cache. Each sample
        // replaces one that no later block needs.
        let places = BLOCK.div_ceil(windows.len()) + 1;
        correlate_blocks(segments, gradient, gradient.len() / count.max(1), |add| {
            let mut samples = boards.chunks_exact(source.cells() * channels).enumerate();
            let (mut padded, mut starts) = (vec![0.0; places * size], Vec::new());
            let mut copied = 0;
            for first in (0..count).step_by(BLOCK) {
                let block = first..(first + BLOCK).min(count);
                let last = (block.end - 1) / windows.len();
                for (sample, board) in samples.by_ref().take(last + 1 - copied) {
                    let padded = &mut padded[sample % places * size..][..size];
                    self.copy_into_padding(board, source, channels, padded);
                }
                copied = last + 1;
                let start = |window| {
                    window / windows.len() % places * size + windows[window % windows.len()]
                };
                starts.clear();
                starts.extend(block.map(start));
                add(Rows { numbers: &padded, starts: &starts, segments });
            }
        })
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
        computed((samples * output_size, output_size), share < samples, || {
            let mut padded = vec![0.0; self.padded_size() * channels];
            let (starts, epilogue) = (&starts, &epilogue);
            move |sample, out: &mut [f32]| {
                let board = &input[sample * input_size..][..input_size];
                self.copy_into_padding(board, source, channels, &mut padded);
                let rows = Rows { numbers: &padded, starts, segments };
                pulp::Arch::new().dispatch(Product { rows, weights, out, outputs });
                epilogue(sample, out);
            }
        })
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
