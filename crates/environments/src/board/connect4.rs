//! Connect Four: stones fall to the bottom of columns, and four in a line win. Other sizes of the board and
//! of the line are possible.
//!
//! With perfect play the first player wins on the board of 6 rows and 7 columns (Allis, "A Knowledge-based
//! Approach of Connect-Four", 1988). Action `column` drops a stone into that column; it is illegal if the
//! column is full.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::grid::Grid;
use super::lines::LineGame;
use super::{BoardEnvironment, Opponent};
use crate::entry::EnvironmentSettings;
use crate::environment::Environment;
use zerolab_settings::SettingsError;

/// Settings of the environment.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct Settings {
    /// Rows of the board; `columns * (rows + 1)` is at most 64.
    #[schemars(range(min = 1))]
    pub rows: u32,
    /// Columns of the board.
    #[schemars(range(min = 2))]
    pub columns: u32,
    /// Length of a winning line, at most the longer side of the board.
    #[schemars(range(min = 2))]
    pub length: u32,
    /// Number of plies that the opponent of evaluations looks ahead. 0 plays at random. Each further ply
    /// takes more than twice as long.
    pub opponent_depth: u32,
}

impl Default for Settings {
    fn default() -> Self {
        Self { rows: 6, columns: 7, length: 4, opponent_depth: 4 }
    }
}

impl EnvironmentSettings for Settings {
    const NAME: &'static str = "board/connect4";
    const SUMMARY: &'static str = "Connect Four by self-play, evaluated against alpha-beta search";

    fn check(&self) -> Result<(), SettingsError> {
        let (rows, columns, length) = (self.rows, self.columns, self.length);
        let bits = u64::from(columns) * (u64::from(rows) + 1);
        let most = u64::from(Grid::BITS);
        let error = |path: &str, message: String| Err(SettingsError::new(path, message));
        if rows < 1 {
            error("rows", "must be at least 1".to_owned())
        } else if columns < 2 {
            error("columns", format!("must be at least 2, not {columns}"))
        } else if bits > most {
            error("rows", format!("columns * (rows + 1) must be at most {most}, not {bits}"))
        } else if !(2..=rows.max(columns)).contains(&length) {
            let longest = rows.max(columns);
            error("length", format!("must be from 2 to {longest} on this board, not {length}"))
        } else {
            Ok(())
        }
    }

    fn make(&self) -> Result<Box<dyn Environment>, SettingsError> {
        let game = ConnectFour::new(self.rows, self.columns, self.length);
        Ok(Box::new(BoardEnvironment::new(game, Opponent::alpha_beta(self.opponent_depth))))
    }
}

/// The rules, on a board of any size.
#[derive(Clone, Copy, Debug)]
pub(super) struct ConnectFour {
    grid: Grid,
}

impl ConnectFour {
    pub(super) fn new(rows: u32, columns: u32, length: u32) -> Self {
        Self { grid: Grid::new(rows, columns, length) }
    }

    /// The lowest free cell of a column; of a full column, the bit above it.
    fn top(&self, occupied: u64, column: usize) -> u64 {
        let cells = self.grid.column(column);
        (occupied & cells) + self.grid.cell(self.grid.rows() - 1, column)
    }
}

impl LineGame for ConnectFour {
    const NAME: &'static str = Settings::NAME;
    const TAG: &'static str = "board/connect4 1";
    // The column's cells 6 and its lowest cell 6, the lowest free cell 2, test for a full column 2.
    const OPERATIONS: u64 = 16;

    fn grid(&self) -> Grid {
        self.grid
    }

    fn num_actions(&self) -> usize {
        self.grid.columns()
    }

    fn place(&self, occupied: u64, action: usize) -> Option<u64> {
        let top = self.top(occupied, action);
        (top & self.grid.column(action) != 0).then_some(top)
    }

    fn can_occupy(&self, cells: u64) -> bool {
        // All cells above the lowest free cell must be free: only then is the sum a single bit.
        (0..self.grid.columns()).all(|column| self.top(cells, column).is_power_of_two())
    }
}
