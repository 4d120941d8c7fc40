//! Forest plots: panels with one row per agent, a marker at its value and a line over its interval.
//!
//! Panels side by side have the same rows, and the names of the agents stand once, at the left or above their row.

use plotters::coord::ranged1d::Ranged;
use plotters::coord::types::RangedCoordf64;
use plotters::element::{Circle, DashedPathElement, PathElement};
use plotters::style::text_anchor::HPos;
use plotters::style::{Color, ShapeStyle};
use zerolab_metrics::labels::short_label;

use super::canvas::{Area, DrawResult};
use super::chart::dimensions;
use super::data::Datum;
use super::forest_panel::{ForestPanel, ForestRow};
use super::kind::Picture;
use super::layout::columns;
use super::legend::{Legend, LegendEntry};
use super::markers::RADIUS;
use super::palette::{FAINT, INK, LineStyle};
use super::row_names::RowNames;
use super::scales::{padded_range, snap_to_zero, span};
use super::text::{LABEL, TITLE, style, width, write};
use super::tooltip::Tooltip;
use super::wrapped::{WrappedText, widest};
use crate::numbers::{counted, exact, score, with_interval};

const MARGIN: i32 = 30;
/// The height of a row without its name, and what dots for seeds add to it.
const ROW: i32 = 66;
const SEEDS: i32 = 28;
const FOOTER: i32 = 90;
/// The least width of a panel.
const MIN_PANEL: i32 = 520;
const STROKE: u32 = 6;
const SEED_RADIUS: i32 = 7;
/// The least space between two labels of an axis.
const LABEL_SPACING: i32 = 40;

/// A forest plot.
pub(super) struct ForestPlot {
    pub panels: Vec<ForestPanel>,
    pub caption: String,
    /// Below the panels, each entry with its sample.
    pub legend: Vec<(LegendEntry, LineStyle)>,
}

impl ForestPlot {
    /// A forest plot without a legend.
    pub fn new(panels: Vec<ForestPanel>, caption: String) -> Self {
        Self { panels, caption, legend: Vec::new() }
    }

    /// The panels side by side in each row of panels.
    fn strips(&self, width: i32) -> Vec<Strip<'_>> {
        let rows = || self.panels.iter().flat_map(|panel| &panel.rows);
        let names = RowNames::space(rows().map(|row| row.label.as_str()), width);
        let available = width - names;
        let numbers: Vec<String> = rows().map(|row| score(row.value)).collect();
        let numbers = widest(numbers.iter().map(String::as_str), LABEL);
        let columns = columns(self.panels.len(), available, MIN_PANEL.max(numbers + 300));
        let row_height = if rows().any(|row| row.seeds.len() > 1) { ROW + SEEDS } else { ROW };
        let strip = |panels| Strip::new(panels, width, names, (columns, numbers, row_height));
        self.panels.chunks(columns).map(strip).collect()
    }

    fn entries(&self) -> Vec<LegendEntry> {
        self.legend.iter().map(|(entry, _)| entry.clone()).collect()
    }

    fn legend_height(&self, width: i32) -> i32 {
        if self.legend.is_empty() { 0 } else { Legend::new(&self.entries(), width).height() }
    }
}

impl Picture for ForestPlot {
    fn size(&self, available: i32) -> (i32, i32) {
        let strips: i32 = self.strips(available).iter().map(Strip::height).sum();
        (available, strips + self.legend_height(available))
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
        let (width, height) = dimensions(area);
        let strips = self.strips(width);
        let needed = strips.iter().map(Strip::height).sum::<i32>() + self.legend_height(width);
        let rows: i32 = strips.iter().map(|strip| strip.agents.len() as i32).sum();
        // A figure that is to be higher has higher rows.
        let more = (height - needed).max(0) / rows.max(1);
        let mut top = 0;
        for mut strip in strips {
            strip.row_height += more;
            strip.draw(area, top)?;
            top += strip.height();
        }
        let (_, below) = area.split_vertically(top);
        Legend::new(&self.entries(), width).draw(&below, |area, index, (left, right), y| {
            let line = self.legend[index].1;
            line.marker.draw(area, (i32::midpoint(left, right), y), line.colour)
        })
    }
}

/// Panels side by side, and the rows that they share.
struct Strip<'a> {
    panels: &'a [ForestPanel],
    titles: Vec<WrappedText>,
    agents: Vec<&'a str>,
    names: RowNames,
    panel_width: i32,
    number_width: i32,
    row_height: i32,
}

impl<'a> Strip<'a> {
    fn new(
        panels: &'a [ForestPanel],
        width: i32,
        name_space: i32,
        (columns, number_width, row_height): (usize, i32, i32),
    ) -> Self {
        let panel_width = (width - name_space) / columns as i32;
        let mut rows: Vec<(&str, &str)> = Vec::new();
        for row in panels.iter().flat_map(|panel| &panel.rows) {
            if !rows.iter().any(|(agent, _)| *agent == row.agent) {
                rows.push((&row.agent, &row.label));
            }
        }
        let (agents, labels): (Vec<&str>, Vec<&str>) = rows.into_iter().unzip();
        let title = |panel: &ForestPanel| {
            WrappedText::new(&short_label(&panel.title), panel_width - MARGIN, TITLE)
        };
        let titles = panels.iter().map(title).collect();
        let names = RowNames::new(&labels, name_space, width);
        Self { panels, titles, agents, names, panel_width, number_width, row_height }
    }

