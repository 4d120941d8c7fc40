//! Shots in Seaquest. They move one cell per step along a row.

use serde::{Deserialize, Serialize};

use crate::minatar::board::{BoardCell, CellSet};

/// The shots on the board. Two in one cell in the same direction are one.
#[derive(Clone, Copy, Debug, Default, Serialize, Deserialize)]
pub(super) struct Shots {
    leftward: CellSet,
    rightward: CellSet,
}

impl Shots {
    pub(super) fn all(self) -> CellSet {
        self.leftward.or(self.rightward)
    }

    pub(super) fn add(&mut self, cell: BoardCell, rightward: bool) {
        if rightward { &mut self.rightward } else { &mut self.leftward }.insert(cell);
    }

    pub(super) fn advance(&mut self) {
        self.leftward = self.leftward.sideways(false);
        self.rightward = self.rightward.sideways(true);
    }

    /// Removes a shot from a cell. Returns whether there was one.
    pub(super) fn take(&mut self, cell: BoardCell) -> bool {
        self.leftward.remove(cell) || self.rightward.remove(cell)
    }
}
