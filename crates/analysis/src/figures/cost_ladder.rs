//! `cost-ladder`: published quantities on logarithmic axes, one panel for those that can be compared.
//!
//! Steps of a waterfall are bars from the step before, each with its factor. A reference has a line through the panel.

use plotters::coord::ranged1d::Ranged;
use plotters::element::{DashedPathElement, PathElement, Rectangle};
use plotters::style::text_anchor::HPos;
use plotters::style::{Color, RGBColor, ShapeStyle};
use zerolab_metrics::published::{Quantity, Role};

use super::axis::Axis;
use super::canvas::{Area, DrawResult};
use super::chart::dimensions;
use super::kind::{Choice, FigureKind, Picture, PictureResult, Section};
use super::markers::Marker;
use super::palette::{COLOURS, FAINT, GREY, INK};
use super::row_names::RowNames;
use super::text::{LABEL, TITLE, style, width, write};
use super::tooltip::Tooltip;
use super::wrapped::{WrappedText, widest};
use crate::findings::Findings;
use crate::numbers::{exact, prefixed, with_exponent};
use crate::published::facts::{factor, times, whole_factor};

pub(super) const KIND: FigureKind = FigureKind {
    name: "cost-ladder",
    summary: "published quantities on logarithmic axes with reference lines, steps of a waterfall with their factors, \
        one panel for what can be compared",
    section: Section::Facts,
    xs: &[],
    has_y: false,
    picture,
};

const MARGIN: i32 = 30;
const ROW: i32 = 66;
const FOOTER: i32 = 90;
/// Half the thickness of a bar.
const BAR: i32 = 15;
/// The least width of an axis beside names. Where it would be narrower, names stand above their rows.
const MIN_AXIS: i32 = 400;
/// From this number on metric prefixes are not common.
const LARGE: f64 = 1e12;
const BLUE: RGBColor = COLOURS[0];

struct CostLadder<'a>(Vec<&'a [Quantity]>);

fn picture<'a>(findings: &'a Findings, _choice: &Choice) -> PictureResult<'a> {
    let published = findings.published.iter();
    let panels: Vec<&[Quantity]> = published.flat_map(|published| published.quantities()).collect();
    match panels.is_empty() {
        true => Err("`facts` of its `[published]` table names no quantities".to_owned()),
        false => Ok(Box::new(CostLadder(panels))),
    }
}

impl CostLadder<'_> {
    fn panels(&self, width: i32) -> Vec<Panel<'_>> {
        let names = self.0.iter().flat_map(|rows| rows.iter().map(|row| row.name.as_str()));
        let panels = |space| -> Vec<Panel<'_>> {
            self.0.iter().map(|rows| Panel::new(rows, space, width)).collect()
        };
        let beside = panels(RowNames::space(names, width));
        let is_wide = |panel: &Panel<'_>| panel.ends.1 - panel.ends.0 >= MIN_AXIS;
        if beside.iter().all(is_wide) { beside } else { panels(0) }
    }
}

impl Picture for CostLadder<'_> {
    fn size(&self, available: i32) -> (i32, i32) {
        (available, self.panels(available).iter().map(Panel::height).sum())
    }

    fn caption(&self) -> String {
        let is = |role| self.0.iter().copied().flatten().any(|row: &Quantity| row.role == role);
        let parts = [
            (Role::Step, " Bars: from one step to the next, with the factor between them."),
            (Role::Value, " Filled: values."),
            (Role::Reference, " Rings with dashed lines: what they are compared with."),
        ];
        let parts = parts.into_iter().filter(|(role, _)| is(*role)).map(|(_, text)| text);
        format!(
            "Published quantities, and quantities computed from them, on logarithmic axes.{} The table has their \
             sources.",
            parts.collect::<String>()
        )
    }

    // A table of the report has its numbers.

    fn draw(&self, area: &Area<'_>) -> DrawResult {
        let (width, height) = dimensions(area);
        let mut panels = self.panels(width);
        let rows: i32 = panels.iter().map(|panel| panel.rows.len() as i32).sum();
        // A figure that is to be higher has higher rows.
        let more = (height - panels.iter().map(Panel::height).sum::<i32>()).max(0) / rows.max(1);
        let mut top = 0;
        for panel in &mut panels {
            panel.row_height += more;
            panel.draw(area, top)?;
            top += panel.height();
        }
        Ok(())
    }
}

/// The rows of one axis.
struct Panel<'a> {
    rows: &'a [Quantity],
    write: fn(f64) -> String,
    names: RowNames,
    title: WrappedText,
    axis: Axis,
    /// The ends of the axis in pixels.
    ends: (i32, i32),
    /// Of each row its value, and its factor if it has one.
    texts: Vec<[String; 2]>,
    /// Where the factors begin.
    factors: i32,
    row_height: i32,
}

