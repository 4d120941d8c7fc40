//! Charts of curves: panels in a grid above a legend, axes in a common style, bands, lines and markers.

use plotters::chart::{ChartBuilder, ChartContext};
use plotters::coord::types::RangedCoordf64;
use plotters::element::{DashedPathElement, PathElement, Polygon};
use plotters::prelude::Cartesian2d;
use plotters::style::text_anchor::HPos;
use plotters::style::{Color, ShapeStyle};
use zerolab_metrics::labels::short_label;
use zerolab_metrics::statistics::Interval;

use super::axis::{Axis, label};
use super::canvas::{Area, Canvas, DrawError, DrawResult};
use super::layout::columns;
use super::legend::{Legend, LegendEntry};
use super::palette::{FAINT, INK, LineStyle};
use super::scales::{TICKS, snap_to_zero, widest_label};
use super::text::{LABEL, TITLE, style};
use super::tooltip::Tooltip;
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
const STROKE: u32 = 6;
/// The opacity of a band, if there are few.
const BAND: f64 = 0.18;
const FEW_BANDS: f64 = 4.0;
/// The least distance of two markers: more markers would hide the line.
const MIN_MARKER_DISTANCE: i32 = 85;
/// Half the width of the caps of a vertical interval.
const CAP: i32 = 12;

/// A panel with its axes.
pub(super) type Chart<'a, 'b> = ChartContext<'a, Canvas<'b>, Cartesian2d<Axis, RangedCoordf64>>;

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
    pub y: (f64, f64),
    /// Written above the axis, from left to right.
    pub y_title: &'a str,
    /// Extra space at its right, in pixels.
    pub right: i32,
}

impl PanelAxes<'_> {
    /// Draws the titles, the axes and their grid.
    pub fn draw<'a, 'b>(self, panel: &Area<'b>) -> Result<Chart<'a, 'b>, DrawError> {
        let ink = style(LABEL, INK, HPos::Left);
        let ((width, height), (low, high)) = (dimensions(panel), self.y);
        let title = title_lines(self.title, width);
        title.write(panel, &style(TITLE, INK, HPos::Left), (MARGIN, MARGIN))?;
        let y_title = WrappedText::new(self.y_title, width - 2 * MARGIN, LABEL);
        y_title.write(panel, &ink, (MARGIN, MARGIN + title.height()))?;
        let labels = widest_label(low, high) + MARGIN;
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
            .y_label_formatter(&|value| score(snap_to_zero(*value, high - low)))
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
        let ((width, _), (low, high)) = (dimensions(panel), self.y);
        let labels = widest_label(low, high) + MARGIN;
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
            .build_cartesian_2d(self.x, low..high)
    }
}

/// Width and height of an area in pixels.
pub(super) fn dimensions(area: &Area<'_>) -> (i32, i32) {
    let (width, height) = area.dim_in_pixel();
    (width as i32, height as i32)
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

/// A band between the ends of intervals along x; a vertical line if there is only one. `bands` is the number of bands in
/// the panel.
pub(super) fn draw_band(
    chart: &mut Chart<'_, '_>,
    line: LineStyle,
    intervals: &[(f64, Interval)],
    bands: usize,
) -> DrawResult {
    // Many bands over each other would hide the lines.
    let opacity = BAND * (FEW_BANDS / bands.max(1) as f64).min(1.0);
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
    chart.draw_series([Polygon::new(outline, line.colour.mix(opacity).filled())]).map(drop)
}

/// A line through points, with markers at some of them.
pub(super) fn draw_line(
    chart: &Chart<'_, '_>,
    panel: &Area<'_>,
    line: LineStyle,
    points: &[(f64, f64)],
) -> DrawResult {
    let stroke = ShapeStyle::from(&line.colour).stroke_width(STROKE);
    let pixels: Vec<(i32, i32)> = points.iter().map(|point| pixel(chart, panel, *point)).collect();
    draw_path(panel, line, pixels, stroke)?;
    let mut last: Option<i32> = None;
    for point in points {
        let at = pixel(chart, panel, *point);
        if last.is_none_or(|last| (at.0 - last).abs() >= MIN_MARKER_DISTANCE) {
            line.marker.draw(panel, at, line.colour)?;
            last = Some(at.0);
        }
    }
    Ok(())
}

/// A path in pixels of an area, with the dashes of `line`.
fn draw_path(
    area: &Area<'_>,
    line: LineStyle,
    points: Vec<(i32, i32)>,
    stroke: ShapeStyle,
) -> DrawResult {
    match line.dash.lengths() {
        Some((dash, gap)) => area.draw(&DashedPathElement::new(points, dash, gap, stroke)),
        None => area.draw(&PathElement::new(points, stroke)),
    }
}

/// A thin line through points: the curve of one seed.
pub(super) fn draw_thin_line(
    chart: &mut Chart<'_, '_>,
    line: LineStyle,
    points: Vec<(f64, f64)>,
) -> DrawResult {
    let stroke = ShapeStyle::from(&line.colour.mix(0.6)).stroke_width(2);
    chart.draw_series([PathElement::new(points, stroke)]).map(drop)
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
    area.draw(&Polygon::new(band, line.colour.mix(BAND).filled()))?;
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
    draw_path(area, line, vec![(left, y), (right, y)], stroke)?;
    line.marker.draw(area, ((left + right) / 2, y), line.colour)
}
