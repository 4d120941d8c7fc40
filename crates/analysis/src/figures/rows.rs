//! Figures of rows: an agent a row, a mark at its value and a line over its interval, in panels below one another.

use plotters::coord::ranged1d::Ranged;
use plotters::coord::types::RangedCoordf64;
use plotters::element::{DashedPathElement, PathElement};
use plotters::style::ShapeStyle;
use plotters::style::text_anchor::HPos;
use zerolab_metrics::statistics::Interval;

use super::Picture;
use super::data::Datum;
use super::palette::{FAINT, INK, LineStyle};
use super::paper::{Area, Drawing};
use super::scales::{padded, snapped};
use super::spot::Spot;
use super::text::{LABEL, TITLE, style, width, write};
use crate::numbers::{counted, exact, score, with_interval};

/// The width of a column of a page.
pub(super) const COLUMN: i32 = 1_200;
const MARGIN: i32 = 30;
const HEAD: i32 = 100;
const ROW: i32 = 66;
const FOOT: i32 = 90;
/// The room that values have at least, however long the names are.
const LEAST_ROOM: i32 = 520;
const STROKE: u32 = 6;
/// From one label of an axis to the next, at least.
const BETWEEN: i32 = 40;

/// One agent.
pub(super) struct Row {
    pub agent: String,
    pub line: LineStyle,
    pub value: f64,
    pub interval: Option<Interval>,
    pub runs: usize,
}

/// Rows on one scale.
pub(super) struct Panel {
    pub title: String,
    /// A value that is dashed and always shown.
    pub reference: Option<f64>,
    /// The ends of the scale, where they do not follow from the values.
    pub ends: Option<(f64, f64)>,
    pub rows: Vec<Row>,
}

/// The figure.
pub(super) struct Rows {
    pub panels: Vec<Panel>,
    /// How many panels stand side by side.
    pub columns: usize,
    pub caption: String,
}

impl Rows {
    /// How many columns keep a number of panels from becoming a tower.
    pub fn columns_for(panels: usize) -> usize {
        match panels {
            0..=3 => 1,
            4..=8 => 2,
            _ => 3,
        }
    }

    fn rows(&self) -> impl Iterator<Item = &Row> {
        self.panels.iter().flat_map(|panel| &panel.rows)
    }

    fn names(&self) -> i32 {
        self.rows().map(|row| width(&row.agent, LABEL)).max().unwrap_or(0)
    }

    fn numbers(&self) -> i32 {
        self.rows().map(|row| width(&score(row.value), LABEL)).max().unwrap_or(0)
    }

    /// The width of a panel: that of a page's column, unless names or titles need more.
    fn column(&self) -> i32 {
        let titles = self.panels.iter().map(|panel| width(&panel.title, TITLE));
        let title = titles.max().unwrap_or(0) + 2 * MARGIN;
        COLUMN.max(title).max(self.names() + self.numbers() + 4 * MARGIN + LEAST_ROOM)
    }

    /// The height of each row of panels: that of its highest.
    fn heights(&self) -> impl Iterator<Item = i32> {
        self.panels.chunks(self.columns).map(|panels| {
            let rows = panels.iter().map(|panel| panel.rows.len()).max().unwrap_or(0);
            HEAD + rows as i32 * ROW + FOOT
        })
    }
}

impl Picture for Rows {
    fn size(&self) -> (u32, u32) {
        let columns = self.columns.min(self.panels.len()) as i32;
        let height: i32 = self.heights().sum();
        ((columns * self.column()) as u32, height as u32)
    }

    fn caption(&self) -> String {
        self.caption.clone()
    }

    fn data(&self) -> Vec<Datum> {
        let of_panel = |panel: &Panel| {
            let of_row = |row: &Row| Datum {
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

    fn draw(&self, area: &Area<'_>) -> Drawing {
        let mut top = 0;
        for (panels, height) in self.panels.chunks(self.columns).zip(self.heights()) {
            for (place, panel) in panels.iter().enumerate() {
                self.draw_panel(area, panel, (place as i32 * self.column(), top))?;
            }
            top += height;
        }
        Ok(())
    }
}

impl Rows {
    fn draw_panel(&self, area: &Area<'_>, panel: &Panel, (corner, top): (i32, i32)) -> Drawing {
        let left = corner + self.names() + 2 * MARGIN;
        let right = corner + self.column() - self.numbers() - 2 * MARGIN;
        let (top, bottom) = (top + HEAD, top + HEAD + panel.rows.len() as i32 * ROW);
        let (low, high) = scale(panel);
        let pixel =
            |value: f64| left + ((value - low) / (high - low) * f64::from(right - left)) as i32;
        let middle = corner + self.column() / 2;
        write(area, &panel.title, &style(TITLE, INK, HPos::Center), (middle, top - HEAD / 2))?;
        let faint = ShapeStyle::from(&FAINT).stroke_width(2);
        for tick in ticks(low, high, right - left) {
            let x = pixel(tick);
            area.draw(&PathElement::new(vec![(x, top), (x, bottom)], faint))?;
            write(area, &score(tick), &style(LABEL, INK, HPos::Center), (x, bottom + 36))?;
        }
        let edge = ShapeStyle::from(&INK).stroke_width(2);
        if let Some(x) = panel.reference.map(pixel) {
            area.draw(&DashedPathElement::new([(x, top), (x, bottom)], 12, 10, edge))?;
        }
        for (place, row) in panel.rows.iter().enumerate() {
            let y = top + place as i32 * ROW + ROW / 2;
            write(area, &row.agent, &style(LABEL, INK, HPos::Right), (left - MARGIN, y))?;
            if let Some(interval) = row.interval {
                let ends = vec![(pixel(interval.low), y), (pixel(interval.high), y)];
                let stroke = ShapeStyle::from(&row.line.colour).stroke_width(STROKE);
                area.draw(&PathElement::new(ends, stroke))?;
            }
            row.line.mark.draw(area, (pixel(row.value), y), row.line.colour)?;
            let value = with_interval(row.value, row.interval, exact);
            let lines = [&row.agent, &value, &counted(row.runs, "run")];
            area.draw(&Spot::new((pixel(row.value), y), &lines.map(String::as_str)))?;
            write(area, &score(row.value), &style(LABEL, INK, HPos::Left), (right + MARGIN, y))?;
        }
        area.draw(&PathElement::new(vec![(left, bottom), (right, bottom)], edge))
    }
}

/// The ends of a panel's scale.
fn scale(panel: &Panel) -> (f64, f64) {
    let spans = panel.rows.iter().map(|row| span(row.value, row.interval));
    panel.ends.unwrap_or_else(|| padded(spans.chain(panel.reference.map(|value| (value, value)))))
}

/// What a value spans with its interval.
pub(super) fn span(value: f64, interval: Option<Interval>) -> (f64, f64) {
    interval.map_or((value, value), |it| (it.low.min(value), it.high.max(value)))
}

/// As many round values as have room for their labels in `room` pixels, up to six.
fn ticks(low: f64, high: f64, room: i32) -> Vec<f64> {
    let points = |most: usize| -> Vec<f64> {
        let points = RangedCoordf64::from(low..high).key_points(most).into_iter();
        points.map(|point| snapped(point, high - low)).collect()
    };
    let fits = |ticks: &Vec<f64>| {
        let widest = ticks.iter().map(|tick| width(&score(*tick), LABEL)).max().unwrap_or(0);
        ticks.len() as i32 * (widest + BETWEEN) <= room
    };
    (2..=6).rev().map(points).find(fits).unwrap_or_else(|| points(2))
}