    fn header(&self) -> i32 {
        self.titles.iter().map(WrappedText::height).max().unwrap_or(0) + 2 * MARGIN
    }

    fn rows_height(&self) -> i32 {
        (0..self.agents.len()).map(|row| self.names.row_height(row, self.row_height)).sum()
    }

    fn height(&self) -> i32 {
        self.header() + self.rows_height() + FOOTER
    }

    fn draw(&self, area: &Area<'_>, top: i32) -> DrawResult {
        let first = top + self.header();
        let mut y = first;
        let mut middles = Vec::new();
        for row in 0..self.agents.len() {
            middles.push(self.names.draw(area, row, y, self.row_height)?);
            y += self.names.row_height(row, self.row_height);
        }
        for (index, (panel, title)) in self.panels.iter().zip(&self.titles).enumerate() {
            let left = self.names.column() + index as i32 * self.panel_width + MARGIN;
            let bottom = first - MARGIN / 2;
            title.write(area, &style(TITLE, INK, HPos::Left), (left, bottom - title.height()))?;
            self.draw_panel(area, panel, left, (first, y), &middles)?;
        }
        Ok(())
    }

    fn draw_panel(
        &self,
        area: &Area<'_>,
        panel: &ForestPanel,
        left: i32,
        (top, bottom): (i32, i32),
        middles: &[i32],
    ) -> DrawResult {
        let right = left + self.panel_width - self.number_width - 3 * MARGIN;
        let (low, high) = axis_ends(panel);
        let pixel =
            |value: f64| left + ((value - low) / (high - low) * f64::from(right - left)) as i32;
        let faint = ShapeStyle::from(&FAINT).stroke_width(2);
        for tick in ticks(low, high, right - left) {
            let x = pixel(tick);
            area.draw(&PathElement::new(vec![(x, top), (x, bottom)], faint))?;
            let text = score(tick);
            // The label of the first tick does not extend beyond the panel.
            let x = x.max(left - MARGIN + width(&text, LABEL) / 2);
            write(area, &text, &style(LABEL, INK, HPos::Center), (x, bottom + 36))?;
        }
        let edge = ShapeStyle::from(&INK).stroke_width(2);
        if let Some(x) = panel.reference.map(pixel) {
            area.draw(&DashedPathElement::new([(x, top), (x, bottom)], 12, 10, edge))?;
        }
        for row in &panel.rows {
            let place = self.agents.iter().zip(middles).find(|(agent, _)| **agent == row.agent);
            let Some((_, &y)) = place else { continue };
            self.draw_row(area, row, (right, y), &pixel)?;
        }
        area.draw(&PathElement::new(vec![(left, bottom), (right, bottom)], edge))
    }

    fn draw_row(
        &self,
        area: &Area<'_>,
        row: &ForestRow,
        (right, middle): (i32, i32),
        pixel: &dyn Fn(f64) -> i32,
    ) -> DrawResult {
        let y = if row.seeds.len() < 2 { middle } else { middle - SEEDS / 2 };
        if let Some(interval) = row.interval {
            let (low, high, at) = (pixel(interval.low), pixel(interval.high), pixel(row.value));
            let inside = if row.line.marker.is_hollow() { RADIUS } else { 0 };
            let stroke = ShapeStyle::from(&row.line.colour).stroke_width(STROKE);
            for (from, to) in [(low, at - inside), (at + inside, high)] {
                if from < to {
                    area.draw(&PathElement::new(vec![(from, y), (to, y)], stroke))?;
                }
            }
        }
        for (seed, value) in row.seeds.iter().filter(|_| row.seeds.len() > 1) {
            let at = (pixel(*value), y + SEEDS);
            area.draw(&Circle::new(at, SEED_RADIUS, row.line.colour.mix(0.6).filled()))?;
            let lines = [&row.agent, &format!("seed {seed}"), &exact(*value)];
            area.draw(&Tooltip::new(at, &lines.map(String::as_str)))?;
        }
        row.line.marker.draw(area, (pixel(row.value), y), row.line.colour)?;
        let value = with_interval(row.value, row.interval, exact);
        let runs = if row.runs > 0 { counted(row.runs, "run") } else { String::new() };
        let lines = [&row.agent, &value, &runs].map(String::as_str);
        let lines: Vec<&str> = lines.into_iter().filter(|line| !line.is_empty()).collect();
        area.draw(&Tooltip::new((pixel(row.value), y), &lines))?;
        write(area, &score(row.value), &style(LABEL, INK, HPos::Left), (right + MARGIN, y))
    }
}

/// The ends of a panel's x axis.
fn axis_ends(panel: &ForestPanel) -> (f64, f64) {
    let spans = panel.rows.iter().map(|row| span(row.value, row.interval));
    let seeds = panel.rows.iter().flat_map(|row| &row.seeds).map(|(_, value)| (*value, *value));
    let all = spans.chain(seeds).chain(panel.reference.map(|value| (value, value)));
    panel.ends.unwrap_or_else(|| padded_range(all))
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
