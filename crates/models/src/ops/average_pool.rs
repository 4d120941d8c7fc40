//! 3×3 average pooling of a board with stride 2 and padding 1.

use candle_core::{Result, bail};

use super::run::{Kernel, run};
use crate::traced::Traced;

/// Cells of a window. Cells of the padding count as zeros (PyTorch's `count_include_pad`).
const CELLS: f32 = 9.0;

/// `board` `[B·H·W, C]` of `height` × `width` cells to `[B·H'·W', C]`, with half the height and width,
/// rounded up. The output has the precision of `board`.
///
/// # Errors
/// If the number of rows of `board` is not a multiple of `height · width`.
pub fn average_pool(board: &Traced, (height, width): (usize, usize)) -> Result<Traced> {
    let input = board.tensor();
    let (rows, channels) = input.dims2()?;
    if rows % (height * width) != 0 {
        bail!("{rows} rows do not make whole boards of {height}×{width} cells");
    }
    let windows = PoolingWindows { boards: rows / (height * width), height, width };
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
    let [means] = run([input], [count], pool, &kernel("average_pool", count).like(input))?;
    Ok(means.with_backward((pooled, channels), [board], move |_, _, gradient| {
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
    }))
}

/// The pooling windows of a number of boards.
#[derive(Clone, Copy)]
struct PoolingWindows {
    boards: usize,
    height: usize,
    width: usize,
}

impl PoolingWindows {
    fn count(self) -> usize {
        self.boards * self.height.div_ceil(2) * self.width.div_ceil(2)
    }

    /// Calls `visit` with each window and each cell in it, in order. Cells of the padding are left out.
    fn for_each_cell(self, mut visit: impl FnMut(usize, usize)) {
        let Self { height, width, .. } = self;
        let (rows, columns) = (height.div_ceil(2), width.div_ceil(2));
        // The cells of a window along one side of the board.
        let covered = |middle: usize, end: usize| middle.saturating_sub(1)..(middle + 2).min(end);
        for window in 0..self.count() {
            let (board, row, column) =
                (window / columns / rows, window / columns % rows, window % columns);
            for y in covered(2 * row, height) {
                for x in covered(2 * column, width) {
                    visit(window, (board * height + y) * width + x);
                }
            }
        }
    }
}
