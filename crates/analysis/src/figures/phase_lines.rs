//! Vertical lines where a further phase of a training begins, along real steps.

use std::collections::BTreeSet;

use plotters::element::DashedPathElement;
use plotters::style::{Color, ShapeStyle};

use super::canvas::{Area, DrawResult};
use super::chart::Chart;
use super::lines::pixel;
use super::palette::INK;
use super::tooltip::Tooltip;
use crate::spending::SpentQuantity;

/// A line for each of the real steps `changes`, each once. The axis of real steps is in units of `unit`.
pub(super) fn draw<'a>(
    changes: impl Iterator<Item = &'a u64>,
    unit: f64,
    chart: &Chart<'_, '_>,
    area: &Area<'_>,
) -> DrawResult {
    let changes: BTreeSet<u64> = changes.copied().collect();
    let heights = chart.y_range();
    for change in changes {
        let x = change as f64 / unit;
        let ends = [heights.start, heights.end].map(|y| pixel(chart, area, (x, y)));
        let at = SpentQuantity::RealSteps.amount(change as f64);
        area.draw(&Tooltip::new(ends[1], &["a further phase begins", &at]))?;
        let style = ShapeStyle::from(&INK.mix(0.5)).stroke_width(2);
        area.draw(&DashedPathElement::new(ends.to_vec(), 8, 8, style))?;
    }
    Ok(())
}
