//! A position: the stones of both players.

use serde::{Deserialize, Serialize};

/// The stones on a board, from the viewpoint of the player to move. The default is the empty board.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub(super) struct Position {
    /// Stones of the player to move.
    pub(super) own: u64,
    /// Stones of the other player.
    pub(super) other: u64,
}

impl Position {
    /// The stones of both players.
    pub(super) fn occupied(self) -> u64 {
        self.own | self.other
    }

    /// The number of stones, which is the number of moves made.
    pub(super) fn stones(self) -> u32 {
        self.own.count_ones() + self.other.count_ones()
    }

    /// The player to move: 0 for the first player, else 1.
    pub(super) fn to_play(self) -> usize {
        (self.stones() % 2) as usize
    }

    /// The position after the player to move places a stone in this cell, from the other player's viewpoint.
    pub(super) fn after(self, stone: u64) -> Self {
        Self { own: self.other, other: self.own | stone }
    }

    /// Whether no cell has two stones and the numbers of stones are those of players who take turns.
    pub(super) fn is_of_turns(self) -> bool {
        let ahead = self.other.count_ones().checked_sub(self.own.count_ones());
        self.own & self.other == 0 && matches!(ahead, Some(0 | 1))
    }
}
