//! Convolution by im2col: copies the windows to a matrix and multiplies it.
//!
//! It is the fallback on a GPU without cuDNN, the method for unusual windows on the CPU, and the reference of
//! tests.

use candle_core::{Result, Tensor};

use super::product::{correlation, matrix_product};
use super::run::{Kernel, run};

/// The window of a convolution.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Window {
    /// Number of rows and of columns.
    pub side: usize,
    /// Distance from one window to the next.
    pub stride: usize,
    /// Number of rows and columns of zeros on each side of the board.
    pub padding: usize,
}

impl Window {
    /// 3×3 with padding 1.
    #[must_use]
    pub const fn around(stride: usize) -> Self {
        Self { side: 3, stride, padding: 1 }
    }

    /// `side` × `side` without padding.
    #[must_use]
    pub const fn inside(side: usize, stride: usize) -> Self {
        Self { side, stride, padding: 0 }
    }

    /// Number of cells.
    #[must_use]
    pub const fn cells(self) -> usize {
        self.side * self.side
    }

    /// Height and width of the output for a board.
    #[must_use]
    pub const fn output_size(self, (height, width): (usize, usize)) -> (usize, usize) {
        (self.output_length(height), self.output_length(width))
    }

    const fn output_length(self, length: usize) -> usize {
        match (length + 2 * self.padding).checked_sub(self.side) {
            Some(range) => range / self.stride + 1,
            None => 0,
        }
    }
}

/// The windows of boards of one size.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Windows {
    pub(crate) height: usize,
    pub(crate) width: usize,
    pub(crate) window: Window,
}

impl Windows {
    /// Height and width of the output.
    pub(crate) fn output_size(self) -> (usize, usize) {
        self.window.output_size((self.height, self.width))
    }

    /// `board` `[B·H·W, C]` by `weight` `[cells·C, D]`: `[B·H'·W', D]`.
    pub(crate) fn forward(self, board: &Tensor, weight: &Tensor) -> Result<Tensor> {
        matrix_product(&self.unfold(board)?, weight)
    }

    /// The gradient of the weight, `[cells·C, D]`.
    pub(crate) fn weight_gradient(self, board: &Tensor, gradient: &Tensor) -> Result<Tensor> {
        correlation(&self.unfold(board)?, gradient)
    }

    /// The gradient of the board, of the shape of `board`.
    pub(crate) fn board_gradient(
        self,
        board: &Tensor,
        weight: &Tensor,
        gradient: &Tensor,
    ) -> Result<Tensor> {
        self.fold(&matrix_product(gradient, &weight.t()?.contiguous()?)?, board.dims2()?)
    }

    /// `[B·H'·W', cells·C]`: each window of the zero-padded board.
    fn unfold(self, board: &Tensor) -> Result<Tensor> {
        let (rows, channels) = board.dims2()?;
        let (height, width) = self.output_size();
        let boards = rows / (self.height * self.width);
        let (rows, columns) = (boards * height * width, self.window.cells() * channels);
        let unfold = |[board]: [&[f32]; 1]| {
            let mut windows = Vec::with_capacity(rows * columns);
            self.for_each_window_row(boards, channels, |row| {
                let end = windows.len() + self.window.side * channels;
                if let Some(WindowRow { board: from, length, before }) = row {
                    windows.extend(std::iter::repeat_n(0.0, before));
                    windows.extend_from_slice(&board[from..from + length]);
                }
                windows.resize(end, 0.0);
            });
            [windows]
        };
        let kernel =
            Kernel::cells("windows", rows * columns).counts(&self.counts(channels)).like(board);
        let [unfolded] = run([board], [rows * columns], unfold, &kernel)?;
        Ok(unfolded.shaped((rows, columns)))
    }

    /// Sums, for each cell, its numbers in all windows: the transpose of [`Windows::unfold`].
    fn fold(self, windows: &Tensor, (rows, channels): (usize, usize)) -> Result<Tensor> {
        let fold = |[windows]: [&[f32]; 1]| {
            let mut board = vec![0.0; rows * channels];
            let mut at = 0;
            self.for_each_window_row(rows / (self.height * self.width), channels, |row| {
                if let Some(WindowRow { board: to, length, before }) = row {
                    let from = at + before;
                    let parts = &windows[from..from + length];
                    for (sum, part) in board[to..to + length].iter_mut().zip(parts) {
                        *sum += part;
                    }
                }
                at += self.window.side * channels;
            });
            [board]
        };
        let kernel = Kernel::cells("windows_backward", rows * channels)
            .counts(&self.counts(channels))
            .like(windows);
        let [board] = run([windows], [rows * channels], fold, &kernel)?;
        Ok(board.shaped((rows, channels)))
    }

    fn counts(self, channels: usize) -> [usize; 6] {
        let Window { side, stride, padding } = self.window;
        [self.height, self.width, channels, stride, side, padding]
    }

    /// Calls `visit` for each row of each window, in order. It gets `None` for a row that is all padding.
    fn for_each_window_row(
        self,
        boards: usize,
        channels: usize,
        mut visit: impl FnMut(Option<WindowRow>),
    ) {
        let Self { height, width, window: Window { side, stride, padding } } = self;
        let (rows, columns) = self.output_size();
        for window in 0..boards * rows * columns {
            let board = window / (rows * columns) * height;
            // In coordinates of the padded board, which starts `padding` rows and columns before the board.
            let (top, left) = (window / columns % rows * stride, window % columns * stride);
            let before = padding.saturating_sub(left).min(side);
            let first = (left + before).saturating_sub(padding);
            let count = (left + side).saturating_sub(padding).min(width).saturating_sub(first);
            for row in top..top + side {
                let is_on_board = (padding..padding + height).contains(&row) && count > 0;
                visit(is_on_board.then(|| WindowRow {
                    board: ((board + row - padding) * width + first) * channels,
                    length: count * channels,
                    before: before * channels,
                }));
            }
        }
    }
}

/// The part of one row of a window that is on the board.
struct WindowRow {
    /// Index of its first number on the board.
    board: usize,
    /// Its length.
    length: usize,
    /// Number of padding numbers before it.
    before: usize,
}
