//! Charts: panels in a grid above a legend, axes in a common style. What stands on the axes is in `lines.rs`.

use plotters::chart::{ChartBuilder, ChartContext};
use plotters::prelude::Cartesian2d;
use plotters::style::text_anchor::HPos;
use plotters::style::{Color, ShapeStyle};
use zerolab_metrics::labels::short_label;

use super::axis::{Axis, label};
use super::canvas::{Area, Canvas, DrawError, DrawResult};
use super::layout::columns;
use super::legend::{Legend, LegendEntry};
use super::palette::{FAINT, INK};
use super::scales::{TICKS, widest_label};
use super::text::{LABEL, TITLE, style};
use super::wrapped::WrappedText;
use crate::numbers::score;

/// The least width of a panel in pixels.
const MIN_PANEL: i32 = 700;
/// The height of a panel without its titles: a share of its width within bounds.
const HEIGHT: f64 = 0.62;
const MIN_HEIGHT: i32 = 520;
const MAX_HEIGHT: i32 = 860;
/// The least height that a spec can ask for.
const LEAST_HEIGHT: i32 = 400;
/// The margin of a panel, in pixels.
const MARGIN: i32 = 20;
/// The margin at the right of a panel, into which half of the last label of the x axis extends.
const RIGHT_MARGIN: i32 = 60;
/// The height of the labels of the x axis.
const X_LABELS: i32 = 76;

/// A panel with its axes.
pub(super) type Chart<'a, 'b> = ChartContext<'a, Canvas<'b>, Cartesian2d<Axis, Axis>>;

/// The layout of panels above a legend.
pub(super) struct PanelGrid {
    titles: Vec<String>,
    /// Extra space at the right of each panel, in pixels.
    right: i32,
    legend: Vec<LegendEntry>,
}

impl PanelGrid {
    /// A grid of panels with these titles, each with `right` pixels of extra space, above a legend.
    pub fn new(titles: &[&str], right: i32, legend: Vec<LegendEntry>) -> Self {
        Self { titles: titles.iter().map(|title| short_label(title)).collect(), right, legend }
    }

    fn columns(&self, width: i32) -> usize {
        columns(self.titles.len(), width, MIN_PANEL + self.right)
    }

    fn rows(&self, width: i32) -> usize {
        self.titles.len().div_ceil(self.columns(width))
    }

    /// Width and height of the figure in pixels.
    pub fn size(&self, width: i32) -> (i32, i32) {
        let panel = width / self.columns(width) as i32;
        let plot = (f64::from(panel - self.right) * HEIGHT) as i32;
        (width, self.height(width, plot.clamp(MIN_HEIGHT, MAX_HEIGHT)))
    }

    /// The least height of the figure in pixels.
    pub fn min_height(&self, width: i32) -> i32 {
        self.height(width, LEAST_HEIGHT)
    }

    /// The height of the figure with panels that are as high as `plot` without their titles.
    fn height(&self, width: i32, plot: i32) -> i32 {
        let panel = width / self.columns(width) as i32;
        let titles = self.titles.iter().map(|title| title_lines(title, panel).height());
        let panel = titles.max().unwrap_or(0) + plot;
        self.rows(width) as i32 * panel + Legend::new(&self.legend, width).height()
    }

