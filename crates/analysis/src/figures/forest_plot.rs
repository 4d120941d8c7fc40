//! Forest plots: panels with one row per agent, a marker at its value and a line over its interval.

use plotters::coord::ranged1d::Ranged;
use plotters::coord::types::RangedCoordf64;
use plotters::element::{DashedPathElement, PathElement};
use plotters::style::ShapeStyle;
use plotters::style::text_anchor::HPos;
use zerolab_metrics::statistics::Interval;

use super::canvas::{Area, DrawResult};
use super::data::Datum;
use super::kind::Picture;
use super::layout::COLUMN_WIDTH;
use super::palette::{FAINT, INK, LineStyle};
use super::scales::{padded_range, snap_to_zero, span};
use super::short_labels::{MAX_LABEL, ShortLabels};
use super::text::{LABEL, TITLE, style, width, write};
use super::tooltip::Tooltip;
use crate::numbers::{counted, exact, score, with_interval};

const MARGIN: i32 = 30;
const HEADER: i32 = 100;
const ROW: i32 = 66;
const FOOTER: i32 = 90;
/// The least width of the part with the values, however long the names are.
const MIN_VALUE_WIDTH: i32 = 520;
/// A panel is not made wider than this for its title.
const MAX_TITLE: i32 = 1_560;
const STROKE: u32 = 6;
/// The least space between two labels of an axis.
const LABEL_SPACING: i32 = 40;

/// The row of one agent.
pub(super) struct ForestRow {
    pub agent: String,
    pub line: LineStyle,
    pub value: f64,
    pub interval: Option<Interval>,
    pub runs: usize,
}

/// Rows on one x axis.
pub(super) struct ForestPanel {
    pub title: String,
    /// A dashed vertical line at this value, which is always inside the axis.
    pub reference: Option<f64>,
    /// The ends of the axis; by default they follow from the values.
    pub ends: Option<(f64, f64)>,
    pub rows: Vec<ForestRow>,
}

/// A forest plot.
pub(super) struct ForestPlot {
    pub panels: Vec<ForestPanel>,
    /// How many panels stand side by side.
    pub columns: usize,
    pub caption: String,
}

impl ForestPlot {
    fn rows(&self) -> impl Iterator<Item = &ForestRow> {
        self.panels.iter().flat_map(|panel| &panel.rows)
    }

    /// The texts of its panels. Each panel is as wide as a page's column, or wider if names or titles need it.
    fn layout(&self) -> Layout {
        let agents = self.rows().map(|row| row.agent.as_str());
        let names = ShortLabels::new(agents, MAX_LABEL, LABEL);
        let numbers = self.rows().map(|row| width(&score(row.value), LABEL));
        let number_width = numbers.max().unwrap_or(0);
        let of_rows = names.widest() + number_width + 4 * MARGIN + MIN_VALUE_WIDTH;
        let title_width = MAX_TITLE.max(of_rows - 2 * MARGIN);
        let titles = self.panels.iter().map(|panel| panel.title.as_str());
        let titles = ShortLabels::new(titles, title_width, TITLE);
        let panel_width = COLUMN_WIDTH.max(of_rows).max(titles.widest() + 2 * MARGIN);
        Layout { names, titles, number_width, panel_width }
    }

    /// The height of each row of panels: that of its highest panel.
    fn row_heights(&self) -> impl Iterator<Item = i32> {
        self.panels.chunks(self.columns).map(|panels| {
            let rows = panels.iter().map(|panel| panel.rows.len()).max().unwrap_or(0);
            HEADER + rows as i32 * ROW + FOOTER
        })
    }
}

impl Picture for ForestPlot {
    fn size(&self) -> (u32, u32) {
        let columns = self.columns.min(self.panels.len()) as i32;
        let height: i32 = self.row_heights().sum();
        ((columns * self.layout().panel_width) as u32, height as u32)
    }

    fn caption(&self) -> String {
        self.caption.clone()
    }

    fn data(&self) -> Vec<Datum> {
        let of_panel = |panel: &ForestPanel| {
            let of_row = |row: &ForestRow| Datum {
                panel: panel.title.clone(),
                agent: row.agent.clone(),
                x: None,
                value: row.value,
                interval: row.interval,
                runs: row.runs,
            };
            panel.rows.iter().map(of_row).collect::<Vec<_>>()
        };
        self.panels.iter().flat_map(of_panel).collect()
    }

