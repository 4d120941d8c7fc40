//! Whose stones stand where.

use serde::{Deserialize, Serialize};

/// The stones on a board, from the viewpoint of the player to move. The default is the empty board.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Position {
    /// Of the player to move.
    pub(super) own: u64,
    /// Of the player who moved last.
    pub(super) other: u64,
}

impl Position {
    /// All stones.
    pub(super) fn occupied(self) -> u64 {
        self.own | self.other
    }

    /// How many stones there are: as many as moves were made.
    pub(super) fn stones(self) -> u32 {
        self.own.count_ones() + self.other.count_ones()
    }

    /// Whose turn it is: 0 for the player who began.
    pub(super) fn to_play(self) -> usize {
        (self.stones() % 2) as usize
    }

    /// The position after the player to move has put a stone on this cell, seen by the other.
    pub(super) fn after(self, stone: u64) -> Self {
        Self { own: self.other, other: self.own | stone }
    }

    /// Whether the stones are of different cells, and as many as players who take turns have.
    pub(super) fn is_of_turns(self) -> bool {
        let ahead = self.other.count_ones().checked_sub(self.own.count_ones());
        self.own & self.other == 0 && matches!(ahead, Some(0 | 1))
    }
}
