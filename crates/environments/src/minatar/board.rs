//! The board of 10 × 10 cells: cells, sets of cells, and pieces that move along a row.

use std::ops::{Range, RangeInclusive};

use serde::{Deserialize, Serialize};

use super::Action;

/// Number of rows, and of columns.
pub const SIZE: usize = 10;
/// Number of cells of one plane of an observation.
pub const PLANE: usize = SIZE * SIZE;
/// One plane of an observation, row after row.
pub type Plane = [f32; PLANE];

/// Index of the last row, and of the last column.
pub(super) const LAST: i8 = SIZE as i8 - 1;

/// A cell of the board, or the difference of two cells. Row 0 is the top one.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct BoardCell {
    pub(super) column: i8,
    pub(super) row: i8,
}

impl BoardCell {
    /// Its index in a plane.
    pub(super) const fn index(self) -> usize {
        self.row as usize * SIZE + self.column as usize
    }

    pub(super) fn is_on_board(self) -> bool {
        (0..=LAST).contains(&self.column) && (0..=LAST).contains(&self.row)
    }

    /// Sets it to 1 in a plane, if it is on the board.
    pub(super) fn draw(self, plane: &mut Plane) {
        if self.is_on_board() {
            plane[self.index()] = 1.0;
        }
    }

    /// The cell that `action` takes a player to. The side walls and the limits of `rows` stop the player.
    pub(super) fn walk(self, action: Action, rows: RangeInclusive<i8>) -> Self {
        let Self { column, row } = self;
        match action {
            Action::Left => Self { column: (column - 1).max(0), row },
            Action::Right => Self { column: (column + 1).min(LAST), row },
            Action::Up => Self { column, row: (row - 1).max(*rows.start()) },
            Action::Down => Self { column, row: (row + 1).min(*rows.end()) },
            Action::Noop | Action::Fire => self,
        }
    }
}

/// A set of cells, one bit each. Cells that move off the board are removed.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct CellSet(u128);

impl CellSet {
    const ALL: u128 = (1 << PLANE) - 1;

    /// The cells in these rows and columns.
    pub(super) const fn block(rows: Range<i8>, columns: Range<i8>) -> Self {
        let line = (1 << columns.end) - (1 << columns.start);
        let mut cells = 0;
        let mut row = rows.start;
        while row < rows.end {
            cells |= line << (row as usize * SIZE);
            row += 1;
        }
        Self(cells)
    }

    pub(super) const fn row(row: i8) -> Self {
        Self::block(row..row + 1, 0..SIZE as i8)
    }

    pub(super) const fn column(column: i8) -> Self {
        Self::block(0..SIZE as i8, column..column + 1)
    }

    pub(super) fn is_empty(self) -> bool {
        self.0 == 0
    }

    pub(super) fn len(self) -> u32 {
        self.0.count_ones()
    }

    pub(super) fn contains(self, cell: BoardCell) -> bool {
        self.0 >> cell.index() & 1 == 1
    }

    pub(super) fn insert(&mut self, cell: BoardCell) {
        self.0 |= 1 << cell.index();
    }

    /// Removes a cell. Returns whether it was in the set.
    pub(super) fn remove(&mut self, cell: BoardCell) -> bool {
        let without = self.0 & !(1 << cell.index());
        std::mem::replace(&mut self.0, without) != without
    }

    pub(super) fn and(self, other: Self) -> Self {
        Self(self.0 & other.0)
    }

    pub(super) fn or(self, other: Self) -> Self {
        Self(self.0 | other.0)
    }

    pub(super) fn without(self, other: Self) -> Self {
        Self(self.0 & !other.0)
    }

    /// The last cell in row-major order: the rightmost one of the lowest row.
    pub(super) fn last(self) -> Option<BoardCell> {
        let index = self.0.checked_ilog2()? as usize;
        Some(BoardCell { column: (index % SIZE) as i8, row: (index / SIZE) as i8 })
    }

    pub(super) fn up(self) -> Self {
        Self(self.0 >> SIZE)
    }

    pub(super) fn down(self) -> Self {
        Self(self.0 << SIZE & Self::ALL)
    }

    /// Moves all cells by one column.
    pub(super) fn sideways(self, rightward: bool) -> Self {
        const FIRST_COLUMN: CellSet = CellSet::column(0);
        const LAST_COLUMN: CellSet = CellSet::column(LAST);
        if rightward {
            Self(self.without(LAST_COLUMN).0 << 1)
        } else {
            Self(self.without(FIRST_COLUMN).0 >> 1)
        }
    }

    pub(super) fn draw(self, plane: &mut Plane) {
        let mut left = self.0;
        while left != 0 {
            plane[left.trailing_zeros() as usize] = 1.0;
            left &= left - 1;
        }
    }

    /// Whether all cells are on the board. Those of a damaged saved state may not be.
    pub(super) fn is_possible(self) -> bool {
        self.0 <= Self::ALL
    }
}

/// A piece that moves along a row in one direction.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct RowMover {
    pub(super) column: i8,
    pub(super) rightward: bool,
}

impl RowMover {
    /// A piece in its first column.
    pub(super) fn enter(rightward: bool) -> Self {
        Self { column: if rightward { 0 } else { LAST }, rightward }
    }

    /// Moves it by one column, possibly off the board.
    pub(super) fn advance(&mut self) {
        self.column += self.direction();
    }

    pub(super) fn is_on_board(self) -> bool {
        (0..=LAST).contains(&self.column)
    }

    /// Its cell, if it moves along `row`.
    pub(super) fn at(self, row: i8) -> BoardCell {
        BoardCell { column: self.column, row }
    }

    /// The cell behind it, possibly off the board.
    pub(super) fn behind(self, row: i8) -> BoardCell {
        BoardCell { column: self.column - self.direction(), row }
    }

    fn direction(self) -> i8 {
        if self.rightward { 1 } else { -1 }
    }
}
