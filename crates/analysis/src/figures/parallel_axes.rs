//! Parallel coordinates: vertical axes side by side, and lines through all of them to a colour bar of scores.
//!
//! The name of an axis stands above it, at the top of a leader line. Names further to the left stand higher
//! where they would otherwise overlap another name or leader line.

use plotters::coord::ranged1d::Ranged;
use plotters::element::PathElement;
use plotters::style::ShapeStyle;
use plotters::style::text_anchor::HPos;
use zerolab_metrics::labels::short_number;

use super::axis::Axis;
use super::canvas::{Area, DrawResult};
use super::chart::dimensions;
use super::colour_scale::{ColourScale, draw_bar};
use super::palette::{GREY, INK};
use super::panels::MARGIN;
use super::text::{LABEL, style, width, write};
use super::tooltip::Tooltip;
use crate::labels::SweptSetting;
use crate::numbers::score;

/// The name of the colour bar.
const SCORE: &str = "final return";
/// The height of a line of text.
const LINE_HEIGHT: i32 = 60;
/// The height of an axis.
const AXIS_HEIGHT: i32 = 640;
const GAP: i32 = 24;
/// From a leader line to its name.
const NAME_GAP: i32 = 10;
const BAR: i32 = 44;
/// Half the width of a tick.
const TICK: i32 = 12;
/// The width of a line, and of the grey edge that keeps it visible on white and on dark backgrounds.
const STROKE: u32 = 7;
const EDGE: u32 = 11;
/// Longer values are rounded.
const MAX_CHARACTERS: usize = 7;

/// The axis of a setting.
pub(super) struct SettingAxis {
    name: String,
    axis: Axis,
    /// Where each line crosses it.
    values: Vec<f64>,
    /// The labels with their positions: the ends if the values are numbers, otherwise all names.
    labels: Vec<(f64, String)>,
    /// The width of the gap for names, in which no lines are drawn; 0 if the values are numbers.
    gutter: i32,
}

impl SettingAxis {
    /// The axis of a setting, given its value for each line. The values are names in alphabetical order
    /// unless all are numbers.
    pub fn new(name: String, settings: &[SweptSetting<'_>]) -> Self {
        let numbers: Option<Vec<f64>> = settings.iter().map(|it| it.number).collect();
        if let Some(values) = numbers {
            let axis = Axis::between(values.iter().copied());
            let name = if axis.is_logarithmic() { format!("{name} (log)") } else { name };
            let mut labels: Vec<(f64, String)> = values
                .iter()
                .zip(settings)
                .filter(|(value, _)| [axis.range().start, axis.range().end].contains(*value))
                .map(|(value, it)| (*value, end_label(it.written, *value)))
                .collect();
            labels.sort_by(|(first, _), (second, _)| first.total_cmp(second));
            labels.dedup_by_key(|(value, _)| *value);
            return Self { name, axis, values, labels, gutter: 0 };
        }
        let mut names: Vec<&str> = settings.iter().map(|it| it.written).collect();
        names.sort_unstable();
        names.dedup();
        let position =
            |written: &str| names.iter().take_while(|name| **name < written).count() as f64;
        let widest = names.iter().map(|name| width(name, LABEL)).max().unwrap_or(0);
        Self {
            name,
            axis: Axis::linear(0.0, names.len() as f64 - 1.0),
            values: settings.iter().map(|it| position(it.written)).collect(),
            labels: names.iter().map(|name| (position(name), (*name).to_owned())).collect(),
            gutter: widest + 2 * GAP,
        }
    }

    fn y(&self, value: f64, top: i32) -> i32 {
        self.axis.map(&value, (top + AXIS_HEIGHT, top))
    }
}

/// The label of the end of an axis: the value as in the spec, or rounded if that is long.
fn end_label(written: &str, value: f64) -> String {
    let short = short_number(written);
    if short.len() <= MAX_CHARACTERS { short } else { short_number(&score(value)) }
}

/// The axes and the lines through them.
pub(super) struct ParallelAxes {
    axes: Vec<SettingAxis>,
    /// The score of each line, at the colour bar.
    scores: Vec<f64>,
    /// The tooltip of each line.
    tooltips: Vec<String>,
    colours: ColourScale,
}

impl ParallelAxes {
    /// Lines through `axes` to `scores`, each with its tooltip. Later lines are drawn over earlier ones.
    pub fn new(axes: Vec<SettingAxis>, (scores, tooltips): (Vec<f64>, Vec<String>)) -> Self {
        let colours = ColourScale::over(scores.iter().copied());
        Self { axes, scores, tooltips, colours }
    }

