//! A picture of an environment's state, for people who watch an episode. Agents never see it.

/// `[height, width]` cells. Each has the number of the thing in it, by which its colour is chosen; 0 is nothing.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Scene {
    /// The number of rows.
    pub height: usize,
    /// The number of columns.
    pub width: usize,
    /// Whether the cells are the pixels of an image, which may be made smaller.
    pub is_image: bool,
    /// Row after row.
    pub cells: Vec<u8>,
}

impl Scene {
    /// A board without things.
    pub fn board(height: usize, width: usize) -> Self {
        Self { height, width, is_image: false, cells: vec![0; height * width] }
    }

    /// An image without things.
    pub fn image(height: usize, width: usize) -> Self {
        Self { is_image: true, ..Self::board(height, width) }
    }

    /// Puts a thing into a cell.
    pub fn put(&mut self, row: usize, column: usize, thing: u8) {
        if row < self.height && column < self.width {
            self.cells[row * self.width + column] = thing;
        }
    }

    /// Puts a thing into all cells for which `is_inside` is true of the row and the column of their middle.
    pub fn fill(&mut self, thing: u8, is_inside: impl Fn(f64, f64) -> bool) {
        for (index, cell) in self.cells.iter_mut().enumerate() {
            let (row, column) = (index / self.width, index % self.width);
            if is_inside(row as f64 + 0.5, column as f64 + 0.5) {
                *cell = thing;
            }
        }
    }
}
