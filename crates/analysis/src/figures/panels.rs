//! Panels of equal size in rows and columns, one for each agent and environment, titled with both names.

use plotters::style::text_anchor::HPos;
use zerolab_metrics::labels::short_label;

use super::canvas::{Area, DrawResult};
use super::chart::dimensions;
use super::layout::columns;
use super::palette::INK;
use super::text::{LABEL, TITLE, style};
use super::wrapped::WrappedText;

/// The margin at the left and the right of a panel and between its parts, in pixels.
pub(super) const MARGIN: i32 = 30;
/// The least width of a panel.
const MIN_PANEL: i32 = 840;

/// The title of a panel: the environment, and below it the agent.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct PanelTitle {
    pub environment: String,
    pub agent: String,
}

impl PanelTitle {
    fn lines(&self, panel_width: i32) -> [WrappedText; 2] {
        [(&self.environment, TITLE), (&self.agent, LABEL)].map(|(text, size)| {
            WrappedText::new(&short_label(text), panel_width - 2 * MARGIN, size)
        })
    }
}

/// The panels of a figure: titles above contents that need some space.
pub(super) struct Panels {
    titles: Vec<PanelTitle>,
    least_width: i32,
}

impl Panels {
    /// Panels with these titles, of which each content needs one of `content_widths`, in pixels.
    pub fn new(titles: Vec<PanelTitle>, content_widths: impl Iterator<Item = i32>) -> Self {
        Self { titles, least_width: content_widths.fold(MIN_PANEL, i32::max) }
    }

    fn columns(&self, width: i32) -> usize {
        columns(self.titles.len(), width, self.least_width)
    }

    fn panel_width(&self, width: i32) -> i32 {
        (width / self.columns(width) as i32).max(self.least_width)
    }

    fn header(&self, panel_width: i32) -> i32 {
        let lines = self.titles.iter().map(|title| title.lines(panel_width));
        lines.map(|lines| lines.iter().map(WrappedText::height).sum()).max().unwrap_or(0) + MARGIN
    }

    /// Width and height of the figure in pixels. `content_height` returns the height below the titles for a width.
    pub fn size(&self, available: i32, content_height: impl Fn(i32) -> Option<i32>) -> (i32, i32) {
        let (columns, width) = (self.columns(available), self.panel_width(available));
        let height = self.header(width) + content_height(width).unwrap_or(0);
        (columns as i32 * width, self.titles.len().div_ceil(columns) as i32 * height)
    }

    /// Draws the titles; `panel` draws what is below each, given its index.
    pub fn draw(
        &self,
        area: &Area<'_>,
        panel: impl Fn(usize, &Area<'_>) -> DrawResult,
    ) -> DrawResult {
        let (width, _) = dimensions(area);
        let columns = self.columns(width);
        let panel_width = width / columns as i32;
        let areas = area.split_evenly((self.titles.len().div_ceil(columns), columns));
        for (index, (area, title)) in areas.iter().zip(&self.titles).enumerate() {
            let [environment, agent] = title.lines(panel_width);
            let at = |top| (panel_width / 2, MARGIN / 2 + top);
            environment.write(area, &style(TITLE, INK, HPos::Center), at(0))?;
            let below = at(environment.height());
            agent.write(area, &style(LABEL, INK, HPos::Center), below)?;
            let (_, below) = area.split_vertically(self.header(panel_width));
            panel(index, &below)?;
        }
        Ok(())
    }
}