    fn names(&self) -> impl Iterator<Item = &str> {
        self.axes.iter().map(|axis| axis.name.as_str()).chain([SCORE])
    }

    /// The width that the texts of the colour bar need, from its left edge.
    fn bar_width(&self) -> i32 {
        let ends = [score(self.colours.low), score(self.colours.high)];
        let texts = ends.iter().map(String::as_str).chain([SCORE]);
        texts.map(|text| NAME_GAP + width(text, LABEL)).max().unwrap_or(0)
    }

    /// The least distance of two axes, without a gap for names.
    fn min_distance(&self) -> i32 {
        let of_numbers = self.axes.iter().filter(|axis| axis.gutter == 0);
        let labels = of_numbers.flat_map(|axis| &axis.labels).map(|(_, text)| width(text, LABEL));
        labels.max().unwrap_or(0) + GAP
    }

    /// The axes and the colour bar in `available` pixels, or in more if they need more.
    fn placed(&self, available: i32) -> PlacedAxes<'_> {
        let gutters: i32 = self.axes.iter().map(|axis| axis.gutter).sum();
        let free = available - 2 * MARGIN - gutters - self.bar_width();
        let distance = (free / self.axes.len().max(1) as i32).max(self.min_distance());
        let mut lefts = vec![MARGIN];
        for axis in &self.axes {
            lefts.push(lefts[lefts.len() - 1] + axis.gutter + distance);
        }
        let widths: Vec<i32> = self.names().map(|name| width(name, LABEL)).collect();
        let levels = levels(&lefts, &widths);
        PlacedAxes { plot: self, lefts, levels }
    }

    /// The least width that it needs in pixels.
    pub fn needed_width(&self) -> i32 {
        self.placed(0).width()
    }

    /// The height that it needs in pixels at a width.
    pub fn needed_height(&self, available: i32) -> i32 {
        self.placed(available).top() + AXIS_HEIGHT + LINE_HEIGHT + MARGIN
    }

    /// Draws it over the width of `area`.
    pub fn draw(&self, area: &Area<'_>) -> DrawResult {
        self.placed(dimensions(area).0).draw(area)
    }
}

/// The axes at their places.
struct PlacedAxes<'a> {
    plot: &'a ParallelAxes,
    /// The x of each axis and of the left edge of the colour bar.
    lefts: Vec<i32>,
    /// The height of each name, in lines of text above the lowest.
    levels: Vec<i32>,
}

