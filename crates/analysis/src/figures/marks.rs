//! Marks: what tells agents apart where colours do not, in greyscale print and on black-and-white screens.

use plotters::element::{Circle, PathElement, Polygon};
use plotters::style::{Color, RGBColor, ShapeStyle};

use super::paper::{Area, Drawing};

/// The shape of a mark.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Mark {
    Circle,
    Square,
    Triangle,
    Diamond,
    Inverted,
    Cross,
    Plus,
    Ring,
}

/// Half of a mark's width in pixels.
pub(crate) const RADIUS: i32 = 13;
const STROKE: u32 = 6;

impl Mark {
    /// Draws it around a point of `area`.
    pub fn draw(self, area: &Area<'_>, (x, y): (i32, i32), colour: RGBColor) -> Drawing {
        let r = RADIUS;
        // Shapes with corners are as large to the eye as a circle if they reach further.
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
            Mark::Circle => area.draw(&Circle::new((x, y), r, colour.filled())),
            Mark::Ring => area.draw(&Circle::new((x, y), r, stroke)),
            Mark::Square => fill(&[(-r, -r), (r, -r), (r, r), (-r, r)]),
            Mark::Triangle => fill(&[(0, -far), (far, r), (-far, r)]),
            Mark::Inverted => fill(&[(0, far), (far, -r), (-far, -r)]),
            Mark::Diamond => fill(&[(0, -far), (far, 0), (0, far), (-far, 0)]),
            Mark::Cross => lines([[(-r, -r), (r, r)], [(-r, r), (r, -r)]]),
            Mark::Plus => lines([[(-far, 0), (far, 0)], [(0, -far), (0, far)]]),
        }
    }
}
