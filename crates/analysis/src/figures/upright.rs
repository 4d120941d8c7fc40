//! Upright axes side by side with lines through all of them to a bar of scores at their right.
//!
//! The name of an axis stands at the top of a pole, higher the further left: so names of any length lie over no other
//! name and no pole.

use plotters::coord::ranged1d::Ranged;
use plotters::element::PathElement;
use plotters::style::ShapeStyle;
use plotters::style::text_anchor::HPos;

use super::axis::Axis;
use super::colour_scale::{ColourScale, draw_bar};
use super::palette::{GREY, INK};
use super::panels::MARGIN;
use super::paper::{Area, Drawing};
use super::rows::COLUMN;
use super::spot::Spot;
use super::text::{LABEL, style, width, write};
use crate::axes::Setting;
use crate::numbers::score;

/// What the bar shows.
const SCORE: &str = "final return";
/// The height of a line of text.
const LINE: i32 = 60;
/// The height of an axis.
const HEIGHT: i32 = 640;
const GAP: i32 = 24;
/// From a pole to its name.
const BESIDE: i32 = 10;
const BAR: i32 = 44;
/// Half the width of a tick.
const TICK: i32 = 12;
/// A line, and the edge that shows it on white and on dark where its colour does not.
const STROKE: u32 = 7;
const EDGE: u32 = 11;
/// Values as written that are longer are rounded.
const MOST_LETTERS: usize = 7;

/// The axis of a setting.
pub(super) struct Upright {
    name: String,
    axis: Axis,
    /// Where each line goes through it.
    values: Vec<f64>,
    /// What is written at it: the ends of numbers, or all of the names.
    marks: Vec<(f64, String)>,
    /// The width that names take, where lines end and start again; 0 of numbers.
    gutter: i32,
}

impl Upright {
    /// Through one setting, of which each line has a value: numbers if all are, else names in alphabetical order.
    pub fn through(settings: &[Setting<'_>]) -> Self {
        let name = settings.first().map_or("", |it| it.name).to_owned();
        let numbers: Option<Vec<f64>> = settings.iter().map(|it| it.number).collect();
        if let Some(values) = numbers {
            let axis = Axis::between(values.iter().copied());
            let name = if axis.is_logarithmic() { format!("{name} (log)") } else { name };
            let mut marks: Vec<(f64, String)> = values
                .iter()
                .zip(settings)
                .filter(|(value, _)| [axis.range().start, axis.range().end].contains(*value))
                .map(|(value, it)| (*value, end(it.written, *value)))
                .collect();
            marks.sort_by(|(first, _), (second, _)| first.total_cmp(second));
            marks.dedup_by_key(|(value, _)| *value);
            return Self { name, axis, values, marks, gutter: 0 };
        }
        let mut names: Vec<&str> = settings.iter().map(|it| it.written).collect();
        names.sort_unstable();
        names.dedup();
        let place = |written: &str| names.iter().take_while(|name| **name < written).count() as f64;
        let widest = names.iter().map(|name| width(name, LABEL)).max().unwrap_or(0);
        Self {
            name,
            axis: Axis::linear(0.0, names.len() as f64 - 1.0),
            values: settings.iter().map(|it| place(it.written)).collect(),
            marks: names.iter().map(|name| (place(name), (*name).to_owned())).collect(),
            gutter: widest + 2 * GAP,
        }
    }

    fn y(&self, value: f64, top: i32) -> i32 {
        self.axis.map(&value, (top + HEIGHT, top))
    }
}

/// The value at the end of an axis: as the spec has it, or rounded if that is long.
fn end(written: &str, value: f64) -> String {
    if written.len() <= MOST_LETTERS { written.to_owned() } else { score(value) }
}

/// The axes and the lines through them.
pub(super) struct Web {
    axes: Vec<Upright>,
    /// Where each line ends.
    scores: Vec<f64>,
    /// What is said of each line under the pointer.
    told: Vec<String>,
    colours: ColourScale,
    /// The left edge of each axis and of the bar.
    lefts: Vec<i32>,
    /// How many names lie below the name of each.
    levels: Vec<i32>,
}

impl Web {
    /// Lines through `axes` to `scores`, the last above the others.
    pub fn new(axes: Vec<Upright>, (scores, told): (Vec<f64>, Vec<String>)) -> Self {
        let colours = ColourScale::over(scores.iter().copied());
        let mut web = Self { axes, scores, told, colours, lefts: Vec::new(), levels: Vec::new() };
        let gutters: i32 = web.axes.iter().map(|axis| axis.gutter).sum();
        let room = COLUMN - 2 * MARGIN - gutters - web.right_of_bar();
        let of_numbers = web.axes.iter().filter(|axis| axis.gutter == 0);
        let marks = of_numbers.flat_map(|axis| &axis.marks).map(|(_, text)| width(text, LABEL));
        let apart = (room / web.axes.len().max(1) as i32).max(marks.max().unwrap_or(0) + GAP);
        let mut left = MARGIN;
        for axis in &web.axes {
            web.lefts.push(left);
            left += axis.gutter + apart;
        }
        web.lefts.push(left);
        web.levels =
            levels(&web.lefts, &web.names().map(|name| width(name, LABEL)).collect::<Vec<_>>());
        web
    }

