//! The 3×3 neighbourhoods of a board as rows (im2col), so that a convolution is a matrix product.

use candle_core::{CpuStorage, CustomOp1, Layout, Result, Shape, Tensor, bail};

use super::slices::{floats, read, write};

/// Side of a window; its padding is 1, as in all convolutions of the EfficientZero networks.
const SIDE: usize = 3;

/// `[B·H·W, C]` → `[B·H'·W', 9·C]`, `H' = ⌈H/stride⌉`: each row the zero-padded 3×3 window around a cell,
/// ordered (row, column, channel).
///
/// # Errors
/// If the shape does not fit the board.
pub fn windows(board: &Tensor, height: usize, width: usize, stride: usize) -> Result<Tensor> {
    let (rows, channels) = board.dims2()?;
    if rows % (height * width) != 0 || stride == 0 {
        bail!("{rows} rows are not boards of {height}×{width} cells at stride {stride}");
    }
    board.apply_op1(Windows { boards: rows / (height * width), height, width, channels, stride })
}

#[derive(Clone, Copy)]
struct Windows {
    boards: usize,
    height: usize,
    width: usize,
    channels: usize,
    stride: usize,
}

impl Windows {
    fn outputs(&self) -> (usize, usize) {
        (self.height.div_ceil(self.stride), self.width.div_ceil(self.stride))
    }

    /// Calls `visit(range in the board, range in the windows)` for each run of cells that a row of a
    /// window shares with the board.
    fn for_each_run(&self, mut visit: impl FnMut(std::ops::Range<usize>, std::ops::Range<usize>)) {
        let (out_height, out_width) = self.outputs();
        let (height, width, channels) = (self.height, self.width, self.channels);
        let mut window = 0;
        for board in 0..self.boards {
            for out_y in 0..out_height {
                for out_x in 0..out_width {
                    let (top, left) = (out_y * self.stride, out_x * self.stride);
                    // One cell of padding: the window begins at (top - 1, left - 1).
                    let skipped = usize::from(left == 0);
                    let first = left + skipped - 1;
                    let count = (left + SIDE - 1).min(width) - first;
                    for row in 0..SIDE {
                        let y = top + row;
                        if (1..=height).contains(&y) {
                            let from = ((board * height + y - 1) * width + first) * channels;
                            let to = window + (row * SIDE + skipped) * channels;
                            visit(from..from + count * channels, to..to + count * channels);
                        }
                    }
                    window += SIDE * SIDE * channels;
                }
            }
        }
    }
}

impl CustomOp1 for Windows {
    fn name(&self) -> &'static str {
        "windows"
    }

    fn cpu_fwd(&self, storage: &CpuStorage, layout: &Layout) -> Result<(CpuStorage, Shape)> {
        let board = floats(storage, layout)?;
        let (out_height, out_width) = self.outputs();
        let rows = self.boards * out_height * out_width;
        let columns = SIDE * SIDE * self.channels;
        let mut windows = vec![0.0; rows * columns];
        self.for_each_run(|from, to| windows[to].copy_from_slice(&board[from]));
        Ok((CpuStorage::F32(windows), (rows, columns).into()))
    }

    fn bwd(&self, board: &Tensor, _: &Tensor, gradient: &Tensor) -> Result<Option<Tensor>> {
        let mut sums = vec![0.0; board.elem_count()];
        read([gradient], |[gradient]| {
            self.for_each_run(|to, from| {
                for (sum, part) in sums[to].iter_mut().zip(&gradient[from]) {
                    *sum += part;
                }
            });
        })?;
        write(sums, board.dims2()?).map(Some)
    }
}
