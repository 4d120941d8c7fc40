//! The scales of axes: units, ranges, and the width of labels.

use plotters::coord::ranged1d::Ranged;
use zerolab_metrics::statistics::Interval;

use super::axis::Axis;
use super::text::{LABEL, width};
use crate::numbers::score;
use crate::spending::SpentQuantity;

/// About how many labels an axis has.
pub(super) const TICKS: usize = 6;

/// The unit of an axis that shows a quantity up to `max`, and the title of the axis.
pub(super) fn axis_unit(quantity: SpentQuantity, max: f64) -> (f64, &'static str) {
    if quantity == SpentQuantity::WallSeconds { unit_of_time(max) } else { (1.0, quantity.title()) }
}

fn unit_of_time(longest: f64) -> (f64, &'static str) {
    match longest {
        ..180.0 => (1.0, "time of a run (seconds)"),
        180.0..10_800.0 => (60.0, "time of a run (minutes)"),
        _ => (3_600.0, "time of a run (hours)"),
    }
}

/// The width in pixels of the widest label of a y-axis.
pub(super) fn widest_label(axis: &Axis) -> i32 {
    let ticks = axis.key_points(TICKS).into_iter();
    ticks.map(|tick| width(&score(tick), LABEL)).max().unwrap_or(0)
}

/// Replaces a tick by 0 if only a rounding error separates it from 0; `span` is the length of the axis.
pub(super) fn snap_to_zero(tick: f64, span: f64) -> f64 {
    if tick.abs() < 1e-9 * span { 0.0 } else { tick }
}

/// What a value spans together with its interval.
pub(super) fn span(value: f64, interval: Option<Interval>) -> (f64, f64) {
    interval.map_or((value, value), |it| (it.low.min(value), it.high.max(value)))
}

/// The range of all `(low, high)` with a margin; it includes 0 if the lowest value is near 0.
pub(super) fn padded_range(points: impl Iterator<Item = (f64, f64)>) -> (f64, f64) {
    let (low, high) = points.fold((f64::INFINITY, f64::NEG_INFINITY), |(low, high), point| {
        (low.min(point.0), high.max(point.1))
    });
    if !low.is_finite() || !high.is_finite() {
        return (0.0, 1.0);
    }
    let low = if low > 0.0 && low < 0.5 * high { 0.0 } else { low };
    let span = if high > low { high - low } else { high.abs().max(1.0) };
    (low - 0.04 * span, high + 0.06 * span)
}
