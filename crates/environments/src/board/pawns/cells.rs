//! The cells of a board as bits of one integer: row after row, the top row first. The player to move moves up.

/// A board of at most 32 cells.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Cells {
    pub(super) rows: u32,
    pub(super) columns: u32,
    left: u32,
    right: u32,
}

impl Cells {
    pub(super) fn new(rows: u32, columns: u32) -> Self {
        let column = |column: u32| -> u32 {
            (0..rows).fold(0, |cells, row| cells | 1 << (row * columns + column))
        };
        Self { rows, columns, left: column(0), right: column(columns - 1) }
    }

    /// The number of cells.
    pub(super) fn number(self) -> u32 {
        self.rows * self.columns
    }

    /// The cells of a row, counted from the top.
    pub(super) fn row(self, row: u32) -> u32 {
        ((1 << self.columns) - 1) << (row * self.columns)
    }

    /// The row in which the pawns of the player to move begin.
    pub(super) fn own_start(self) -> u32 {
        self.row(self.rows - 2)
    }

    /// The row in which the pawns of the other player begin.
    pub(super) fn other_start(self) -> u32 {
        self.row(1)
    }

    /// One row further up.
    pub(super) fn up(self, cells: u32) -> u32 {
        cells >> self.columns
    }

    /// One row further down.
    pub(super) fn down(self, cells: u32) -> u32 {
        cells << self.columns
    }

    /// One row further up and one column to the left; nothing from the left edge.
    pub(super) fn up_left(self, cells: u32) -> u32 {
        (cells & !self.left) >> (self.columns + 1)
    }

    /// One row further up and one column to the right; nothing from the right edge.
    pub(super) fn up_right(self, cells: u32) -> u32 {
        (cells & !self.right) >> (self.columns - 1)
    }

    /// The cells as the other player sees them: the rows in the opposite order.
    pub(super) fn mirrored(self, cells: u32) -> u32 {
        let row = |row| {
            let cells = cells >> (row * self.columns) & self.row(0);
            cells << ((self.rows - 1 - row) * self.columns)
        };
        (0..self.rows).fold(0, |mirrored, it| mirrored | row(it))
    }

    /// The numbers of the rows of these cells.
    pub(super) fn rows_of(self, cells: u32) -> impl Iterator<Item = u32> {
        (0..self.number())
            .filter(move |cell| cells >> cell & 1 == 1)
            .map(move |it| it / self.columns)
    }

    /// Writes a plane, `[H, W]`: ones in these cells, else zeros.
    pub(super) fn draw(self, cells: u32, plane: &mut [f32]) {
        for (cell, number) in plane.iter_mut().enumerate() {
            *number = if cells >> cell & 1 == 1 { 1.0 } else { 0.0 };
        }
    }
}
