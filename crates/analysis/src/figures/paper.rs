//! What figures are drawn on: SVG or bitmap, behind one type, so that a kind of figure is drawn by one
//! plain function.

use std::io;

use plotters::backend::{BitMapBackend, SVGBackend};
use plotters::coord::Shift;
use plotters::drawing::{DrawingArea, DrawingAreaErrorKind};
use plotters::prelude::DrawingBackend;
use plotters_backend::{
    BackendColor, BackendCoord, BackendStyle, BackendTextStyle, DrawingErrorKind,
};

use super::spot::Spot;

/// The sheet or a part of it, in pixels.
pub(crate) type Area<'a> = DrawingArea<Paper<'a>, Shift>;

/// What a drawing function returns.
pub(crate) type Drawing = Result<(), DrawingAreaErrorKind<io::Error>>;

/// One of the two formats.
pub(crate) enum Paper<'a> {
    /// With what it says of its points.
    Svg(SVGBackend<'a>, &'a mut Vec<Spot>),
    Bitmap(BitMapBackend<'a>),
}

/// How much higher than SVG viewers plotters sets text in bitmaps, in parts of its size: its baseline lies
/// half a size below the top of its box, where the middle of the box should be that of the small letters.
const RAISED: f64 = 0.138;

type Outcome = Result<(), DrawingErrorKind<io::Error>>;

/// Bitmap errors as the error type of SVGs.
fn as_io<E: std::error::Error + Send + Sync>(result: Result<(), DrawingErrorKind<E>>) -> Outcome {
    result.map_err(|error| match error {
        DrawingErrorKind::DrawingError(error) => {
            DrawingErrorKind::DrawingError(io::Error::other(error.to_string()))
        }
        DrawingErrorKind::FontError(error) => DrawingErrorKind::FontError(error),
    })
}

impl DrawingBackend for Paper<'_> {
    type ErrorType = io::Error;

    fn get_size(&self) -> (u32, u32) {
        match self {
            Paper::Svg(svg, _) => svg.get_size(),
            Paper::Bitmap(bitmap) => bitmap.get_size(),
        }
    }

    fn ensure_prepared(&mut self) -> Outcome {
        match self {
            Paper::Svg(svg, _) => svg.ensure_prepared(),
            Paper::Bitmap(bitmap) => as_io(bitmap.ensure_prepared()),
        }
    }

    fn present(&mut self) -> Outcome {
        match self {
            Paper::Svg(svg, _) => svg.present(),
            Paper::Bitmap(bitmap) => as_io(bitmap.present()),
        }
    }

    fn draw_pixel(&mut self, point: BackendCoord, color: BackendColor) -> Outcome {
        match self {
            Paper::Svg(svg, _) => svg.draw_pixel(point, color),
            Paper::Bitmap(bitmap) => as_io(bitmap.draw_pixel(point, color)),
        }
    }

    fn draw_line<S: BackendStyle>(
        &mut self,
        from: BackendCoord,
        to: BackendCoord,
        style: &S,
    ) -> Outcome {
        match self {
            Paper::Svg(svg, _) => svg.draw_line(from, to, style),
            Paper::Bitmap(bitmap) => as_io(bitmap.draw_line(from, to, style)),
        }
    }

    fn draw_rect<S: BackendStyle>(
        &mut self,
        upper_left: BackendCoord,
        bottom_right: BackendCoord,
        style: &S,
        fill: bool,
    ) -> Outcome {
        match self {
            Paper::Svg(svg, _) => svg.draw_rect(upper_left, bottom_right, style, fill),
            Paper::Bitmap(bitmap) => as_io(bitmap.draw_rect(upper_left, bottom_right, style, fill)),
        }
    }

    fn draw_path<S: BackendStyle, I: IntoIterator<Item = BackendCoord>>(
        &mut self,
        path: I,
        style: &S,
    ) -> Outcome {
        match self {
            Paper::Svg(svg, _) => svg.draw_path(path, style),
            Paper::Bitmap(bitmap) => as_io(draw_path_by_segments(bitmap, path, style)),
        }
    }

    fn draw_circle<S: BackendStyle>(
        &mut self,
        center: BackendCoord,
        radius: u32,
        style: &S,
        fill: bool,
    ) -> Outcome {
        match self {
            Paper::Svg(svg, _) => svg.draw_circle(center, radius, style, fill),
            Paper::Bitmap(bitmap) => as_io(bitmap.draw_circle(center, radius, style, fill)),
        }
    }

    fn fill_polygon<S: BackendStyle, I: IntoIterator<Item = BackendCoord>>(
        &mut self,
        vert: I,
        style: &S,
    ) -> Outcome {
        match self {
            Paper::Svg(svg, _) => svg.fill_polygon(vert, style),
            Paper::Bitmap(bitmap) => as_io(bitmap.fill_polygon(vert, style)),
        }
    }

    fn draw_text<S: BackendTextStyle>(
        &mut self,
        text: &str,
        style: &S,
        pos: BackendCoord,
    ) -> Outcome {
        match self {
            Paper::Svg(svg, _) => svg.draw_text(text, style, pos),
            Paper::Bitmap(bitmap) => {
                let (right, down) = style.transform().transform(0, (RAISED * style.size()) as i32);
                as_io(bitmap.draw_text(text, style, (pos.0 + right, pos.1 + down)))
            }
        }
    }
}

/// The bitmap's own thick paths grow spikes at sharp corners: round joints do not.
fn draw_path_by_segments<S: BackendStyle, I: IntoIterator<Item = BackendCoord>>(
    bitmap: &mut BitMapBackend<'_>,
    path: I,
    style: &S,
) -> Result<(), DrawingErrorKind<<BitMapBackend<'static> as DrawingBackend>::ErrorType>> {
    let mut points: Vec<BackendCoord> = path.into_iter().collect();
    points.dedup();
    let radius = style.stroke_width() / 2;
    for (place, pair) in points.windows(2).enumerate() {
        bitmap.draw_path(pair.iter().copied(), style)?;
        if place > 0 && radius > 0 {
            bitmap.draw_circle(pair[0], radius, &style.color(), true)?;
        }
    }
    Ok(())
}
