//! What a figure says of its points under the pointer of a page: their exact numbers.

use std::io;
use std::iter::{Once, once};

use plotters::element::{Drawable, PointCollection};
use plotters_backend::{BackendCoord, DrawingErrorKind};

use super::paper::Paper;

/// A point with words. Drawn like anything else, it is kept for the page and leaves nothing on paper.
#[derive(Clone, Debug)]
pub(crate) struct Spot {
    /// Its pixel: of the area that it is drawn on, then of the whole figure.
    pub at: BackendCoord,
    /// How far it reaches to the left and to the right, in pixels: a bar is more than a point.
    pub reach: i32,
    /// A line each: whose it is, where it stands, its value.
    pub text: String,
}

impl Spot {
    /// At a point.
    pub fn new(at: BackendCoord, lines: &[&str]) -> Self {
        Self { at, reach: 0, text: lines.join("\n") }
    }

    /// Along a bar.
    pub fn along(left: i32, right: i32, y: i32, lines: &[&str]) -> Self {
        Self { reach: (right - left) / 2, ..Self::new((i32::midpoint(left, right), y), lines) }
    }
}

impl<'a> PointCollection<'a, BackendCoord> for &'a Spot {
    type Point = &'a BackendCoord;
    type IntoIter = Once<&'a BackendCoord>;

    fn point_iter(self) -> Self::IntoIter {
        once(&self.at)
    }
}

impl Drawable<Paper<'_>> for Spot {
    fn draw<I: Iterator<Item = BackendCoord>>(
        &self,
        mut at: I,
        paper: &mut Paper<'_>,
        _: (u32, u32),
    ) -> Result<(), DrawingErrorKind<io::Error>> {
        if let (Paper::Svg(_, spots), Some(at)) = (paper, at.next()) {
            spots.push(Spot { at, ..self.clone() });
        }
        Ok(())
    }
}
