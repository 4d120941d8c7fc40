//! Charts of curves: panels in a grid above a legend, axes in a common style, bands, lines and markers.

use plotters::chart::{ChartBuilder, ChartContext};
use plotters::coord::types::RangedCoordf64;
use plotters::drawing::DrawingAreaErrorKind;
use plotters::element::{DashedPathElement, PathElement, Polygon};
use plotters::prelude::Cartesian2d;
use plotters::style::text_anchor::HPos;
use plotters::style::{Color, ShapeStyle};
use zerolab_metrics::statistics::Interval;

use super::axis::{Axis, label};
use super::canvas::{Area, Canvas, DrawResult};
use super::legend::Legend;
use super::palette::{FAINT, INK, LineStyle};
use super::scales::{TICKS, snap_to_zero, widest_label};
use super::short_labels::{ShortLabels, shortened};
use super::text::{LABEL, TITLE, style};
use super::tooltip::Tooltip;
use crate::numbers::score;

/// Width and height of a panel in pixels.
pub(super) const PANEL: (u32, u32) = (1_200, 860);
const MAX_COLUMNS: usize = 3;
/// The margin of a panel and of a legend, in pixels.
const MARGIN: i32 = 20;
const STROKE: u32 = 6;
/// The least distance of two markers, as a fraction of the panel's width: more markers would hide the line.
const MIN_MARKER_DISTANCE: f64 = 1.0 / 14.0;
/// Half the width of the caps of a vertical interval.
const CAP: i32 = 12;

/// A panel with its axes.
pub(super) type Chart<'a, 'b> = ChartContext<'a, Canvas<'b>, Cartesian2d<Axis, RangedCoordf64>>;

/// The layout of panels above a legend.
pub(super) struct PanelGrid {
    panels: usize,
    titles: ShortLabels,
    /// Extra space at the right of each panel, in pixels.
    right: u32,
    legend: Legend,
}

impl PanelGrid {
    /// A grid of panels with these titles, each with `right` pixels of extra space, above a legend of `labels`.
    pub fn new(titles: &[&str], right: u32, labels: &[String]) -> Self {
        let panels = titles.len();
        let columns = panels.min(MAX_COLUMNS) as i32;
        let titles = ShortLabels::new(titles.iter().copied(), PANEL.0 as i32 - 2 * MARGIN, TITLE);
        let legend = Legend::new(labels, columns * PANEL.0 as i32 - 2 * MARGIN);
        Self { panels, titles, right, legend }
    }

    /// The title of a panel, shortened if it does not fit.
    pub fn title<'a>(&'a self, title: &'a str) -> &'a str {
        self.titles.of(title)
    }

    fn columns(&self) -> usize {
        self.panels.clamp(1, MAX_COLUMNS)
    }

    fn rows(&self) -> usize {
        self.panels.div_ceil(self.columns())
    }

    /// Width and height of the figure in pixels.
    pub fn size(&self) -> (u32, u32) {
        let panels = self.columns() as u32 * (PANEL.0 + self.right);
        let width = panels.max((self.legend.width() + 2 * MARGIN) as u32);
        (width, self.rows() as u32 * PANEL.1 + self.legend.height() as u32)
    }

    /// Draws each panel, given its index, and the legend with a sample of each entry.
    pub fn draw(
        &self,
        area: &Area<'_>,
        panel: impl Fn(usize, &Area<'_>) -> DrawResult,
        sample: impl Fn(&Area<'_>, usize, (i32, i32), i32) -> DrawResult,
    ) -> DrawResult {
        let (_, height) = area.dim_in_pixel();
        let (panels, legend) = area.split_vertically(height as i32 - self.legend.height());
        let panels = panels.split_evenly((self.rows(), self.columns()));
        for (index, area) in panels.iter().enumerate().take(self.panels) {
            panel(index, area)?;
        }
        self.legend.draw(&legend, sample)
    }
}

/// The title and the axes of a panel.
pub(super) struct PanelAxes<'a> {
    pub title: &'a str,
    pub x: Axis,
    pub x_title: &'a str,
    pub y: (f64, f64),
    pub y_title: &'a str,
    /// Extra space at its right, in pixels.
    pub right: u32,
}

impl PanelAxes<'_> {
    /// Draws the title, the axes and their grid.
    pub fn draw<'a, 'b>(
        self,
        panel: &'a Area<'b>,
    ) -> Result<Chart<'a, 'b>, DrawingAreaErrorKind<std::io::Error>> {
        let (low, high) = self.y;
        let labels = widest_label(low, high) + 90;
        // The title of the x-axis is centred below the plot and may be a little wider.
        let x_title = shortened(self.x_title, (PANEL.0 - labels) as i32 - 2 * MARGIN, LABEL);
        let mut chart = ChartBuilder::on(panel)
            .caption(self.title, style(TITLE, INK, HPos::Center))
            .margin(MARGIN)
            .margin_right(60 + self.right)
            .x_label_area_size(125)
            .y_label_area_size(labels)
            .build_cartesian_2d(self.x, low..high)?;
        chart
            .configure_mesh()
            .x_desc(x_title)
            .y_desc(self.y_title)
            .x_labels(TICKS)
            .y_labels(TICKS)
            .x_label_formatter(&|value| label(*value))
            .y_label_formatter(&|value| score(snap_to_zero(*value, high - low)))
            .set_all_tick_mark_size(14)
            .label_style(style(LABEL, INK, HPos::Center))
            .axis_desc_style(style(LABEL, INK, HPos::Center))
            .bold_line_style(ShapeStyle::from(&FAINT).stroke_width(2))
            .light_line_style(FAINT.mix(0.0))
            .axis_style(ShapeStyle::from(&INK).stroke_width(2))
            .draw()?;
        Ok(chart)
    }
}