    /// Draws each panel, given its index and title, and the legend with a sample of each entry.
    pub fn draw(
        &self,
        area: &Area<'_>,
        panel: impl Fn(usize, &str, &Area<'_>) -> DrawResult,
        sample: impl Fn(&Area<'_>, usize, (i32, i32), i32) -> DrawResult,
    ) -> DrawResult {
        self.draw_panels(area, panel)?;
        let legend = Legend::new(&self.legend, dimensions(area).0);
        let (_, below) = area.split_vertically(dimensions(area).1 - legend.height());
        legend.draw(&below, sample)
    }

    /// Draws each panel, given its index and title.
    pub fn draw_panels(
        &self,
        area: &Area<'_>,
        panel: impl Fn(usize, &str, &Area<'_>) -> DrawResult,
    ) -> DrawResult {
        let (width, height) = dimensions(area);
        let legend = Legend::new(&self.legend, width).height();
        let (panels, _) = area.split_vertically(height - legend);
        let panels = panels.split_evenly((self.rows(width), self.columns(width)));
        let mut panels = panels.iter().zip(&self.titles).enumerate();
        panels.try_for_each(|(index, (area, title))| panel(index, title, area))
    }
}

fn title_lines(title: &str, panel_width: i32) -> WrappedText {
    WrappedText::new(title, panel_width - 2 * MARGIN, TITLE)
}

/// The titles and the axes of a panel.
pub(super) struct PanelAxes<'a> {
    pub title: &'a str,
    pub x: Axis,
    pub x_title: &'a str,
    pub y: Axis,
    /// Written above the axis, from left to right.
    pub y_title: &'a str,
    /// Extra space at its right, in pixels.
    pub right: i32,
}

impl PanelAxes<'_> {
    /// Draws the titles, the axes and their grid.
    pub fn draw<'a, 'b>(self, panel: &Area<'b>) -> Result<Chart<'a, 'b>, DrawError> {
        let ink = style(LABEL, INK, HPos::Left);
        let (width, height) = dimensions(panel);
        let title = title_lines(self.title, width);
        title.write(panel, &style(TITLE, INK, HPos::Left), (MARGIN, MARGIN))?;
        let y_title = WrappedText::new(self.y_title, width - 2 * MARGIN, LABEL);
        y_title.write(panel, &ink, (MARGIN, MARGIN + title.height()))?;
        let labels = widest_label(&self.y) + MARGIN;
        let plot = width - 2 * MARGIN - labels - RIGHT_MARGIN - self.right;
        let x_title = WrappedText::new(self.x_title, plot, LABEL);
        let middle = MARGIN + labels + plot / 2;
        let centred = style(LABEL, INK, HPos::Center);
        x_title.write(panel, &centred, (middle, height - x_title.height() - MARGIN))?;
        let ticks = self.x.ticks_within(plot);
        let mut chart = self.chart(panel)?;
        chart
            .configure_mesh()
            .x_labels(ticks)
            .y_labels(TICKS)
            .x_label_formatter(&|value| label(*value))
            .y_label_formatter(&|value| score(*value))
            .set_all_tick_mark_size(14)
            .label_style(centred)
            .bold_line_style(ShapeStyle::from(&FAINT).stroke_width(2))
            .light_line_style(FAINT.mix(0.0))
            .axis_style(ShapeStyle::from(&INK).stroke_width(2))
            .draw()?;
        Ok(chart)
    }

    /// The coordinates of the panel; nothing is drawn.
    pub fn chart<'a, 'b>(self, panel: &Area<'b>) -> Result<Chart<'a, 'b>, DrawError> {
        let (width, _) = dimensions(panel);
        let labels = widest_label(&self.y) + MARGIN;
        let plot = width - 2 * MARGIN - labels - RIGHT_MARGIN - self.right;
        let head = title_lines(self.title, width).height()
            + WrappedText::new(self.y_title, width - 2 * MARGIN, LABEL).height();
        let foot = WrappedText::new(self.x_title, plot, LABEL).height();
        ChartBuilder::on(panel)
            .margin(MARGIN)
            .margin_top(MARGIN + head + MARGIN)
            .margin_bottom(MARGIN + foot)
            .margin_right(RIGHT_MARGIN + self.right)
            .x_label_area_size(X_LABELS)
            .y_label_area_size(labels)
            .build_cartesian_2d(self.x, self.y)
    }
}

/// Width and height of an area in pixels.
pub(super) fn dimensions(area: &Area<'_>) -> (i32, i32) {
    let (width, height) = area.dim_in_pixel();
    (width as i32, height as i32)
}
