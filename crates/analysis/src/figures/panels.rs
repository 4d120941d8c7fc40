//! Panels of one size, each an agent in an environment under both names, side by side and below one another.

use plotters::style::text_anchor::HPos;

use super::palette::INK;
use super::paper::{Area, Drawing};
use super::rows::{COLUMN, Rows};
use super::text::{LABEL, TITLE, style, width, write};

/// Room at the left and the right of a panel, and between its parts, in pixels.
pub(super) const MARGIN: i32 = 30;
const HEAD: i32 = 150;

/// What a panel shows.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Title {
    pub environment: String,
    pub agent: String,
}

/// Where the panels of a figure lie.
pub(super) struct Panels {
    titles: Vec<Title>,
    width: i32,
    height: i32,
}

impl Panels {
    /// Panels with these titles, as wide as the widest of them needs, a title or a page; `high` says how high what is
    /// below the title is in such a width. All in pixels.
    pub fn new(
        titles: Vec<Title>,
        wide: impl Iterator<Item = i32>,
        high: impl Fn(i32) -> Option<i32>,
    ) -> Self {
        let of_title = |title: &Title| {
            width(&title.environment, TITLE).max(width(&title.agent, LABEL)) + 2 * MARGIN
        };
        let width = wide.chain(titles.iter().map(of_title)).fold(COLUMN, i32::max);
        Self { height: HEAD + high(width).unwrap_or(0), width, titles }
    }

    fn columns(&self) -> usize {
        Rows::columns_for(self.titles.len())
    }

    fn rows(&self) -> usize {
        self.titles.len().div_ceil(self.columns())
    }

    /// Width and height of the figure in pixels.
    pub fn size(&self) -> (u32, u32) {
        (self.columns() as u32 * self.width as u32, self.rows() as u32 * self.height as u32)
    }

    /// Draws the titles, and below each its panel, known by its place.
    pub fn draw(&self, area: &Area<'_>, panel: impl Fn(usize, &Area<'_>) -> Drawing) -> Drawing {
        let areas = area.split_evenly((self.rows(), self.columns()));
        for (place, (area, title)) in areas.iter().zip(&self.titles).enumerate() {
            let middle = self.width / 2;
            let centred = |size| style(size, INK, HPos::Center);
            write(area, &title.environment, &centred(TITLE), (middle, 50))?;
            write(area, &title.agent, &centred(LABEL), (middle, 110))?;
            let (_, below) = area.split_vertically(HEAD);
            panel(place, &below)?;
        }
        Ok(())
    }
}
