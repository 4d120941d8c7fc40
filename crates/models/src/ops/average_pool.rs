//! The 3×3 average pooling of a board, a window for every second row and column.

use candle_core::{Result, Tensor, bail};

use super::run::{Kernel, run};

/// Cells of a window; those off the board count as zeros (PyTorch's `count_include_pad`).
const CELLS: f32 = 9.0;

/// The means of the windows around every second cell of `board` `[B·H·W, C]` of `height` × `width` cells:
/// `[B·H'·W', C]`, with half as many rows and columns, rounded up. They are bf16 where the board is.
///
/// # Errors
/// If the rows of `board` are no boards of that size.
pub fn average_pool(board: &Tensor, (height, width): (usize, usize)) -> Result<Tensor> {
    let (rows, channels) = board.dims2()?;
    if rows % (height * width) != 0 {
        bail!("{rows} rows are no boards of {height}×{width} cells");
    }
    let windows = Windows { boards: rows / (height * width), height, width };
    let pooled = windows.count();
    let kernel = move |name, size| Kernel::cells(name, size).counts(&[height, width, channels]);
    let pool = |[board]: [&[f32]; 1]| {
        let mut means = vec![0.0; pooled * channels];
        windows.for_each_cell(|window, cell| {
            let parts = &board[cell * channels..][..channels];
            let sums = &mut means[window * channels..][..channels];
            sums.iter_mut().zip(parts).for_each(|(sum, part)| *sum += part);
        });
        means.iter_mut().for_each(|mean| *mean /= CELLS);
        [means]
    };
    let count = pooled * channels;
    let [means] = run([board], [count], pool, &kernel("average_pool", count).like(board))?;
    means.linked1((pooled, channels), board, move |_, _, gradient| {
        let spread = |[gradient]: [&[f32]; 1]| {
            let mut slopes = vec![0.0; rows * channels];
            windows.for_each_cell(|window, cell| {
                let parts = &gradient[window * channels..][..channels];
                let sums = &mut slopes[cell * channels..][..channels];
                sums.iter_mut().zip(parts).for_each(|(sum, part)| *sum += part);
            });
            slopes.iter_mut().for_each(|slope| *slope /= CELLS);
            [slopes]
        };
        let count = rows * channels;
        let kernel = kernel("average_pool_backward", count).like(gradient);
        let [slopes] = run([gradient], [count], spread, &kernel)?;
        Ok([Some(slopes.shaped((rows, channels)))])
    })
}

/// The windows of some boards.
#[derive(Clone, Copy)]
struct Windows {
    boards: usize,
    height: usize,
    width: usize,
}

impl Windows {
    fn count(self) -> usize {
        self.boards * self.height.div_ceil(2) * self.width.div_ceil(2)
    }

    /// Calls `visit` with each window and each cell of its board that lies in it, in order.
    fn for_each_cell(self, mut visit: impl FnMut(usize, usize)) {
        let Self { height, width, .. } = self;
        let (rows, columns) = (height.div_ceil(2), width.div_ceil(2));
        // A window reaches one cell to either side of its middle, as far as the board does.
        let reach = |middle: usize, end: usize| middle.saturating_sub(1)..(middle + 2).min(end);
        for window in 0..self.count() {
            let (board, row, column) =
                (window / columns / rows, window / columns % rows, window % columns);
            for y in reach(2 * row, height) {
                for x in reach(2 * column, width) {
                    visit(window, (board * height + y) * width + x);
                }
            }
        }
    }
}