    fn draw(&self, area: &Area<'_>) -> DrawResult {
        let layout = self.layout();
        let mut top = 0;
        for (panels, height) in self.panels.chunks(self.columns).zip(self.row_heights()) {
            for (index, panel) in panels.iter().enumerate() {
                layout.draw_panel(area, panel, (index as i32 * layout.panel_width, top))?;
            }
            top += height;
        }
        Ok(())
    }
}

/// The texts of a forest plot as they are drawn, and the widths in pixels that follow from them.
struct Layout {
    names: ShortLabels,
    titles: ShortLabels,
    number_width: i32,
    panel_width: i32,
}

impl Layout {
    fn draw_panel(
        &self,
        area: &Area<'_>,
        panel: &ForestPanel,
        (corner, top): (i32, i32),
    ) -> DrawResult {
        let left = corner + self.names.widest() + 2 * MARGIN;
        let right = corner + self.panel_width - self.number_width - 2 * MARGIN;
        let (top, bottom) = (top + HEADER, top + HEADER + panel.rows.len() as i32 * ROW);
        let (low, high) = axis_ends(panel);
        let pixel =
            |value: f64| left + ((value - low) / (high - low) * f64::from(right - left)) as i32;
        let middle = corner + self.panel_width / 2;
        let title = self.titles.of(&panel.title);
        write(area, title, &style(TITLE, INK, HPos::Center), (middle, top - HEADER / 2))?;
        let faint = ShapeStyle::from(&FAINT).stroke_width(2);
        for tick in ticks(low, high, right - left) {
            let x = pixel(tick);
            area.draw(&PathElement::new(vec![(x, top), (x, bottom)], faint))?;
            write(area, &score(tick), &style(LABEL, INK, HPos::Center), (x, bottom + 36))?;
        }
        let edge = ShapeStyle::from(&INK).stroke_width(2);
        if let Some(x) = panel.reference.map(pixel) {
            area.draw(&DashedPathElement::new([(x, top), (x, bottom)], 12, 10, edge))?;
        }
        for (index, row) in panel.rows.iter().enumerate() {
            let y = top + index as i32 * ROW + ROW / 2;
            let name = self.names.of(&row.agent);
            write(area, name, &style(LABEL, INK, HPos::Right), (left - MARGIN, y))?;
            if let Some(interval) = row.interval {
                let ends = vec![(pixel(interval.low), y), (pixel(interval.high), y)];
                let stroke = ShapeStyle::from(&row.line.colour).stroke_width(STROKE);
                area.draw(&PathElement::new(ends, stroke))?;
            }
            row.line.marker.draw(area, (pixel(row.value), y), row.line.colour)?;
            let value = with_interval(row.value, row.interval, exact);
            let lines = [&row.agent, &value, &counted(row.runs, "run")];
            area.draw(&Tooltip::new((pixel(row.value), y), &lines.map(String::as_str)))?;
            write(area, &score(row.value), &style(LABEL, INK, HPos::Left), (right + MARGIN, y))?;
        }
        area.draw(&PathElement::new(vec![(left, bottom), (right, bottom)], edge))
    }
}

/// The ends of a panel's x axis.
fn axis_ends(panel: &ForestPanel) -> (f64, f64) {
    let spans = panel.rows.iter().map(|row| span(row.value, row.interval));
    panel
        .ends
        .unwrap_or_else(|| padded_range(spans.chain(panel.reference.map(|value| (value, value)))))
}

/// Up to six round values, as many as their labels fit into `available` pixels.
fn ticks(low: f64, high: f64, available: i32) -> Vec<f64> {
    let points = |max: usize| -> Vec<f64> {
        let points = RangedCoordf64::from(low..high).key_points(max).into_iter();
        points.map(|point| snap_to_zero(point, high - low)).collect()
    };
    let fits = |ticks: &Vec<f64>| {
        let widest = ticks.iter().map(|tick| width(&score(*tick), LABEL)).max().unwrap_or(0);
        ticks.len() as i32 * (widest + LABEL_SPACING) <= available
    };
    (2..=6).rev().map(points).find(fits).unwrap_or_else(|| points(2))
}