impl PlacedAxes<'_> {
    fn width(&self) -> i32 {
        let names = self.plot.names().zip(&self.lefts);
        let ends = names.map(|(name, left)| left + NAME_GAP + width(name, LABEL));
        let bar = self.lefts.last().map(|left| left + self.plot.bar_width());
        ends.chain(bar).max().unwrap_or(0) + MARGIN
    }

    /// The top of the axes: below the names and the greatest values.
    fn top(&self) -> i32 {
        (self.levels.iter().max().unwrap_or(&0) + 2) * LINE_HEIGHT
    }

    /// Draws it, horizontally centred in `area`.
    fn draw(&self, area: &Area<'_>) -> DrawResult {
        let margin = ((dimensions(area).0 - self.width()) / 2).max(0);
        let area = area.margin(0, 0, margin, margin);
        for line in 0..self.plot.scores.len() {
            self.draw_line(&area, line)?;
        }
        for ((name, left), level) in self.plot.names().zip(&self.lefts).zip(&self.levels) {
            let y = self.top() - LINE_HEIGHT - level * LINE_HEIGHT - LINE_HEIGHT / 2;
            let leader = ShapeStyle::from(&GREY).stroke_width(2);
            let ends = vec![(*left, y - LINE_HEIGHT / 3), (*left, self.top() - LINE_HEIGHT / 4)];
            area.draw(&PathElement::new(ends, leader))?;
            write(&area, name, &style(LABEL, INK, HPos::Left), (left + NAME_GAP, y))?;
        }
        for (axis, left) in self.plot.axes.iter().zip(&self.lefts) {
            self.draw_axis(&area, axis, *left)?;
        }
        self.draw_scores(&area)
    }

    fn draw_line(&self, area: &Area<'_>, line: usize) -> DrawResult {
        let value = self.plot.scores[line];
        let mut parts: Vec<Vec<(i32, i32)>> = vec![Vec::new()];
        let mut add_point = |at: (i32, i32), gutter: i32| {
            parts.last_mut().into_iter().for_each(|part| part.push(at));
            if gutter > 0 {
                parts.push(vec![(at.0 + gutter, at.1)]);
            }
        };
        for (axis, left) in self.plot.axes.iter().zip(&self.lefts) {
            add_point((*left, axis.y(axis.values[line], self.top())), axis.gutter);
        }
        if let Some(bar) = self.lefts.last() {
            let up = (self.plot.colours.position(value) * f64::from(AXIS_HEIGHT)).round() as i32;
            add_point((*bar, self.top() + AXIS_HEIGHT - up), 0);
        }
        for (colour, stroke) in [(GREY, EDGE), (self.plot.colours.colour(value), STROKE)] {
            for part in parts.iter().filter(|part| part.len() > 1) {
                let stroke = ShapeStyle::from(&colour).stroke_width(stroke);
                area.draw(&PathElement::new(part.clone(), stroke))?;
            }
        }
        let points = parts.iter().flatten();
        points
            .map(|at| Tooltip::new(*at, &[&self.plot.tooltips[line]]))
            .try_for_each(|tooltip| area.draw(&tooltip))
    }

    fn draw_axis(&self, area: &Area<'_>, axis: &SettingAxis, left: i32) -> DrawResult {
        let (top, bottom) = (self.top(), self.top() + AXIS_HEIGHT);
        if axis.gutter > 0 {
            for (value, name) in &axis.labels {
                let at = (left + axis.gutter / 2, axis.y(*value, top));
                write(area, name, &style(LABEL, INK, HPos::Center), at)?;
            }
            return Ok(());
        }
        let ink = ShapeStyle::from(&INK).stroke_width(3);
        area.draw(&PathElement::new(vec![(left, top), (left, bottom)], ink))?;
        for y in [top, bottom] {
            area.draw(&PathElement::new(vec![(left - TICK, y), (left + TICK, y)], ink))?;
        }
        for ((_, text), y) in
            axis.labels.iter().zip([bottom + LINE_HEIGHT / 2, top - LINE_HEIGHT / 2])
        {
            write(area, text, &style(LABEL, INK, HPos::Left), (left + NAME_GAP, y))?;
        }
        Ok(())
    }

    fn draw_scores(&self, area: &Area<'_>) -> DrawResult {
        let Some(left) = self.lefts.last() else { return Ok(()) };
        let (top, bottom) = (self.top(), self.top() + AXIS_HEIGHT);
        draw_bar(area, (*left, bottom), (left + BAR, top))?;
        for (value, y) in [
            (self.plot.colours.low, bottom + LINE_HEIGHT / 2),
            (self.plot.colours.high, top - LINE_HEIGHT / 2),
        ] {
            write(area, &score(value), &style(LABEL, INK, HPos::Left), (left + NAME_GAP, y))?;
        }
        Ok(())
    }
}

/// The height of each name, in lines: above every name further right that starts before it ends.
fn levels(lefts: &[i32], widths: &[i32]) -> Vec<i32> {
    let mut levels = vec![0; lefts.len()];
    for index in (0..lefts.len()).rev() {
        let end = lefts[index] + NAME_GAP + widths[index] + GAP;
        let overlapped = (index + 1..lefts.len()).filter(|&other| lefts[other] < end);
        levels[index] = overlapped.map(|other| levels[other] + 1).max().unwrap_or(0);
    }
    levels
}