    fn names(&self) -> impl Iterator<Item = &str> {
        self.axes.iter().map(|axis| axis.name.as_str()).chain([SCORE])
    }

    /// The room from the left edge of the bar that its texts need.
    fn right_of_bar(&self) -> i32 {
        let ends = [score(self.colours.low), score(self.colours.high)];
        let texts = ends.iter().map(String::as_str).chain([SCORE]);
        texts.map(|text| BESIDE + width(text, LABEL)).max().unwrap_or(0)
    }

    /// The width that it needs in pixels.
    pub fn wide(&self) -> i32 {
        let names = self.names().zip(&self.lefts);
        let ends = names.map(|(name, left)| left + BESIDE + width(name, LABEL));
        let bar = self.lefts.last().map(|left| left + self.right_of_bar());
        ends.chain(bar).max().unwrap_or(0) + MARGIN
    }

    /// The height that it needs in pixels.
    pub fn high(&self) -> i32 {
        self.top() + HEIGHT + LINE + MARGIN
    }

    /// The top of the axes: below the names and the greatest values.
    fn top(&self) -> i32 {
        (self.levels.iter().max().unwrap_or(&0) + 2) * LINE
    }

    /// Draws it in the middle of `area`.
    pub fn draw(&self, area: &Area<'_>) -> Drawing {
        let beside = (area.dim_in_pixel().0 as i32 - self.wide()) / 2;
        let area = area.margin(0, 0, beside, beside);
        for line in 0..self.scores.len() {
            self.draw_line(&area, line)?;
        }
        for ((name, left), level) in self.names().zip(&self.lefts).zip(&self.levels) {
            let y = self.top() - LINE - level * LINE - LINE / 2;
            let pole = ShapeStyle::from(&GREY).stroke_width(2);
            let ends = vec![(*left, y - LINE / 3), (*left, self.top() - LINE / 4)];
            area.draw(&PathElement::new(ends, pole))?;
            write(&area, name, &style(LABEL, INK, HPos::Left), (left + BESIDE, y))?;
        }
        for (axis, left) in self.axes.iter().zip(&self.lefts) {
            self.draw_axis(&area, axis, *left)?;
        }
        self.draw_scores(&area)
    }

    fn draw_line(&self, area: &Area<'_>, line: usize) -> Drawing {
        let value = self.scores[line];
        let mut parts: Vec<Vec<(i32, i32)>> = vec![Vec::new()];
        let mut go_through = |at: (i32, i32), gutter: i32| {
            parts.last_mut().into_iter().for_each(|part| part.push(at));
            if gutter > 0 {
                parts.push(vec![(at.0 + gutter, at.1)]);
            }
        };
        for (axis, left) in self.axes.iter().zip(&self.lefts) {
            go_through((*left, axis.y(axis.values[line], self.top())), axis.gutter);
        }
        if let Some(bar) = self.lefts.last() {
            let up = (self.colours.place(value) * f64::from(HEIGHT)).round() as i32;
            go_through((*bar, self.top() + HEIGHT - up), 0);
        }
        for (colour, stroke) in [(GREY, EDGE), (self.colours.colour(value), STROKE)] {
            for part in parts.iter().filter(|part| part.len() > 1) {
                let stroke = ShapeStyle::from(&colour).stroke_width(stroke);
                area.draw(&PathElement::new(part.clone(), stroke))?;
            }
        }
        let points = parts.iter().flatten();
        points.map(|at| Spot::new(*at, &[&self.told[line]])).try_for_each(|spot| area.draw(&spot))
    }

    fn draw_axis(&self, area: &Area<'_>, axis: &Upright, left: i32) -> Drawing {
        let (top, bottom) = (self.top(), self.top() + HEIGHT);
        if axis.gutter > 0 {
            for (value, name) in &axis.marks {
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
        for ((_, text), y) in axis.marks.iter().zip([bottom + LINE / 2, top - LINE / 2]) {
            write(area, text, &style(LABEL, INK, HPos::Left), (left + BESIDE, y))?;
        }
        Ok(())
    }

    fn draw_scores(&self, area: &Area<'_>) -> Drawing {
        let Some(left) = self.lefts.last() else { return Ok(()) };
        let (top, bottom) = (self.top(), self.top() + HEIGHT);
        draw_bar(area, (*left, bottom), (left + BAR, top))?;
        for (value, y) in
            [(self.colours.low, bottom + LINE / 2), (self.colours.high, top - LINE / 2)]
        {
            write(area, &score(value), &style(LABEL, INK, HPos::Left), (left + BESIDE, y))?;
        }
        Ok(())
    }
}

/// How high each name stands: above all that start to its right before it ends.
fn levels(lefts: &[i32], widths: &[i32]) -> Vec<i32> {
    let mut levels = vec![0; lefts.len()];
    for place in (0..lefts.len()).rev() {
        let end = lefts[place] + BESIDE + widths[place] + GAP;
        let behind = (place + 1..lefts.len()).filter(|&other| lefts[other] < end);
        levels[place] = behind.map(|other| levels[other] + 1).max().unwrap_or(0);
    }
    levels
}
