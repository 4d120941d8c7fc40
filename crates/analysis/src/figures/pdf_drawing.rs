//! Figures as PDF: one page of the figure's size, with the glyphs that it uses.

use std::collections::BTreeSet;

use pdf_writer::types::LineCapStyle;
use pdf_writer::{Content, Finish, Name, Pdf, Rect, Ref, Str};
use plotters_backend::text_anchor::{HPos, VPos};
use plotters_backend::{BackendColor, BackendCoord, BackendStyle, BackendTextStyle, FontTransform};

use super::layout::POINTS_PER_PIXEL;
use super::pdf_font::PdfFont;

/// The names of the font and of a degree of opacity in the page's resources.
const FONT: Name<'_> = Name(b"F");
/// A quarter of a circle as a cubic curve.
const ARC: f32 = 0.552_285;
/// Plotters and SVG viewers measure text sizes differently.
const TEXT_SCALE: f64 = 1.24;

/// The drawing so far, in pixels from the top left corner.
pub(crate) struct PdfDrawing {
    size: (u32, u32),
    content: Content,
    font: PdfFont,
    /// The degrees of opacity that occur, in percent.
    opacities: BTreeSet<u8>,
}

impl PdfDrawing {
    /// An empty page of this size in pixels.
    pub fn new(size: (u32, u32)) -> Self {
        let mut content = Content::new();
        let height = size.1 as f32 * POINTS_PER_PIXEL;
        content.transform([POINTS_PER_PIXEL, 0.0, 0.0, -POINTS_PER_PIXEL, 0.0, height]);
        content.set_line_cap(LineCapStyle::ButtCap);
        Self { size, content, font: PdfFont::default(), opacities: BTreeSet::new() }
    }

    pub fn size(&self) -> (u32, u32) {
        self.size
    }

    /// A path, stroked, or filled as a polygon.
    pub fn path(
        &mut self,
        points: impl IntoIterator<Item = BackendCoord>,
        colour: BackendColor,
        stroke: Option<u32>,
    ) {
        let mut points = points.into_iter();
        let Some((x, y)) = points.next() else { return };
        self.set_colour(colour);
        self.content.move_to(x as f32, y as f32);
        for (x, y) in points {
            self.content.line_to(x as f32, y as f32);
        }
        self.paint(stroke);
    }

    /// A circle, stroked or filled.
    pub fn circle(
        &mut self,
        (x, y): BackendCoord,
        radius: u32,
        style: &impl BackendStyle,
        fill: bool,
    ) {
        self.set_colour(style.color());
        let (x, y, r) = (x as f32, y as f32, radius as f32);
        let k = ARC * r;
        self.content.move_to(x + r, y);
        self.content.cubic_to(x + r, y + k, x + k, y + r, x, y + r);
        self.content.cubic_to(x - k, y + r, x - r, y + k, x - r, y);
        self.content.cubic_to(x - r, y - k, x - k, y - r, x, y - r);
        self.content.cubic_to(x + k, y - r, x + r, y - k, x + r, y);
        self.content.close_path();
        self.paint((!fill).then(|| style.stroke_width()));
    }

    /// A text, placed as in an SVG.
    pub fn text(&mut self, text: &str, style: &impl BackendTextStyle, (x, y): BackendCoord) {
        let size = (style.size() / TEXT_SCALE) as f32;
        let (glyphs, width) = self.font.glyphs(text);
        let right = match style.anchor().h_pos {
            HPos::Left => 0.0,
            HPos::Center => -width * size / 2.0,
            HPos::Right => -width * size,
        };
        let down = size
            * match style.anchor().v_pos {
                VPos::Top => 0.76,
                VPos::Center => 0.27,
                VPos::Bottom => -0.27,
            };
        // The y axis of the page points down, that of glyphs up.
        let (along, across) = match style.transform() {
            FontTransform::Rotate90 => ((0.0, 1.0), (-1.0, 0.0)),
            FontTransform::Rotate180 => ((-1.0, 0.0), (0.0, -1.0)),
            FontTransform::Rotate270 => ((0.0, -1.0), (1.0, 0.0)),
            _ => ((1.0, 0.0), (0.0, 1.0)),
        };
        let start_x = x as f32 + along.0 * right + across.0 * down;
        let start_y = y as f32 + along.1 * right + across.1 * down;
        self.set_colour(style.color());
        self.content.begin_text().set_font(FONT, size);
        let matrix = [along.0, along.1, -across.0, -across.1, start_x, start_y];
        self.content.set_text_matrix(matrix).show(Str(&glyphs)).end_text();
    }

    fn paint(&mut self, stroke: Option<u32>) {
        match stroke {
            Some(width) => self.content.set_line_width(width as f32).stroke(),
            None => self.content.fill_nonzero(),
        };
    }

    fn set_colour(&mut self, colour: BackendColor) {
        let opacity = (100.0 * colour.alpha).round() as u8;
        self.opacities.insert(opacity);
        self.content.set_parameters(Name(opacity_name(opacity).as_bytes()));
        let (red, green, blue) = colour.rgb;
        let [red, green, blue] = [red, green, blue].map(|part| f32::from(part) / 255.0);
        self.content.set_fill_rgb(red, green, blue).set_stroke_rgb(red, green, blue);
    }

    /// The file, with the title `title`.
    ///
    /// # Errors
    ///
    /// If the font cannot be embedded.
    pub fn finish(self, title: &str) -> Result<Vec<u8>, String> {
        let [catalog, pages, page, contents, information] = [1, 2, 3, 4, 5].map(Ref::new);
        let font = Ref::new(10);
        let first_opacity = 20;
        let mut pdf = Pdf::new();
        pdf.catalog(catalog).pages(pages);
        pdf.pages(pages).kids([page]).count(1);
        pdf.document_info(information).title(pdf_writer::TextStr(title));
        let (width, height) = (self.size.0 as f32, self.size.1 as f32);
        let mut only = pdf.page(page);
        only.parent(pages).contents(contents);
        only.media_box(Rect::new(0.0, 0.0, width * POINTS_PER_PIXEL, height * POINTS_PER_PIXEL));
        let mut resources = only.resources();
        resources.fonts().pair(FONT, font);
        let mut states = resources.ext_g_states();
        for (place, opacity) in (0..).zip(&self.opacities) {
            let name = opacity_name(*opacity);
            states.pair(Name(name.as_bytes()), Ref::new(first_opacity + place));
        }
        states.finish();
        resources.finish();
        only.finish();
        for (place, opacity) in (0..).zip(&self.opacities) {
            let share = f32::from(*opacity) / 100.0;
            let mut state = pdf.ext_graphics(Ref::new(first_opacity + place));
            state.stroking_alpha(share).non_stroking_alpha(share);
        }
        pdf.stream(contents, &self.content.finish());
        self.font.embed(&mut pdf, font)?;
        Ok(pdf.finish())
    }
}

fn opacity_name(percent: u8) -> String {
    format!("O{percent}")
}
