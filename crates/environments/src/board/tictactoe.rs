//! Tic-tac-toe: three stones in a line on a board of 3 × 3 cells.
//!
//! Perfect players draw. There are 255,168 different games (Schaefer, "MathRec Solutions (Tic-Tac-Toe)",
//! 2002). Action `3 · row + column` places a stone in that cell.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::grid::Grid;
use super::lines::LineGame;
use super::{BoardEnvironment, Opponent};
use crate::entry::EnvironmentSettings;
use crate::environment::Environment;
use zerolab_settings::SettingsError;

const SIDE: usize = 3;
const GRID: Grid = Grid::new(SIDE as u32, SIDE as u32, SIDE as u32);

/// Settings of the environment.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct Settings {
    /// Number of plies that the opponent of evaluations looks ahead. 9 plays perfectly, 0 at random.
    pub opponent_depth: u32,
}

impl Default for Settings {
    fn default() -> Self {
        Self { opponent_depth: (SIDE * SIDE) as u32 }
    }
}

impl EnvironmentSettings for Settings {
    const NAME: &'static str = "board/tictactoe";
    const SUMMARY: &'static str = "tic-tac-toe by self-play, evaluated against a perfect player";

    fn make(&self) -> Result<Box<dyn Environment>, SettingsError> {
        Ok(Box::new(BoardEnvironment::new(TicTacToe, Opponent::alpha_beta(self.opponent_depth))))
    }
}

/// The rules.
#[derive(Clone, Copy, Debug)]
pub(super) struct TicTacToe;

impl LineGame for TicTacToe {
    const NAME: &'static str = Settings::NAME;
    const TAG: &'static str = "board/tictactoe 1";
    // The action's row and column 2, its cell 5, test for a free cell 2.
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
