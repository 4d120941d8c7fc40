//! Shots in Seaquest: they cross the board, a cell a step.

use serde::{Deserialize, Serialize};

use crate::minatar::board::{Cell, Cells};

/// Shots on their way: two in one cell are as one.
#[derive(Clone, Copy, Debug, Default, Serialize, Deserialize)]
pub(super) struct Shots {
    leftward: Cells,
    rightward: Cells,
}

impl Shots {
    pub(super) fn all(self) -> Cells {
        self.leftward.or(self.rightward)
    }

    pub(super) fn add(&mut self, cell: Cell, rightward: bool) {
        if rightward { &mut self.rightward } else { &mut self.leftward }.insert(cell);
    }

    pub(super) fn advance(&mut self) {
        self.leftward = self.leftward.sideways(false);
        self.rightward = self.rightward.sideways(true);
    }

    /// Takes a shot out of a cell; whether there was one.
    pub(super) fn take(&mut self, cell: Cell) -> bool {
        self.leftward.remove(cell) || self.rightward.remove(cell)
    }
}
