//! The cells of a board as bits of one integer, and the detection of lines.
//!
//! Tromp's layout ("John's Connect Four Playground"): column after column, from the bottom up, with one bit
//! above each column that stays 0. The neighbours of a cell then have the same four distances everywhere, and
//! no line continues around the edge.

/// A board, and the length of a winning line on it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Grid {
    rows: u32,
    columns: u32,
    length: u32,
}

impl Grid {
    /// Greatest possible number of bits of a board, `columns · (rows + 1)`.
    pub(super) const BITS: u32 = u64::BITS;

    /// A board of `rows` times `columns` cells on which `length` stones in a line win.
    ///
    /// # Panics
    /// If the board needs more than [`BITS`](Self::BITS).
    pub(super) const fn new(rows: u32, columns: u32, length: u32) -> Self {
        assert!(columns * (rows + 1) <= Self::BITS, "the board has too many cells");
        Self { rows, columns, length }
    }

    /// `H`
    pub(super) const fn rows(self) -> usize {
        self.rows as usize
    }

    /// `W`
    pub(super) const fn columns(self) -> usize {
        self.columns as usize
    }

    /// The cell in a row, counted from the top, and column.
    pub(super) const fn cell(self, row: usize, column: usize) -> u64 {
        1 << (column * (self.rows() + 1) + self.rows() - 1 - row)
    }

    /// The cells of a column.
    pub(super) const fn column(self, column: usize) -> u64 {
        ((1 << self.rows) - 1) << (column * (self.rows() + 1))
    }

    /// All cells.
    pub(super) fn cells(self) -> u64 {
        (0..self.columns()).fold(0, |cells, column| cells | self.column(column))
    }

    /// The number of cells.
    pub(super) const fn size(self) -> u32 {
        self.rows * self.columns
    }

    /// Whether the stones contain a winning line, straight or diagonal.
    pub(super) fn has_line(self, stones: u64) -> bool {
        let column = self.rows + 1;
        [1, column - 1, column, column + 1].into_iter().any(|distance| {
            // After k iterations `starts` has the first cells of all lines of k + 1 stones.
            let (mut starts, mut shifted) = (stones, stones);
            for _ in 1..self.length {
                shifted >>= distance;
                starts &= shifted;
            }
            starts != 0
        })
    }

    /// Operations of [`has_line`](Self::has_line), in each of four directions: a shift and an `and` for each
    /// stone of a line except the first, and a comparison. Three of the distances are sums.
    pub(super) fn line_operations(self) -> u64 {
        4 * (2 * u64::from(self.length - 1) + 1) + 3
    }

    /// Writes a plane, `[H, W]`: ones in the cells of stones, else zeros.
    pub(super) fn draw(self, stones: u64, plane: &mut [f32]) {
        for (row, cells) in plane.chunks_exact_mut(self.columns()).enumerate() {
            for (column, cell) in cells.iter_mut().enumerate() {
                *cell = if stones & self.cell(row, column) == 0 { 0.0 } else { 1.0 };
            }
        }
    }
}
