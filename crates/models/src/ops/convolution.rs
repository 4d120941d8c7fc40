//! The 3×3 convolution of a board, with one cell of padding.
//!
//! It is a matrix product of the board's windows (im2col), or, on a GPU where its library is found, cuDNN's.
//! The windows are nine times the board, so they are made anew for the backward pass rather than kept.

use candle_core::{DType, Result, Tensor, bail};

use super::run::{Kernel, Output, run};
use crate::device::Device;

/// Side of a window.
const SIDE: usize = 3;

/// A convolution of boards of one size.
#[derive(Clone, Debug)]
pub struct Convolution {
    pub(super) height: usize,
    pub(super) width: usize,
    pub(super) stride: usize,
    #[cfg_attr(not(feature = "cuda"), expect(dead_code, reason = "only CUDA has two ways"))]
    device: Device,
}

impl Convolution {
    /// Of boards of `height` × `width` cells, a window for every `stride`th row and column.
    #[must_use]
    pub fn new(device: &Device, (height, width): (usize, usize), stride: usize) -> Self {
        Self { height, width, stride: stride.max(1), device: device.clone() }
    }

    /// Height and width of what comes out.
    #[must_use]
    pub fn output_size(&self) -> (usize, usize) {
        (self.height.div_ceil(self.stride), self.width.div_ceil(self.stride))
    }

    /// `board` `[B·H·W, C]` with `weight` `[9·C, D]` (rows ordered row, column, channel of the window):
    /// `[B·H'·W', D]`. Both may be bf16; the sums are `f32` all the same.
    ///
    /// # Errors
    /// If the shapes do not fit.
    pub fn apply(&self, board: &Tensor, weight: &Tensor) -> Result<Tensor> {
        let ((rows, channels), (inputs, outputs)) = (board.dims2()?, weight.dims2()?);
        if rows % (self.height * self.width) != 0 || inputs != SIDE * SIDE * channels {
            bail!(
                "boards {rows}×{channels} of {}×{} cells do not fit a weight of {inputs} rows",
                self.height,
                self.width
            );
        }
        let (height, width) = self.output_size();
        let rows = rows / (self.height * self.width) * height * width;
        let output = self.forward(&board.detach(), &weight.detach())?;
        let convolution = self.clone();
        output.linked2((rows, outputs), [board, weight], move |[board, weight], _, gradient| {
            let (board, weight) = (board, &weight.detach());
            let of_weight = convolution.of_weight(&board.detach(), gradient)?;
            // The first layer's input has no gradient to pass on.
            let of_board = board.track_op().then(|| convolution.of_board(board, weight, gradient));
            Ok([of_board.transpose()?, Some(of_weight)])
        })
    }

    fn forward(&self, board: &Tensor, weight: &Tensor) -> Result<Output> {
        #[cfg(feature = "cuda")]
        if let Some(cudnn) = self.device.cudnn() {
            return cudnn.forward(self, board, weight);
        }
        Output::copied(&self.windows(board)?.matmul(weight)?)
    }

    /// The gradient of the weight, `[9·C, D]`.
    fn of_weight(&self, board: &Tensor, gradient: &Tensor) -> Result<Tensor> {
        #[cfg(feature = "cuda")]
        if let Some(cudnn) = self.device.cudnn() {
            return cudnn.of_weight(self, board, gradient);
        }
        self.windows(board)?.t()?.matmul(gradient)
    }

    /// The gradient of the board, of the shape of `board`.
    fn of_board(&self, board: &Tensor, weight: &Tensor, gradient: &Tensor) -> Result<Tensor> {
        #[cfg(feature = "cuda")]
        if let Some(cudnn) = self.device.cudnn() {
            return cudnn.of_board(self, board, weight, gradient);
        }
        self.gather(&gradient.matmul(&weight.t()?)?, board.dims2()?)
    }

    /// `[B·H'·W', 9·C]`: the zero-padded window around each of every `stride`th cell.
    fn windows(&self, board: &Tensor) -> Result<Tensor> {
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
    /// [`Convolution::windows`].
    fn gather(&self, windows: &Tensor, (rows, channels): (usize, usize)) -> Result<Tensor> {
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

    fn counts(&self, channels: usize) -> [usize; 4] {
        [self.height, self.width, channels, self.stride]
    }

    /// Calls `visit` for each row of each window, in order; `None` where the row is off the board.
    fn for_each_run(&self, boards: usize, channels: usize, mut visit: impl FnMut(Option<Run>)) {
        let Self { height, width, stride, .. } = *self;
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
