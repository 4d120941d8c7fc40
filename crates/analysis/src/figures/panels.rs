//! Panels of equal size in rows and columns, one for each agent and environment, titled with both names.

use plotters::style::text_anchor::HPos;

use super::canvas::{Area, DrawResult};
use super::layout::{COLUMN_WIDTH, columns_for};
use super::palette::INK;
use super::short_labels::{MAX_LABEL, ShortLabels};
use super::text::{LABEL, TITLE, style, write};

/// The margin at the left and the right of a panel and between its parts, in pixels.
pub(super) const MARGIN: i32 = 30;
const HEADER: i32 = 150;

/// The title of a panel, on two lines.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct PanelTitle {
    pub environment: String,
    pub agent: String,
}

/// The layout of the panels of a figure.
pub(super) struct Panels {
    titles: Vec<PanelTitle>,
    environments: ShortLabels,
    agents: ShortLabels,
    width: i32,
    height: i32,
}

impl Panels {
    /// Panels with these titles. All are as wide as a page's column, the widest (shortened) title or the greatest of
    /// `content_widths`. `content_height` returns the height below the title for a given width. All in
    /// pixels.
    pub fn new(
        titles: Vec<PanelTitle>,
        content_widths: impl Iterator<Item = i32>,
        content_height: impl Fn(i32) -> Option<i32>,
    ) -> Self {
        let environments = titles.iter().map(|title| title.environment.as_str());
        let environments = ShortLabels::new(environments, MAX_LABEL, TITLE);
        let agents = titles.iter().map(|title| title.agent.as_str());
        let agents = ShortLabels::new(agents, MAX_LABEL, LABEL);
        let of_titles = environments.widest().max(agents.widest()) + 2 * MARGIN;
        let width = content_widths.chain([of_titles]).fold(COLUMN_WIDTH, i32::max);
        let height = HEADER + content_height(width).unwrap_or(0);
        Self { titles, environments, agents, width, height }
    }

    fn columns(&self) -> usize {
        columns_for(self.titles.len())
    }

    fn rows(&self) -> usize {
        self.titles.len().div_ceil(self.columns())
    }

    /// Width and height of the figure in pixels.
    pub fn size(&self) -> (u32, u32) {
        (self.columns() as u32 * self.width as u32, self.rows() as u32 * self.height as u32)
    }

    /// Draws the titles; `panel` draws what is below each, given its index.
    pub fn draw(
        &self,
        area: &Area<'_>,
        panel: impl Fn(usize, &Area<'_>) -> DrawResult,
    ) -> DrawResult {
        let areas = area.split_evenly((self.rows(), self.columns()));
        for (index, (area, title)) in areas.iter().zip(&self.titles).enumerate() {
            let middle = self.width / 2;
            let centred = |size| style(size, INK, HPos::Center);
            let environment = self.environments.of(&title.environment);
            write(area, environment, &centred(TITLE), (middle, 50))?;
            write(area, self.agents.of(&title.agent), &centred(LABEL), (middle, 110))?;
            let (_, below) = area.split_vertically(HEADER);
            panel(index, &below)?;
        }
        Ok(())
    }
}
