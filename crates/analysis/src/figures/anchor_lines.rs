//! What exactly known policies reach in an environment, as thin lines behind the scores of agents.

use plotters::element::DashedPathElement;
use plotters::style::ShapeStyle;
use zerolab_metrics::{Anchors, Measure, Reached};

use super::canvas::{Area, DrawResult};
use super::chart::Chart;
use super::legend::LegendEntry;
use super::lines::pixel;
use super::palette::INK;
use super::tooltip::Tooltip;
use crate::numbers::exact;

/// A policy: its name, what it reaches, and the lengths of a dash and of a gap of its line.
type Policy = (&'static str, fn(&Anchors) -> Reached, (i32, i32));

const POLICIES: [Policy; 2] = [
    ("best return (exact)", |anchors| anchors.best_return, (16, 12)),
    ("random (exact)", |anchors| anchors.random, (5, 12)),
];

/// The line of a policy.
pub(super) struct AnchorLine {
    policy: Policy,
    /// Along x in ascending order; a single point is a level line.
    points: Vec<(f64, f64)>,
}

impl AnchorLine {
    /// The values along its line.
    pub fn values(&self) -> impl Iterator<Item = f64> {
        self.points.iter().map(|(_, value)| *value)
    }

    pub fn name(&self) -> &'static str {
        self.policy.0
    }

    /// The points of a curve along x; a level line has no x.
    pub fn positions(&self) -> impl Iterator<Item = (Option<f64>, f64)> {
        let is_level = self.points.len() == 1;
        self.points.iter().map(move |(x, value)| ((!is_level).then_some(*x), *value))
    }

    /// Draws it, with its name on hover.
    pub fn draw(&self, chart: &Chart<'_, '_>, area: &Area<'_>) -> DrawResult {
        let points: Vec<(f64, f64)> = match self.points[..] {
            [(_, level)] => vec![(chart.x_range().start, level), (chart.x_range().end, level)],
            _ => self.points.clone(),
        };
        let pixels: Vec<(i32, i32)> =
            points.iter().map(|point| pixel(chart, area, *point)).collect();
        for (at, (_, value)) in pixels.iter().zip(&points) {
            area.draw(&Tooltip::new(*at, &[self.name(), &exact(*value)]))?;
        }
        area.draw(&dashed(pixels, self.policy.2))
    }
}

/// The lines of a measure, if it is one that rewards decide, in environments with these anchors, each at its place
/// along x. Anchors that do not depend on x give level lines.
pub(super) fn lines(measure: &Measure, anchors: &[(f64, Anchors)]) -> Vec<AnchorLine> {
    let rewards = [Measure::Return, Measure::Performance, Measure::Competence];
    if !rewards.contains(measure) {
        return Vec::new();
    }
    let line = |policy: Policy| {
        let value = |anchors: &Anchors| measure.of_sums((policy.1)(anchors), Some(anchors));
        let mut points: Vec<(f64, f64)> =
            anchors.iter().filter_map(|(x, anchors)| Some((*x, value(anchors)?))).collect();
        points.sort_by(|first, second| first.0.total_cmp(&second.0));
        points.dedup();
        if points.windows(2).all(|pair| pair[0].1 == pair[1].1) {
            points.truncate(1);
        }
        (!points.is_empty()).then_some(AnchorLine { policy, points })
    };
    POLICIES.into_iter().filter_map(line).collect()
}

/// The legend's entries for the lines.
pub(super) fn entries() -> impl Iterator<Item = LegendEntry> {
    POLICIES.into_iter().map(|(name, ..)| LegendEntry::plain(name))
}

/// The legend's sample of the entry with this number.
pub(super) fn draw_sample(
    area: &Area<'_>,
    entry: usize,
    (left, right): (i32, i32),
    y: i32,
) -> DrawResult {
    match POLICIES.get(entry) {
        Some((.., dash)) => area.draw(&dashed(vec![(left, y), (right, y)], *dash)),
        None => Ok(()),
    }
}

fn dashed(
    points: Vec<(i32, i32)>,
    (dash, gap): (i32, i32),
) -> DashedPathElement<std::vec::IntoIter<(i32, i32)>, i32> {
    DashedPathElement::new(points, dash, gap, ShapeStyle::from(&INK).stroke_width(3))
}