impl<'a> Panel<'a> {
    fn new(rows: &'a [Quantity], space: i32, width: i32) -> Self {
        let labels: Vec<&str> = rows.iter().map(|row| row.name.as_str()).collect();
        let names = RowNames::new(&labels, space, width);
        let quantity = rows.first().map_or("", |row| &row.quantity);
        let title = match whole_factor(rows) {
            Some(whole) => format!("{quantity}: {} in all", times(whole)),
            None => quantity.to_owned(),
        };
        let is_large = rows.iter().any(|row| row.value >= LARGE);
        let write_value: fn(f64) -> String =
            if is_large { |value| with_exponent(value, 2) } else { prefixed };
        let text = |(place, row): (usize, &Quantity)| {
            [write_value(row.value), factor(rows, place).map_or(String::new(), times)]
        };
        let texts: Vec<[String; 2]> = rows.iter().enumerate().map(text).collect();
        let column = |index: usize| match widest(texts.iter().map(|it| it[index].as_str()), LABEL) {
            0 => 0,
            widest => widest + MARGIN,
        };
        let factors = width - column(1);
        Self {
            title: WrappedText::new(&title, width - 2 * MARGIN - names.column(), TITLE),
            axis: Axis::logarithmic(rows.iter().map(|row| row.value)),
            ends: (names.column() + MARGIN, factors - column(0) - MARGIN),
            rows,
            write: write_value,
            names,
            texts,
            factors,
            row_height: ROW,
        }
    }

    fn header(&self) -> i32 {
        self.title.height() + 2 * MARGIN
    }

    fn height(&self) -> i32 {
        let rows = (0..self.rows.len()).map(|row| self.names.row_height(row, self.row_height));
        self.header() + rows.sum::<i32>() + FOOTER
    }

    fn pixel(&self, value: f64) -> i32 {
        self.axis.map(&value, self.ends)
    }

    fn draw(&self, area: &Area<'_>, top: i32) -> DrawResult {
        let at = (self.ends.0, top + MARGIN);
        self.title.write(area, &style(TITLE, INK, HPos::Left), at)?;
        let mut y = top + self.header();
        // The middle of each row, and where lines through the panel may cross it: not where its name stands above it.
        let mut spans: Vec<(i32, i32, i32)> = Vec::new();
        for row in 0..self.rows.len() {
            let middle = self.names.draw(area, row, y, self.row_height)?;
            let below_name =
                if self.names.column() == 0 { middle - self.row_height / 2 } else { y };
            y += self.names.row_height(row, self.row_height);
            spans.push((middle, below_name, y));
        }
        self.draw_axis(area, &spans, y)?;
        let middles: Vec<i32> = spans.iter().map(|span| span.0).collect();
        for place in 0..self.rows.len() {
            self.draw_row(area, place, &middles)?;
        }
        Ok(())
    }

    /// The axis below the rows, its grid, and the lines of references.
    fn draw_axis(&self, area: &Area<'_>, spans: &[(i32, i32, i32)], bottom: i32) -> DrawResult {
        let (left, right) = self.ends;
        let faint = ShapeStyle::from(&FAINT).stroke_width(2);
        for tick in self.axis.key_points(self.axis.ticks_within(right - left)) {
            let x = self.pixel(tick);
            for (_, from, to) in spans {
                area.draw(&PathElement::new(vec![(x, *from), (x, *to)], faint))?;
            }
            let text = (self.write)(tick);
            // The label of the first tick does not extend beyond the figure.
            let x = x.max(width(&text, LABEL) / 2);
            write(area, &text, &style(LABEL, INK, HPos::Center), (x, bottom + 36))?;
        }
        let edge = ShapeStyle::from(&INK).stroke_width(2);
        area.draw(&PathElement::new(vec![(left, bottom), (right, bottom)], edge))?;
        let line = ShapeStyle::from(&GREY).stroke_width(3);
        for row in self.rows.iter().filter(|row| row.role == Role::Reference) {
            let x = self.pixel(row.value);
            for (_, from, to) in spans {
                area.draw(&DashedPathElement::new([(x, *from), (x, *to)], 12, 10, line))?;
            }
        }
        Ok(())
    }

    fn draw_row(&self, area: &Area<'_>, place: usize, middles: &[i32]) -> DrawResult {
        let (row, y) = (&self.rows[place], middles[place]);
        let x = self.pixel(row.value);
        let before = self.rows[..place].iter().rposition(|it| it.role == Role::Step);
        match (row.role, before) {
            (Role::Step, Some(before)) => {
                let from = self.pixel(self.rows[before].value);
                let bar = [(from, y - BAR), (x, y + BAR)];
                area.draw(&Rectangle::new(bar, BLUE.filled()))?;
            }
            (Role::Step | Role::Value, _) => Marker::Circle.draw(area, (x, y), BLUE)?,
            (Role::Reference, _) => Marker::Ring.draw(area, (x, y), GREY)?,
        }
        let value = format!("{} {}", exact(row.value), row.quantity);
        let lines = [&row.name, &value, &row.note].map(String::as_str);
        let lines: Vec<&str> = lines.into_iter().filter(|line| !line.is_empty()).collect();
        area.draw(&Tooltip::new((x, y), &lines))?;
        let [value, factor] = &self.texts[place];
        let text = style(LABEL, INK, HPos::Left);
        write(area, value, &text, (self.ends.1 + MARGIN, y))?;
        write(area, factor, &text, (self.factors, y))
    }
}
