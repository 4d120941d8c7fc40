//! The windows of a convolution laid out one by one (im2col), so that it is a product of matrices: how a GPU
//! convolves where cuDNN is not found, and what the faster ways are compared with.

use candle_core::{DType, Result, Tensor};

use super::run::{Kernel, run};

/// Side of a window.
pub(super) const SIDE: usize = 3;

/// The windows of boards of one size, with one cell of padding.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Windows {
    pub(crate) height: usize,
    pub(crate) width: usize,
    /// There is a window for every `stride`th row and column.
    pub(crate) stride: usize,
}

impl Windows {
    /// Height and width of what comes out.
    pub(crate) fn output_size(self) -> (usize, usize) {
        (self.height.div_ceil(self.stride), self.width.div_ceil(self.stride))
    }

    /// `board` `[B·H·W, C]` with `weight` `[9·C, D]`: `[B·H'·W', D]`.
    pub(crate) fn forward(self, board: &Tensor, weight: &Tensor) -> Result<Tensor> {
        self.cut(board)?.matmul(weight)
    }

    /// The gradient of the weight, `[9·C, D]`.
    pub(crate) fn of_weight(self, board: &Tensor, gradient: &Tensor) -> Result<Tensor> {
        self.cut(board)?.t()?.matmul(gradient)
    }

    /// The gradient of the board, of the shape of `board`.
    pub(crate) fn of_board(
        self,
        board: &Tensor,
        weight: &Tensor,
        gradient: &Tensor,
    ) -> Result<Tensor> {
        self.gather(&gradient.matmul(&weight.t()?)?, board.dims2()?)
    }

    /// `[B·H'·W', 9·C]`: the zero-padded window around each of every `stride`th cell.
    fn cut(self, board: &Tensor) -> Result<Tensor> {
        let (rows, channels) = board.dims2()?;
        let (height, width) = self.output_size();
        let boards = rows / (self.height * self.width);
        let (rows, columns) = (boards * height * width, SIDE * SIDE * channels);
        let cut = |[board]: [&[f32]; 1]| {
            let mut windows = Vec::with_capacity(rows * columns);
            self.for_each_run(boards, channels, |run| {
                let end = windows.len() + SIDE * channels;
                if let Some(Run { board: from, length, before }) = run {
                    windows.extend(std::iter::repeat_n(0.0, before));
                    windows.extend_from_slice(&board[from..from + length]);
                }
                windows.resize(end, 0.0);
            });
            [windows]
        };
        let kernel = Kernel::cells("windows", rows * columns).counts(&self.counts(channels));
        let [windows] = run([&board.to_dtype(DType::F32)?], [rows * columns], cut, &kernel)?;
        windows.shaped((rows, columns)).to_dtype(board.dtype())
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
                at += SIDE * channels;
            });
            [board]
        };
        let kernel =
            Kernel::cells("windows_backward", rows * channels).counts(&self.counts(channels));
        let [board] = run([&windows.to_dtype(DType::F32)?], [rows * channels], gather, &kernel)?;
        board.shaped((rows, channels)).to_dtype(windows.dtype())
    }

    fn counts(self, channels: usize) -> [usize; 4] {
        [self.height, self.width, channels, self.stride]
    }

    /// Calls `visit` for each row of each window, in order; `None` where the row is off the board.
    fn for_each_run(self, boards: usize, channels: usize, mut visit: impl FnMut(Option<Run>)) {
        let Self { height, width, stride } = self;
        let (rows, columns) = self.output_size();
        for window in 0..boards * rows * columns {
            let (y, x) = (window / columns % rows * stride, window % columns * stride);
            let cell = (window / (rows * columns) * height + y) * width + x;
            let before = usize::from(x == 0);
            let count = (x + 2).min(width) - (x + before - 1);
            for row in 0..SIDE {
                // The window's row is `y + row - 1`; one cell of padding lies on either side.
                let on_board = (1..=height).contains(&(y + row));
                let first = cell + row * width + before;
                visit(on_board.then(|| Run {
                    board: (first - width - 1) * channels,
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
