//! The windows of a convolution laid out one by one (im2col), so that it is a product of matrices: how a GPU
//! convolves where cuDNN is not found, and what the faster ways are compared with.

use candle_core::{Result, Tensor};

use super::product::{correlation, product};
use super::run::{Kernel, run};

/// The window of a convolution.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Window {
    /// How many rows and columns it has.
    pub side: usize,
    /// From one window to the next.
    pub stride: usize,
    /// Cells of zeros around the board.
    pub padding: usize,
}

impl Window {
    /// The 3×3 window around every `stride`th cell of each row and column.
    #[must_use]
    pub const fn around(stride: usize) -> Self {
        Self { side: 3, stride, padding: 1 }
    }

    /// The windows of `side` rows and columns that lie on the board.
    #[must_use]
    pub const fn inside(side: usize, stride: usize) -> Self {
        Self { side, stride, padding: 0 }
    }

    /// How many numbers of each plane it holds.
    #[must_use]
    pub const fn cells(self) -> usize {
        self.side * self.side
    }

    /// Height and width of what comes of a board.
    #[must_use]
    pub const fn output_size(self, (height, width): (usize, usize)) -> (usize, usize) {
        (self.along(height), self.along(width))
    }

    const fn along(self, length: usize) -> usize {
        match (length + 2 * self.padding).checked_sub(self.side) {
            Some(left) => left / self.stride + 1,
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
    /// Height and width of what comes out.
    pub(crate) fn output_size(self) -> (usize, usize) {
        self.window.output_size((self.height, self.width))
    }

    /// `board` `[B·H·W, C]` with `weight` `[cells·C, D]`: `[B·H'·W', D]`.
    pub(crate) fn forward(self, board: &Tensor, weight: &Tensor) -> Result<Tensor> {
        product(&self.cut(board)?, weight)
    }

    /// The gradient of the weight, `[cells·C, D]`.
    pub(crate) fn of_weight(self, board: &Tensor, gradient: &Tensor) -> Result<Tensor> {
        correlation(&self.cut(board)?, gradient)
    }

    /// The gradient of the board, of the shape of `board`.
    pub(crate) fn of_board(
        self,
        board: &Tensor,
        weight: &Tensor,
        gradient: &Tensor,
    ) -> Result<Tensor> {
        self.gather(&product(gradient, &weight.t()?.contiguous()?)?, board.dims2()?)
    }

    /// `[B·H'·W', cells·C]`: each window of the zero-padded board.
    fn cut(self, board: &Tensor) -> Result<Tensor> {
        let (rows, channels) = board.dims2()?;
        let (height, width) = self.output_size();
        let boards = rows / (self.height * self.width);
        let (rows, columns) = (boards * height * width, self.window.cells() * channels);
        let cut = |[board]: [&[f32]; 1]| {
            let mut windows = Vec::with_capacity(rows * columns);
            self.for_each_run(boards, channels, |run| {
                let end = windows.len() + self.window.side * channels;
                if let Some(Run { board: from, length, before }) = run {
                    windows.extend(std::iter::repeat_n(0.0, before));
                    windows.extend_from_slice(&board[from..from + length]);
                }
                windows.resize(end, 0.0);
            });
            [windows]
        };
        let kernel =
            Kernel::cells("windows", rows * columns).counts(&self.counts(channels)).like(board);
        let [cut] = run([board], [rows * columns], cut, &kernel)?;
        Ok(cut.shaped((rows, columns)))
    }

    /// Adds up, for each cell, what the windows that it lies in say of it: the transpose of
    /// [`Windows::cut`].
    fn gather(self, windows: &Tensor, (rows, channels): (usize, usize)) -> Result<Tensor> {
        let gather = |[windows]: [&[f32]; 1]| {
            let mut board = vec![0.0; rows * channels];
            let mut at = 0;
            self.for_each_run(rows / (self.height * self.width), channels, |run| {
                if let Some(Run { board: to, length, before }) = run {
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
        let [board] = run([windows], [rows * channels], gather, &kernel)?;
        Ok(board.shaped((rows, channels)))
    }

    fn counts(self, channels: usize) -> [usize; 6] {
        let Window { side, stride, padding } = self.window;
        [self.height, self.width, channels, stride, side, padding]
    }

    /// Calls `visit` for each row of each window, in order; `None` where the row is off the board.
    fn for_each_run(self, boards: usize, channels: usize, mut visit: impl FnMut(Option<Run>)) {
        let Self { height, width, window: Window { side, stride, padding } } = self;
        let (rows, columns) = self.output_size();
        for window in 0..boards * rows * columns {
            let board = window / (rows * columns) * height;
            // Of the padded board, which begins `padding` rows and columns before the board.
            let (top, left) = (window / columns % rows * stride, window % columns * stride);
            let before = padding.saturating_sub(left).min(side);
            let first = (left + before).saturating_sub(padding);
            let count = (left + side).saturating_sub(padding).min(width).saturating_sub(first);
            for row in top..top + side {
                let is_on_board = (padding..padding + height).contains(&row) && count > 0;
                visit(is_on_board.then(|| Run {
                    board: ((board + row - padding) * width + first) * channels,
                    length: count * channels,
                    before: before * channels,
                }));
            }
        }
    }
}

/// The part of one row of a window that lies on the board.
struct Run {
    /// Where it begins on the board.
    board: usize,
    /// How many numbers it has.
    length: usize,
    /// How many of the window's numbers lie off the board before it.
    before: usize,
}
