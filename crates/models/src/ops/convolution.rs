//! The 3×3 convolution of a board, as a matrix product of its windows (im2col).
//!
//! Padding is 1 and stride 1, as in the EfficientZero networks on small boards. The windows are nine times
//! the board, so they are made anew for the backward pass rather than kept.

use candle_core::{CpuStorage, CustomOp2, Device, Layout, Result, Shape, Storage, Tensor, bail};

use super::slices::{floats, read, write};

/// Side of a window.
const SIDE: usize = 3;

/// `board` `[B·H·W, C]` convolved with `weight` `[9·C, D]` (rows ordered row, column, channel of the
/// window): `[B·H·W, D]`.
///
/// # Errors
/// If the shapes do not fit.
pub fn convolution(board: &Tensor, weight: &Tensor, height: usize, width: usize) -> Result<Tensor> {
    let ((rows, channels), (inputs, _)) = (board.dims2()?, weight.dims2()?);
    if rows % (height * width) != 0 || inputs != SIDE * SIDE * channels {
        bail!(
            "boards {rows}×{channels} of {height}×{width} cells do not fit a weight of {inputs} rows"
        );
    }
    board.apply_op2(weight, Convolution { height, width, channels })
}

#[derive(Clone, Copy)]
struct Convolution {
    height: usize,
    width: usize,
    channels: usize,
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

impl Convolution {
    /// Calls `visit` for each row of each window, in order; `None` where the row is off the board.
    fn for_each_run(&self, boards: usize, mut visit: impl FnMut(Option<Run>)) {
        let Self { height, width, channels } = *self;
        for cell in 0..boards * height * width {
            let (y, x) = (cell / width % height, cell % width);
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

    /// `[B·H·W, 9·C]`: the zero-padded window around each cell.
    fn windows(&self, board: &[f32]) -> Result<Tensor> {
        let rows = board.len() / self.channels;
        let columns = SIDE * SIDE * self.channels;
        let mut windows = Vec::with_capacity(rows * columns);
        let row_length = SIDE * self.channels;
        self.for_each_run(rows / (self.height * self.width), |run| {
            let end = windows.len() + row_length;
            if let Some(Run { board: from, length, before }) = run {
                windows.extend(std::iter::repeat_n(0.0, before));
                windows.extend_from_slice(&board[from..from + length]);
            }
            windows.resize(end, 0.0);
        });
        write(windows, (rows, columns))
    }

    /// Adds up, for each cell, what the windows that it lies in say of it: the transpose of
    /// [`Convolution::windows`].
    fn gather(&self, windows: &Tensor) -> Result<Tensor> {
        let rows = windows.dim(0)?;
        let row_length = SIDE * self.channels;
        let mut board = vec![0.0; rows * self.channels];
        read([windows], |[windows]| {
            let mut at = 0;
            self.for_each_run(rows / (self.height * self.width), |run| {
                if let Some(Run { board: to, length, before }) = run {
                    let from = at + before;
                    for (sum, part) in
                        board[to..to + length].iter_mut().zip(&windows[from..from + length])
                    {
                        *sum += part;
                    }
                }
                at += row_length;
            });
        })?;
        write(board, (rows, self.channels))
    }
}

impl CustomOp2 for Convolution {
    fn name(&self) -> &'static str {
        "convolution"
    }

    fn cpu_fwd(
        &self,
        board: &CpuStorage,
        board_layout: &Layout,
        weight: &CpuStorage,
        weight_layout: &Layout,
    ) -> Result<(CpuStorage, Shape)> {
        let weight = Tensor::from_slice(
            floats(weight, weight_layout)?,
            weight_layout.shape(),
            &Device::Cpu,
        )?;
        let product = self.windows(floats(board, board_layout)?)?.matmul(&weight)?;
        match &*product.storage_and_layout().0 {
            Storage::Cpu(storage) => Ok((storage.clone(), product.shape().clone())),
            _ => bail!("a CPU product on another device"),
        }
    }

    fn bwd(
        &self,
        board: &Tensor,
        weight: &Tensor,
        _: &Tensor,
        gradient: &Tensor,
    ) -> Result<(Option<Tensor>, Option<Tensor>)> {
        let windows = read([board], |[board]| self.windows(board))??;
        let of_weight = windows.t()?.matmul(gradient)?;
        // The first layer's input has no gradient to pass on.
        let of_board =
            board.track_op().then(|| self.gather(&gradient.matmul(&weight.t()?)?)).transpose()?;
        Ok((of_board, Some(of_weight)))
    }
}
