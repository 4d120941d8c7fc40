//! What stands on the axes of a chart: lines, bands, intervals, and their samples in a legend.

use plotters::element::{DashedPathElement, PathElement, Polygon};
use plotters::style::{Color, ShapeStyle};
use zerolab_metrics::statistics::Interval;

use super::canvas::{Area, DrawResult};
use super::chart::Chart;
use super::palette::LineStyle;
use super::tooltip::Tooltip;

const STROKE: u32 = 6;
/// The opacity of a band, if there are few.
const BAND: f64 = 0.18;
const FEW_BANDS: f64 = 4.0;
/// The least distance of two markers: more markers would hide the line.
const MIN_MARKER_DISTANCE: i32 = 85;
/// Half of the width of an arrowhead, and the least length of a path with one.
const ARROW: f64 = 16.0;
const MIN_ARROW_PATH: f64 = 60.0;
/// Half the width of the caps of a vertical interval.
const CAP: i32 = 12;
/// The length of the line towards an infinite end.
const OPEN: i32 = 40;

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
    let pixels: Vec<(i32, i32)> = points.iter().map(|point| pixel(chart, panel, *point)).collect();
    draw_path(panel, line, pixels)?;
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
pub(super) fn draw_path(area: &Area<'_>, line: LineStyle, points: Vec<(i32, i32)>) -> DrawResult {
    let stroke = ShapeStyle::from(&line.colour).stroke_width(STROKE);
    match line.dash.lengths() {
        Some((dash, gap)) => area.draw(&DashedPathElement::new(points, dash, gap, stroke)),
        None => area.draw(&PathElement::new(points, stroke)),
    }
}

/// Draws an arrowhead in the middle of a straight path, if that is long enough.
pub(super) fn draw_arrow(
    area: &Area<'_>,
    line: LineStyle,
    from: (i32, i32),
    to: (i32, i32),
) -> DrawResult {
    let (dx, dy) = (f64::from(to.0 - from.0), f64::from(to.1 - from.1));
    let length = dx.hypot(dy);
    if length < MIN_ARROW_PATH {
        return Ok(());
    }
    let (dx, dy) = (dx / length * ARROW, dy / length * ARROW);
    let middle = (f64::from(from.0 + to.0) / 2.0, f64::from(from.1 + to.1) / 2.0);
    let corner = |along: f64, across: f64| {
        let x = middle.0 + along * dx - across * dy;
        let y = middle.1 + along * dy + across * dx;
        (x.round() as i32, y.round() as i32)
    };
    let corners = vec![corner(1.0, 0.0), corner(-1.0, 1.0), corner(-1.0, -1.0)];
    area.draw(&Polygon::new(corners, line.colour.filled()))
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
    draw_open_interval(chart, panel, line, ((x, interval.low), 0), interval)
}

/// The interval of the value at a point, some pixels to its right. Beside an infinite end there is a short line without a
/// cap.
pub(super) fn draw_open_interval(
    chart: &Chart<'_, '_>,
    panel: &Area<'_>,
    line: LineStyle,
    (at, aside): ((f64, f64), i32),
    interval: Interval,
) -> DrawResult {
    let stroke = ShapeStyle::from(&line.colour).stroke_width(STROKE - 2);
    let (x, middle) = pixel(chart, panel, at);
    let x = x + aside;
    let axis = chart.y_range();
    let [bottom, top] = [axis.start, axis.end].map(|end| pixel(chart, panel, (at.0, end)).1);
    let end = |value: f64| match value {
        f64::INFINITY => (middle - OPEN).max(top),
        f64::NEG_INFINITY => (middle + OPEN).min(bottom),
        value => pixel(chart, panel, (at.0, value)).1,
    };
    let Interval { low, high } = interval;
    panel.draw(&PathElement::new(vec![(x, end(low)), (x, end(high))], stroke))?;
    for y in [low, high].into_iter().filter(|value| value.is_finite()).map(end) {
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
    draw_path(area, line, vec![(left, y), (right, y)])?;
    line.marker.draw(area, ((left + right) / 2, y), line.colour)
}
