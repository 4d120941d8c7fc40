//! Tooltips: the exact numbers that the page shows when the pointer is near a point of a figure.

use std::iter::{Once, once};

use plotters::element::PointCollection;
use plotters_backend::BackendCoord;

/// A point with its text. Figures draw it like any other element.
#[derive(Clone, Debug)]
pub(crate) struct Tooltip {
    /// Its pixel: relative to the area that it is drawn on, then to the whole figure.
    pub at: BackendCoord,
    /// How far it extends to the left and to the right, in pixels; 0 for a point, half the length of a bar.
    pub reach: i32,
    /// Several lines: the agent, the position, the value.
    pub text: String,
}

impl Tooltip {
    /// The tooltip of a point.
    pub fn new(at: BackendCoord, lines: &[&str]) -> Self {
        Self { at, reach: 0, text: lines.join("\n") }
    }

    /// The tooltip of a horizontal bar.
    pub fn of_bar(left: i32, right: i32, y: i32, lines: &[&str]) -> Self {
        Self { reach: (right - left) / 2, ..Self::new((i32::midpoint(left, right), y), lines) }
    }
}

impl<'a> PointCollection<'a, BackendCoord> for &'a Tooltip {
    type Point = &'a BackendCoord;
    type IntoIter = Once<&'a BackendCoord>;

    fn point_iter(self) -> Self::IntoIter {
        once(&self.at)
    }
}
