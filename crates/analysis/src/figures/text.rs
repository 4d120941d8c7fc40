//! Text on figures, in one embedded font, so that no system font is needed.

use std::collections::BTreeSet;
use std::sync::OnceLock;

use ab_glyph::{Font, FontRef, GlyphId};
use plotters::style::text_anchor::{HPos, Pos, VPos};
use plotters::style::{Color, FontStyle, IntoFont, RGBColor, TextStyle, register_font};

use super::canvas::{Area, DrawResult};
use crate::numbers::{counted, enumerated};

const FAMILY: &str = "sans-serif";

/// The embedded font: the only one of bitmaps and PDFs.
pub(super) static FONT: &[u8] = include_bytes!("../../fonts/DejaVuSans.ttf");

/// The part of the embedded font that figures use, in base64: `pyftsubset DejaVuSans.ttf --flavor=woff2
/// --layout-features=kern
/// --unicodes=U+0020-007E,U+00A0-00FF,U+0391-03A9,U+03B1-03C9,U+2013,U+2014,U+2018-201D,U+2020,U+2026,U+2190-2193,U+2212`.
const FONT_BASE64: &str = include_str!("../../fonts/DejaVuSans-figures.woff2.base64");

/// A CSS rule that embeds the font into an SVG; characters outside of it come from the viewer's fonts.
pub(crate) fn font_css() -> String {
    format!(
        "@font-face{{font-family:\"DejaVu Sans of figures\";src:url(data:font/woff2;base64,{FONT_BASE64})}}\
         text{{font-family:\"DejaVu Sans of figures\",sans-serif}}"
    )
}

/// Text size of labels and legends, in pixels. A figure of 1,200 pixels fills a column of 3.25 inches.
pub(crate) const LABEL: i32 = 42;
/// Text size of panel titles.
pub(crate) const TITLE: i32 = 48;

/// Registers the embedded font, once per process. False if it cannot be read.
pub(super) fn register() -> bool {
    static REGISTERED: OnceLock<bool> = OnceLock::new();
    *REGISTERED.get_or_init(|| register_font(FAMILY, FontStyle::Normal, FONT).is_ok())
}

/// The characters of `text` that the embedded font has no glyph for. A bitmap shows a box for each.
pub(super) fn without_glyph(text: &str) -> impl Iterator<Item = char> {
    static PARSED: OnceLock<Option<FontRef<'static>>> = OnceLock::new();
    let font = PARSED.get_or_init(|| FontRef::try_from_slice(FONT).ok());
    // Glyph 0 of a font is the box.
    let lacks = move |c: &char| font.as_ref().is_some_and(|font| font.glyph_id(*c) == GlyphId(0));
    text.chars().filter(lacks)
}

/// Characters in a sentence: the first few, and the number of the others.
pub(crate) fn listed(characters: &BTreeSet<char>) -> String {
    const SHOWN: usize = 8;
    let mut items: Vec<String> = characters.iter().take(SHOWN).map(char::to_string).collect();
    let others = characters.len() - items.len();
    items.extend((others > 0).then(|| counted(others, "other character")));
    enumerated(&items)
}

/// A text style: the anchor is at the left, centre or right of the text, at the middle of its height.
pub(crate) fn style(size: i32, colour: RGBColor, side: HPos) -> TextStyle<'static> {
    (FAMILY, size).into_font().color(&colour.to_rgba()).pos(Pos::new(side, VPos::Center))
}

/// Writes `text` with its anchor at a point of `area`.
pub(crate) fn write(
    area: &Area<'_>,
    text: &str,
    style: &TextStyle<'_>,
    at: (i32, i32),
) -> DrawResult {
    area.draw_text(text, style, at)
}

/// The width of `text` in pixels.
pub(crate) fn width(text: &str, size: i32) -> i32 {
    let style = style(size, super::palette::INK, HPos::Left);
    // The estimate serves only if the font failed to load; drawing then reports the error.
    style
        .font
        .box_size(text)
        .map_or(text.chars().count() as i32 * size / 2, |(width, _)| width as i32)
}