/// A point of `chart`, in pixels of its panel.
pub(super) fn pixel(chart: &Chart<'_, '_>, panel: &Area<'_>, at: (f64, f64)) -> (i32, i32) {
    let (corner_x, corner_y) = panel.get_base_pixel();
    let (x, y) = chart.backend_coord(&at);
    (x - corner_x, y - corner_y)
}

/// Adds the tooltip of a point of the chart.
pub(super) fn add_tooltip(
    chart: &Chart<'_, '_>,
    panel: &Area<'_>,
    at: (f64, f64),
    lines: &[&str],
) -> DrawResult {
    panel.draw(&Tooltip::new(pixel(chart, panel, at), lines))
}

/// A band between the ends of intervals along x; a vertical line if there is only one.
pub(super) fn draw_band(
    chart: &mut Chart<'_, '_>,
    line: LineStyle,
    intervals: &[(f64, Interval)],
) -> DrawResult {
    if let [(x, only)] = intervals {
        let stroke = ShapeStyle::from(&line.colour.mix(0.5)).stroke_width(STROKE);
        let ends = vec![(*x, only.low), (*x, only.high)];
        return chart.draw_series([PathElement::new(ends, stroke)]).map(drop);
    }
    let upper = intervals.iter().map(|(x, interval)| (*x, interval.high));
    let lower = intervals.iter().rev().map(|(x, interval)| (*x, interval.low));
    let outline: Vec<(f64, f64)> = upper.chain(lower).collect();
    if outline.is_empty() {
        return Ok(());
    }
    chart.draw_series([Polygon::new(outline, line.colour.mix(0.18).filled())]).map(drop)
}

/// A line through points, with markers at some of them.
pub(super) fn draw_line(
    chart: &mut Chart<'_, '_>,
    panel: &Area<'_>,
    line: LineStyle,
    points: &[(f64, f64)],
) -> DrawResult {
    let stroke = ShapeStyle::from(&line.colour).stroke_width(STROKE);
    if line.dashed {
        chart.draw_series([DashedPathElement::new(points.iter().copied(), 24, 14, stroke)])?;
    } else {
        chart.draw_series([PathElement::new(points.to_vec(), stroke)])?;
    }
    let min_distance = (f64::from(PANEL.0) * MIN_MARKER_DISTANCE) as i32;
    let mut last: Option<i32> = None;
    for point in points {
        let at = pixel(chart, panel, *point);
        if last.is_none_or(|last| (at.0 - last).abs() >= min_distance) {
            line.marker.draw(panel, at, line.colour)?;
            last = Some(at.0);
        }
    }
    Ok(())
}

/// A vertical interval at `x`, with caps.
pub(super) fn draw_interval(
    chart: &Chart<'_, '_>,
    panel: &Area<'_>,
    line: LineStyle,
    x: f64,
    interval: Interval,
) -> DrawResult {
    let stroke = ShapeStyle::from(&line.colour).stroke_width(STROKE - 2);
    let (low, high) =
        (pixel(chart, panel, (x, interval.low)), pixel(chart, panel, (x, interval.high)));
    panel.draw(&PathElement::new(vec![low, high], stroke))?;
    for (x, y) in [low, high] {
        panel.draw(&PathElement::new(vec![(x - CAP, y), (x + CAP, y)], stroke))?;
    }
    Ok(())
}

/// The legend's sample of a line with a band.
pub(super) fn draw_sample(
    area: &Area<'_>,
    line: LineStyle,
    (left, right): (i32, i32),
    y: i32,
) -> DrawResult {
    let band = vec![(left, y - 18), (right, y - 18), (right, y + 18), (left, y + 18)];
    area.draw(&Polygon::new(band, line.colour.mix(0.18).filled()))?;
    draw_plain_sample(area, line, (left, right), y)
}

/// The legend's sample of a line without a band.
pub(super) fn draw_plain_sample(
    area: &Area<'_>,
    line: LineStyle,
    (left, right): (i32, i32),
    y: i32,
) -> DrawResult {
    let stroke = ShapeStyle::from(&line.colour).stroke_width(STROKE);
    let ends = [(left, y), (right, y)];
    if line.dashed {
        area.draw(&DashedPathElement::new(ends, 24, 14, stroke))?;
    } else {
        area.draw(&PathElement::new(ends.to_vec(), stroke))?;
    }
    line.marker.draw(area, ((left + right) / 2, y), line.colour)
}
