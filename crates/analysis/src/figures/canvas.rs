//! What figures are drawn on: SVG or bitmap, behind one type, so that a figure needs one drawing function.

use std::collections::BTreeSet;
use std::io;

use plotters::backend::{BitMapBackend, SVGBackend};
use plotters::coord::Shift;
use plotters::drawing::{DrawingArea, DrawingAreaErrorKind};
use plotters::element::Drawable;
use plotters::prelude::DrawingBackend;
use plotters_backend::{
    BackendColor, BackendCoord, BackendStyle, BackendTextStyle, DrawingErrorKind,
};

use super::pdf_drawing::PdfDrawing;
use super::text;
use super::tooltip::Tooltip;

/// The canvas or a part of it, in pixels.
pub(crate) type Area<'a> = DrawingArea<Canvas<'a>, Shift>;

/// What a drawing function can fail with.
pub(crate) type DrawError = DrawingAreaErrorKind<io::Error>;

/// The result of a drawing function.
pub(crate) type DrawResult = Result<(), DrawError>;

/// One of the three formats.
pub(crate) enum Canvas<'a> {
    /// With the tooltips that the page shows.
    Svg(SVGBackend<'a>, &'a mut Vec<Tooltip>),
    /// With the characters that its font lacks.
    Bitmap(BitMapBackend<'a>, &'a mut BTreeSet<char>),
    Pdf(&'a mut PdfDrawing),
}

/// How much higher plotters sets text in bitmaps than SVG viewers do, as a fraction of the text size.
const TEXT_OFFSET: f64 = 0.138;

type BackendResult = Result<(), DrawingErrorKind<io::Error>>;

/// Converts bitmap errors to the error type of SVGs.
fn as_io<E: std::error::Error + Send + Sync>(
    result: Result<(), DrawingErrorKind<E>>,
) -> BackendResult {
    result.map_err(|error| match error {
        DrawingErrorKind::DrawingError(error) => {
            DrawingErrorKind::DrawingError(io::Error::other(error.to_string()))
        }
        DrawingErrorKind::FontError(error) => DrawingErrorKind::FontError(error),
    })
}

