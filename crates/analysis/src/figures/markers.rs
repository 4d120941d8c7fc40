//! Markers: shapes that distinguish agents where colours do not, as in greyscale print.

use plotters::element::{Circle, PathElement, Polygon};
use plotters::style::{Color, RGBColor, ShapeStyle};

use super::canvas::{Area, DrawResult};

/// The shape of a marker.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Marker {
    Circle,
    Square,
    Triangle,
    Diamond,
    Inverted,
    Cross,
    Plus,
    Ring,
    /// A hollow square.
    Box,
}

/// Half of a marker's width in pixels.
pub(crate) const RADIUS: i32 = 13;
const STROKE: u32 = 6;

impl Marker {
    /// Whether what is behind it is visible inside it.
    pub fn is_hollow(self) -> bool {
        matches!(self, Marker::Ring | Marker::Box)
    }

    /// Draws it around a point of `area`.
    pub fn draw(self, area: &Area<'_>, (x, y): (i32, i32), colour: RGBColor) -> DrawResult {
        let r = RADIUS;
        // Shapes with corners look as large as a circle only if they extend further.
        let far = r * 5 / 4;
        let fill = |corners: &[(i32, i32)]| {
            let corners: Vec<_> = corners.iter().map(|(dx, dy)| (x + dx, y + dy)).collect();
            area.draw(&Polygon::new(corners, colour.filled()))
        };
        let stroke = ShapeStyle::from(&colour).stroke_width(STROKE);
        let lines = |lines: [[(i32, i32); 2]; 2]| {
            for ends in lines {
                let ends: Vec<_> = ends.iter().map(|(dx, dy)| (x + dx, y + dy)).collect();
                area.draw(&PathElement::new(ends, stroke))?;
            }
            Ok(())
        };
        match self {
            Marker::Circle => area.draw(&Circle::new((x, y), r, colour.filled())),
            Marker::Ring => area.draw(&Circle::new((x, y), r, stroke)),
            Marker::Box => {
                let corners = [(-r, -r), (r, -r), (r, r), (-r, r), (-r, -r)];
                let corners: Vec<_> = corners.iter().map(|(dx, dy)| (x + dx, y + dy)).collect();
                area.draw(&PathElement::new(corners, stroke))
            }
            Marker::Square => fill(&[(-r, -r), (r, -r), (r, r), (-r, r)]),
            Marker::Triangle => fill(&[(0, -far), (far, r), (-far, r)]),
            Marker::Inverted => fill(&[(0, far), (far, -r), (-far, -r)]),
            Marker::Diamond => fill(&[(0, -far), (far, 0), (0, far), (-far, 0)]),
            Marker::Cross => lines([[(-r, -r), (r, r)], [(-r, r), (r, -r)]]),
            Marker::Plus => lines([[(-far, 0), (far, 0)], [(0, -far), (0, far)]]),
        }
    }
}
