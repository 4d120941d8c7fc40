//! Pawns: chess with pawns alone, in which a rare rule can decide the game.
//!
//! Each player begins with a pawn in every column of the second row from its side. A pawn moves one row ahead, or two
//! from its first row, and captures diagonally. En passant is as in chess: a pawn that moved two rows can be captured at
//! once in the cell that it passed over. Who reaches the last row wins. A player without a legal move loses or draws.
//! With perfect play, the first player of the default board wins without en passant and loses with it.
//!
//! Action `4 · cell + move` moves the pawn in this cell, counted row after row from the top, as the player to move sees the
//! board: its pawns move up. The moves are one row, two rows, a capture to the left and one to the right. The observation
//! `[4, H, W]` has the same view: own pawns, the other player's pawns, the cell that a pawn just passed over, and ones if
//! the first player is to move.
//!
//! Without en passant no cell counts as passed over. The opponent of evaluations plays perfectly.

mod cells;
mod game;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use zerolab_settings::SettingsError;

use self::cells::Cells;
use self::game::Pawns;
use super::perfect::Perfect;
use super::{BoardEnvironment, Opponent};
use crate::entry::EnvironmentSettings;
use crate::environment::Environment;

/// The most cells of a board. Larger ones take seconds to solve.
const MOST_CELLS: u32 = 24;

/// Whether pawns can be captured en passant.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum EnPassant {
    /// They can.
    #[default]
    On,
    /// They cannot.
    Off,
    /// They could, but a move that would allow it is illegal. So players never see the rule at work.
    NeverOffered,
}

/// What it means that the player to move has no legal move.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum Stalemate {
    /// That player loses.
    #[default]
    Loss,
    /// The game is a draw.
    Draw,
}

/// Settings of the environment.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct Settings {
    /// Columns of the board, which are also the pawns of a player.
    #[schemars(range(min = 2, max = 4))]
    pub columns: u32,
    /// Rows of the board, which has at most 24 cells.
    #[schemars(range(min = 5, max = 8))]
    pub rows: u32,
    /// Whether a pawn can be captured en passant. With `never-offered` a move that would allow it is illegal.
    pub en_passant: EnPassant,
    /// Whether a player without a legal move loses or the game is a draw.
    pub stalemate: Stalemate,
}

impl Default for Settings {
    fn default() -> Self {
        let (en_passant, stalemate) = (EnPassant::default(), Stalemate::default());
        Self { columns: 3, rows: 6, en_passant, stalemate }
    }
}

impl EnvironmentSettings for Settings {
    const NAME: &'static str = "board/pawns";
    const SUMMARY: &'static str = "pawns with or without en passant by self-play, solved exactly";

    fn check(&self) -> Result<(), SettingsError> {
        let (columns, rows) = (self.columns, self.rows);
        let error = |path: &str, message: String| Err(SettingsError::new(path, message));
        if !(2..=4).contains(&columns) {
            error("columns", format!("must be between 2 and 4, not {columns}"))
        } else if !(5..=8).contains(&rows) {
            error("rows", format!("must be between 5 and 8, not {rows}"))
        } else if columns * rows > MOST_CELLS {
            let cells = columns * rows;
            error("rows", format!("columns * rows must be at most {MOST_CELLS}, not {cells}"))
        } else {
            Ok(())
        }
    }

    fn make(&self) -> Result<Box<dyn Environment>, SettingsError> {
        let Settings { columns, rows, en_passant, stalemate } = *self;
        let pawns = Pawns { cells: Cells::new(rows, columns), en_passant, stalemate };
        Ok(Box::new(BoardEnvironment::new(pawns, Opponent::Perfect(Perfect::new(pawns)))))
    }
}