impl DrawingBackend for Canvas<'_> {
    type ErrorType = io::Error;

    fn get_size(&self) -> (u32, u32) {
        match self {
            Canvas::Svg(svg, _) => svg.get_size(),
            Canvas::Bitmap(bitmap, _) => bitmap.get_size(),
            Canvas::Pdf(pdf) => pdf.size(),
        }
    }

    fn ensure_prepared(&mut self) -> BackendResult {
        match self {
            Canvas::Svg(svg, _) => svg.ensure_prepared(),
            Canvas::Bitmap(bitmap, _) => as_io(bitmap.ensure_prepared()),
            Canvas::Pdf(_) => Ok(()),
        }
    }

    fn present(&mut self) -> BackendResult {
        match self {
            Canvas::Svg(svg, _) => svg.present(),
            Canvas::Bitmap(bitmap, _) => as_io(bitmap.present()),
            Canvas::Pdf(_) => Ok(()),
        }
    }

    fn draw_pixel(&mut self, point: BackendCoord, color: BackendColor) -> BackendResult {
        match self {
            Canvas::Svg(svg, _) => svg.draw_pixel(point, color),
            Canvas::Bitmap(bitmap, _) => as_io(bitmap.draw_pixel(point, color)),
            Canvas::Pdf(pdf) => {
                let (x, y) = point;
                pdf.path([(x, y), (x + 1, y), (x + 1, y + 1), (x, y + 1)], color, None);
                Ok(())
            }
        }
    }

    fn draw_line<S: BackendStyle>(
        &mut self,
        from: BackendCoord,
        to: BackendCoord,
        style: &S,
    ) -> BackendResult {
        match self {
            Canvas::Svg(svg, _) => svg.draw_line(from, to, style),
            Canvas::Bitmap(bitmap, _) => as_io(bitmap.draw_line(from, to, style)),
            Canvas::Pdf(pdf) => {
                pdf.path([from, to], style.color(), Some(style.stroke_width()));
                Ok(())
            }
        }
    }

    fn draw_rect<S: BackendStyle>(
        &mut self,
        upper_left: BackendCoord,
        bottom_right: BackendCoord,
        style: &S,
        fill: bool,
    ) -> BackendResult {
        match self {
            Canvas::Svg(svg, _) => svg.draw_rect(upper_left, bottom_right, style, fill),
            Canvas::Bitmap(bitmap, _) => {
                as_io(bitmap.draw_rect(upper_left, bottom_right, style, fill))
            }
            Canvas::Pdf(pdf) => {
                let ((left, top), (right, bottom)) = (upper_left, bottom_right);
                let corners =
                    [(left, top), (right, top), (right, bottom), (left, bottom), (left, top)];
                pdf.path(corners, style.color(), (!fill).then(|| style.stroke_width()));
                Ok(())
            }
        }
    }

    fn draw_path<S: BackendStyle, I: IntoIterator<Item = BackendCoord>>(
        &mut self,
        path: I,
        style: &S,
    ) -> BackendResult {
        match self {
            Canvas::Svg(svg, _) => svg.draw_path(path, style),
            Canvas::Bitmap(bitmap, _) => as_io(draw_path_by_segments(bitmap, path, style)),
            Canvas::Pdf(pdf) => {
                pdf.path(path, style.color(), Some(style.stroke_width()));
                Ok(())
            }
        }
    }

    fn draw_circle<S: BackendStyle>(
        &mut self,
        center: BackendCoord,
        radius: u32,
        style: &S,
        fill: bool,
    ) -> BackendResult {
        match self {
            Canvas::Svg(svg, _) => svg.draw_circle(center, radius, style, fill),
            Canvas::Bitmap(bitmap, _) => as_io(bitmap.draw_circle(center, radius, style, fill)),
            Canvas::Pdf(pdf) => {
                pdf.circle(center, radius, style, fill);
                Ok(())
            }
        }
    }

    fn fill_polygon<S: BackendStyle, I: IntoIterator<Item = BackendCoord>>(
        &mut self,
        vert: I,
        style: &S,
    ) -> BackendResult {
        match self {
            Canvas::Svg(svg, _) => svg.fill_polygon(vert, style),
            Canvas::Bitmap(bitmap, _) => as_io(bitmap.fill_polygon(vert, style)),
            Canvas::Pdf(pdf) => {
                pdf.path(vert, style.color(), None);
                Ok(())
            }
        }
    }

    fn draw_text<S: BackendTextStyle>(
        &mut self,
        text: &str,
        style: &S,
        pos: BackendCoord,
    ) -> BackendResult {
        match self {
            Canvas::Svg(svg, _) => svg.draw_text(text, style, pos),
            Canvas::Bitmap(bitmap, missing) => {
                missing.extend(text::without_glyph(text));
                let (right, down) =
                    style.transform().transform(0, (TEXT_OFFSET * style.size()) as i32);
                as_io(bitmap.draw_text(text, style, (pos.0 + right, pos.1 + down)))
            }
            Canvas::Pdf(pdf) => {
                pdf.text(text, style, pos);
                Ok(())
            }
        }
    }
}

/// The bitmap backend draws spikes at sharp corners of thick paths; segments with round joints avoid them.
fn draw_path_by_segments<S: BackendStyle, I: IntoIterator<Item = BackendCoord>>(
    bitmap: &mut BitMapBackend<'_>,
    path: I,
    style: &S,
) -> Result<(), DrawingErrorKind<<BitMapBackend<'static> as DrawingBackend>::ErrorType>> {
    let mut points: Vec<BackendCoord> = path.into_iter().collect();
    points.dedup();
    let radius = style.stroke_width() / 2;
    for (index, pair) in points.windows(2).enumerate() {
        bitmap.draw_path(pair.iter().copied(), style)?;
        if index > 0 && radius > 0 {
            bitmap.draw_circle(pair[0], radius, &style.color(), true)?;
        }
    }
    Ok(())
}

/// A tooltip leaves nothing on the canvas: the SVG collects it for the page, a bitmap ignores it.
impl Drawable<Canvas<'_>> for Tooltip {
    fn draw<I: Iterator<Item = BackendCoord>>(
        &self,
        mut at: I,
        canvas: &mut Canvas<'_>,
        _: (u32, u32),
    ) -> BackendResult {
        if let (Canvas::Svg(_, tooltips), Some(at)) = (canvas, at.next()) {
            tooltips.push(Tooltip { at, ..self.clone() });
        }
        Ok(())
    }
}
