//! Tic-tac-toe: three stones in a line on a board of 3 × 3 cells.
//!
//! The game is a draw between perfect players, and 255,168 games can be played (Schaefer, "MathRec Solutions
//! (Tic-Tac-Toe)", 2002). Action `3 · row + column` puts a stone on that cell.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::{Board, Game, Grid};
use crate::environment::Environment;
use crate::registry::Options;
use crate::settings::SettingsError;

const SIDE: usize = 3;
const GRID: Grid = Grid::new(SIDE as u32, SIDE as u32, SIDE as u32);

/// Options of the environment.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct Settings {
    /// How many plies the opponent of evaluations looks ahead: 9 plays perfectly, 0 at random.
    pub opponent_depth: u32,
}

impl Default for Settings {
    fn default() -> Self {
        Self { opponent_depth: (SIDE * SIDE) as u32 }
    }
}

impl Options for Settings {
    const NAME: &'static str = "board/tictactoe";
    const SUMMARY: &'static str = "tic-tac-toe by self-play, evaluated against a perfect player";

    fn check(&self) -> Result<(), SettingsError> {
        Ok(())
    }

    fn make(&self) -> Result<Box<dyn Environment>, SettingsError> {
        Ok(Box::new(Board::new(TicTacToe, self.opponent_depth)))
    }
}

/// The rules.
#[derive(Clone, Copy, Debug)]
struct TicTacToe;

impl Game for TicTacToe {
    const NAME: &'static str = Settings::NAME;
    const TAG: &'static str = "board/tictactoe 1";
    // The action's row and column 2, its cell 5, whether it is free 2.
    const OPERATIONS: u64 = 9;

    fn grid(&self) -> Grid {
        GRID
    }

    fn num_actions(&self) -> usize {
        SIDE * SIDE
    }

    fn place(&self, occupied: u64, action: usize) -> Option<u64> {
        let cell = GRID.cell(action / SIDE, action % SIDE);
        (occupied & cell == 0).then_some(cell)
    }

    fn can_occupy(&self, _: u64) -> bool {
        true
    }
}
