//! Text on figures, in one embedded font, so that no font of the system is needed.

use std::sync::OnceLock;

use plotters::style::text_anchor::{HPos, Pos, VPos};
use plotters::style::{Color, FontStyle, IntoFont, RGBColor, TextStyle, register_font};

use super::paper::{Area, Drawing};

const FAMILY: &str = "sans-serif";

/// The letters of the embedded font that figures use: `pyftsubset DejaVuSans.ttf --flavor=woff2
/// --layout-features=kern --unicodes=U+0020-007E,U+00A0-00FF,U+0391-03A9,U+03B1-03C9,U+2013,U+2014,U+2018-201D,U+2020,U+2026,U+2190-2193,U+2212`.
const LETTERS: &str = include_str!("../../fonts/DejaVuSans-figures.woff2.base64");

/// A style by which SVGs bring their letters along; other letters are the viewer's.
pub(crate) fn letters() -> String {
    format!(
        "@font-face{{font-family:\"DejaVu Sans of figures\";src:url(data:font/woff2;base64,{LETTERS})}}\
         text{{font-family:\"DejaVu Sans of figures\",sans-serif}}"
    )
}

/// Text size in pixels of labels and legends; a figure is about 1,200 pixels wide in a column of 3.25 inches.
pub(crate) const LABEL: i32 = 42;
/// Text size of panel titles.
pub(crate) const TITLE: i32 = 48;

/// Makes the embedded font known; once a process is enough. False if it cannot be read.
pub(super) fn register() -> bool {
    static REGISTERED: OnceLock<bool> = OnceLock::new();
    *REGISTERED.get_or_init(|| {
        register_font(FAMILY, FontStyle::Normal, include_bytes!("../../fonts/DejaVuSans.ttf"))
            .is_ok()
    })
}

/// A style for text that hangs on its left, centre or right, in the middle of its height.
pub(crate) fn style(size: i32, colour: RGBColor, side: HPos) -> TextStyle<'static> {
    (FAMILY, size).into_font().color(&colour.to_rgba()).pos(Pos::new(side, VPos::Center))
}

/// Writes `text` at a point of `area`.
pub(crate) fn write(area: &Area<'_>, text: &str, style: &TextStyle<'_>, at: (i32, i32)) -> Drawing {
    area.draw_text(text, style, at)
}

/// The width of `text` in pixels.
pub(crate) fn width(text: &str, size: i32) -> i32 {
    let style = style(size, super::palette::INK, HPos::Left);
    // A guess only where the font has failed, which drawing will then say.
    style
        .font
        .box_size(text)
        .map_or(text.chars().count() as i32 * size / 2, |(width, _)| width as i32)
}
