//! How a state becomes an observation: as planes over a grid, or as one vector.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// The form of an observation.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum Layout {
    /// One plane of cells for each kind of thing.
    #[default]
    Planes,
    /// One vector: the row and the column of each thing that moves, as ones among zeros. What never changes is
    /// left out.
    Vector,
}

/// A row and a column of a grid.
pub type Cell = (u8, u8);

/// Receives the parts of an observation, in the same order for every state.
///
/// It writes them, or without a place to write it counts the numbers.
#[derive(Debug)]
pub struct Canvas<'a> {
    layout: Layout,
    /// Rows and columns of the grid.
    size: (usize, usize),
    out: Option<&'a mut [f32]>,
    /// Numbers so far.
    written: usize,
}

impl<'a> Canvas<'a> {
    /// A canvas over `out`, which must be all zeros and long enough. `size` is the grid's rows and columns.
    pub(crate) fn new(layout: Layout, size: (usize, usize), out: &'a mut [f32]) -> Self {
        Self { layout, size, out: Some(out), written: 0 }
    }

    /// A canvas that only counts.
    pub(crate) fn counting(layout: Layout, size: (usize, usize)) -> Self {
        Self { layout, size, out: None, written: 0 }
    }

    /// The shape of an observation with the parts so far.
    pub(crate) fn shape(&self) -> Vec<usize> {
        let (rows, columns) = self.size;
        match self.layout {
            Layout::Planes => vec![self.written / (rows * columns), rows, columns],
            Layout::Vector => vec![self.written],
        }
    }

    /// Things that never move, such as walls: a plane, and nothing in a vector.
    pub fn fixed(&mut self, cells: impl IntoIterator<Item = Cell>) {
        if self.layout == Layout::Planes {
            self.plane(cells);
        }
    }

    /// A thing in one cell, or absent: a plane; in a vector one number for each row and each column.
    pub fn thing(&mut self, cell: Option<Cell>) {
        match self.layout {
            Layout::Planes => self.plane(cell),
            Layout::Vector => {
                let (rows, columns) = self.size;
                if let Some((row, column)) = cell {
                    self.set(usize::from(row), 1.0);
                    self.set(rows + usize::from(column), 1.0);
                }
                self.written += rows + columns;
            }
        }
    }

    /// Things in some of the cells `places`, which are the same in every state: a plane; in a vector one number
    /// for each place. The second value says whether the thing is there.
    pub fn things(&mut self, places: impl IntoIterator<Item = (Cell, bool)>) {
        match self.layout {
            Layout::Planes => {
                self.plane(places.into_iter().filter_map(|(cell, there)| there.then_some(cell)));
            }
            Layout::Vector => {
                for (_, there) in places {
                    self.set(0, f32::from(u8::from(there)));
                    self.written += 1;
                }
            }
        }
    }

    /// A number from 0 to 1: a plane filled with it; one number in a vector.
    pub fn number(&mut self, number: f32) {
        let count = match self.layout {
            Layout::Planes => self.size.0 * self.size.1,
            Layout::Vector => 1,
        };
        for at in 0..count {
            self.set(at, number);
        }
        self.written += count;
    }

    fn plane(&mut self, cells: impl IntoIterator<Item = Cell>) {
        let (rows, columns) = self.size;
        for (row, column) in cells {
            self.set(usize::from(row) * columns + usize::from(column), 1.0);
        }
        self.written += rows * columns;
    }

    /// Writes the number at `offset` after those written.
    fn set(&mut self, offset: usize, number: f32) {
        if let Some(out) = &mut self.out {
            out[self.written + offset] = number;
        }
    }
}
