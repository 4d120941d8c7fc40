//! The cells of a board as bits of one word, and lines on it.
//!
//! Tromp's layout ("John's Connect Four Playground"): column after column, from the bottom up, with one bit that
//! stays empty above each column. The neighbours of a cell then lie at the same four distances wherever it is,
//! and no line goes around the edge.

/// A board, and how many stones in a line win on it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Grid {
    rows: u32,
    columns: u32,
    length: u32,
}

impl Grid {
    /// Bits that a board can have: `columns · (rows + 1)`.
    pub(super) const BITS: u32 = u64::BITS;

    /// A board of `rows` times `columns` cells on which `length` stones in a line win. It must fit into
    /// [`BITS`](Self::BITS).
    pub(super) const fn new(rows: u32, columns: u32, length: u32) -> Self {
        assert!(columns * (rows + 1) <= Self::BITS, "the board fits into a word");
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

    /// The cell in a row, counted from the top, and a column.
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

    /// How many cells there are.
    pub(super) const fn size(self) -> u32 {
        self.rows * self.columns
    }

    /// Whether some of the stones stand in a line, straight or diagonal, that wins.
    pub(super) fn has_line(self, stones: u64) -> bool {
        let column = self.rows + 1;
        [1, column - 1, column, column + 1].into_iter().any(|distance| {
            // A bit stays in `begins` where a line of as many stones as were compared begins.
            let (mut begins, mut shifted) = (stones, stones);
            for _ in 1..self.length {
                shifted >>= distance;
                begins &= shifted;
            }
            begins != 0
        })
    }

    /// Operations of [`has_line`](Self::has_line): a shift and an `and` for each stone but the first of a line, and
    /// a comparison, in four directions of which three are a sum.
    pub(super) fn line_operations(self) -> u64 {
        4 * (2 * u64::from(self.length - 1) + 1) + 3
    }

    /// Writes ones where stones stand, zeros elsewhere: `[H, W]`.
    pub(super) fn draw(self, stones: u64, plane: &mut [f32]) {
        for (row, cells) in plane.chunks_exact_mut(self.columns()).enumerate() {
            for (column, cell) in cells.iter_mut().enumerate() {
                *cell = if stones & self.cell(row, column) == 0 { 0.0 } else { 1.0 };
            }
        }
    }
}
