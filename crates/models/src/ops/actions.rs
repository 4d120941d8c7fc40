//! Actions as extra channels of a board.

use candle_core::{CpuStorage, CustomOp2, Layout, Result, Shape, Tensor, bail};

use super::slices::{floats, read, write};

/// Appends sample `b`'s row of `planes` `[B, A]` to each of its cells' rows in `board` `[B·P, C]`, giving
/// `[B·P, C + A]`. No gradient goes to `planes`.
///
/// # Errors
/// If the rows of `board` are not a multiple of those of `planes`.
pub fn append_action(board: &Tensor, planes: &Tensor) -> Result<Tensor> {
    let ((rows, channels), (samples, actions)) = (board.dims2()?, planes.dims2()?);
    if samples == 0 || rows % samples != 0 {
        bail!("{rows} rows of a board do not belong to {samples} actions");
    }
    board.apply_op2(planes, AppendAction { cells: rows / samples, channels, actions })
}

struct AppendAction {
    cells: usize,
    channels: usize,
    actions: usize,
}

impl CustomOp2 for AppendAction {
    fn name(&self) -> &'static str {
        "append_action"
    }

    fn cpu_fwd(
        &self,
        board: &CpuStorage,
        board_layout: &Layout,
        planes: &CpuStorage,
        planes_layout: &Layout,
    ) -> Result<(CpuStorage, Shape)> {
        let board = floats(board, board_layout)?;
        let planes = floats(planes, planes_layout)?;
        let rows = board.len() / self.channels;
        let mut out = Vec::with_capacity(rows * (self.channels + self.actions));
        for (row, cell) in board.chunks_exact(self.channels).enumerate() {
            let sample = row / self.cells * self.actions;
            out.extend_from_slice(cell);
            out.extend_from_slice(&planes[sample..sample + self.actions]);
        }
        Ok((CpuStorage::F32(out), (rows, self.channels + self.actions).into()))
    }

    fn bwd(
        &self,
        board: &Tensor,
        _: &Tensor,
        _: &Tensor,
        gradient: &Tensor,
    ) -> Result<(Option<Tensor>, Option<Tensor>)> {
        let kept = read([gradient], |[gradient]| {
            let mut kept = Vec::with_capacity(board.elem_count());
            for row in gradient.chunks_exact(self.channels + self.actions) {
                kept.extend_from_slice(&row[..self.channels]);
            }
            kept
        })?;
        Ok((Some(write(kept, board.dims2()?)?), None))
    }
}
