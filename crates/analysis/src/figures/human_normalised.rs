//! `human-normalised`: estimates over the tasks of a benchmark, ours and those that others published, one below the
//! other; a panel an estimate.
//!
//! Ours are filled and coloured, theirs hollow and black. Lines are 95 % bootstrap intervals, where there are any.

use plotters::coord::ranged1d::Ranged;
use plotters::coord::types::RangedCoordf64;
use plotters::element::{Circle, DashedPathElement, PathElement};
use plotters::style::text_anchor::HPos;
use plotters::style::{Color, RGBColor, ShapeStyle};
use zerolab_metrics::published::AggregateMetric;

use super::legend::Legend;
use super::palette::{FAINT, INK, Palette};
use super::paper::{Area, Drawing};
use super::spot::Spot;
use super::text::{LABEL, TITLE, style, width, write};
use super::{Entry, Picture, Sketch};
use crate::findings::Findings;
use crate::numbers::{exact, score, with_interval};
use crate::published::text::DISPUTED;
use crate::published::{Benchmark, Entry as Row, Standing};

pub(super) const ENTRY: Entry = Entry {
    name: "human-normalised",
    summary: "human-normalised mean, median and IQM over a benchmark’s tasks: ours beside what others published",
    xs: &[],
    picture,
};

const PANELS: [(AggregateMetric, &str); 3] = [
    (AggregateMetric::Median, "median"),
    (AggregateMetric::Iqm, "IQM"),
    (AggregateMetric::Mean, "mean"),
];

const MARGIN: i32 = 40;
const HEAD: i32 = 170;
const ROW: i32 = 72;
const FOOT: i32 = 110;
const PANEL: i32 = 640;
/// Room for the number at the right of each row of a panel.
const NUMBER: i32 = 160;
const MARK: i32 = 11;
const STROKE: u32 = 5;
/// About how many labels an axis has.
const TICKS: usize = 4;

/// How a point looks.
#[derive(Clone, Copy, PartialEq)]
enum Mark {
    Ours(RGBColor),
    Theirs,
    TheirsOfMeans,
}

struct HumanNormalised<'a> {
    benchmarks: Vec<(&'a Benchmark, Vec<&'a Row>)>,
    palette: Palette<'a>,
    names: i32,
    marks: Vec<Mark>,
    legend: Legend,
}

fn picture<'a>(findings: &'a Findings, _x: &str) -> Sketch<'a> {
    let drawable = |row: &&Row| PANELS.iter().any(|(metric, _)| row.standing(*metric).is_some());
    let benchmarks =
        findings.published.iter().flat_map(|beside| &beside.benchmarks).map(|benchmark| {
            (benchmark, benchmark.entries.iter().filter(drawable).collect::<Vec<_>>())
        });
    let benchmarks: Vec<_> = benchmarks.filter(|(_, rows)| !rows.is_empty()).collect();
    if benchmarks.is_empty() {
        return Err("no benchmark that its `[published]` names has estimates over tasks".to_owned());
    }
    let palette = Palette::of(findings);
    let mut marks: Vec<Mark> = Vec::new();
    let mut names = 0;
    for (benchmark, rows) in &benchmarks {
        for row in rows {
            names = names.max(width(&name(benchmark, row), LABEL));
            for (standing, _) in shown(row) {
                let mark = mark(&palette, row, standing);
                // One sample for ours, whichever agent it is.
                let known = |other: &Mark| match (mark, *other) {
                    (Mark::Ours(_), Mark::Ours(_)) => true,
                    (one, other) => one == other,
                };
                if !marks.iter().any(known) {
                    marks.push(mark);
                }
            }
        }
    }
    let label = |mark: &Mark| match mark {
        Mark::Ours(_) => "ours",
        Mark::Theirs => "published",
        Mark::TheirsOfMeans => "published, of the tasks’ means",
    };
    let labels: Vec<String> = marks.iter().map(|mark| label(mark).to_owned()).collect();
    let legend = Legend::new(&labels, total_width(names));
    Ok(Box::new(HumanNormalised { benchmarks, palette, names, marks, legend }))
}

fn total_width(names: i32) -> i32 {
    names + 3 * MARGIN + PANELS.len() as i32 * PANEL
}

/// What of a row is drawn, with the place of its panel.
fn shown(row: &Row) -> impl Iterator<Item = (&Standing, usize)> {
    PANELS
        .iter()
        .enumerate()
        .filter_map(|(place, (metric, _))| Some((row.standing(*metric)?, place)))
}

fn name(benchmark: &Benchmark, row: &Row) -> String {
    let disputed = shown(row).any(|(standing, _)| !standing.origin.disputed().is_empty());
    let mark = if disputed { format!(" {DISPUTED}") } else { String::new() };
    format!("{}{mark}", benchmark.label(row))
}

fn mark(palette: &Palette<'_>, row: &Row, standing: &Standing) -> Mark {
    match row.is_ours() {
        true => Mark::Ours(palette.line(&row.name).colour),
        false if standing.is_of_means() => Mark::TheirsOfMeans,
        false => Mark::Theirs,
    }
}

impl Picture for HumanNormalised<'_> {
    fn size(&self) -> (u32, u32) {
        let rows: usize = self.benchmarks.iter().map(|(_, rows)| rows.len()).sum();
        let height = self.benchmarks.len() as i32 * (HEAD + FOOT) + rows as i32 * ROW;
        let height = height + MARGIN + self.legend.height();
        (total_width(self.names) as u32, height as u32)
    }

    fn caption(&self) -> String {
        format!(
            "Human-normalised scores over the tasks of {}: 0 is a random agent, 1 (dashed) a human. Filled: ours. Hollow: \
             published by others; squares are IQMs of the tasks’ means, not of runs. Lines: 95 % bootstrap intervals over \
             runs. {DISPUTED} Other sources contradict it.",
            self.benchmarks.iter().map(|(it, _)| it.name.as_str()).collect::<Vec<_>>().join(", ")
        )
    }

    fn draw(&self, area: &Area<'_>) -> Drawing {
        let mut y = 0;
        for (benchmark, rows) in &self.benchmarks {
            self.draw_benchmark(area, benchmark, rows, y)?;
            y += HEAD + rows.len() as i32 * ROW + FOOT;
        }
        let (_, legend) = area.split_vertically(y);
        self.legend.draw(&legend, |area, place, ends, y| {
            draw_point(area, self.marks[place], ((ends.0 + ends.1) / 2, y), Some(ends))
        })
    }
}

impl HumanNormalised<'_> {
    fn draw_benchmark(
        &self,
        area: &Area<'_>,
        benchmark: &Benchmark,
        rows: &[&Row],
        top: i32,
    ) -> Drawing {
        let title = format!("{}: human-normalised scores", benchmark.name);
        let middle = total_width(self.names) / 2;
        write(area, &title, &style(TITLE, INK, HPos::Center), (middle, top + 60))?;
        let first = top + HEAD;
        for (place, row) in rows.iter().enumerate() {
            let at = (MARGIN + self.names, first + place as i32 * ROW + ROW / 2);
            write(area, &name(benchmark, row), &style(LABEL, INK, HPos::Right), at)?;
        }
        for place in 0..PANELS.len() {
            self.draw_panel(area, benchmark, rows, place, first)?;
        }
        Ok(())
    }

    fn draw_panel(
        &self,
        area: &Area<'_>,
        benchmark: &Benchmark,
        rows: &[&Row],
        place: usize,
        top: i32,
    ) -> Drawing {
        let (metric, title) = PANELS[place];
        let left = self.names + 2 * MARGIN + place as i32 * PANEL;
        let right = left + PANEL - NUMBER;
        let bottom = top + rows.len() as i32 * ROW;
        let standings = || rows.iter().filter_map(|row| row.standing(metric));
        let end =
            |it: &Standing| it.interval.map_or(it.value, |interval| interval.high.max(it.value));
        let start =
            |it: &Standing| it.interval.map_or(it.value, |interval| interval.low.min(it.value));
        let high = standings().map(end).fold(1.0, f64::max) * 1.05;
        let low = standings().map(start).fold(0.0, f64::min);
        let pixel =
            |value: f64| left + ((value - low) / (high - low) * f64::from(right - left)) as i32;
        let text = style(LABEL, INK, HPos::Center);
        write(area, title, &text, ((left + right) / 2, top - 40))?;
        let faint = ShapeStyle::from(&FAINT).stroke_width(2);
        for tick in RangedCoordf64::from(low..high).key_points(TICKS) {
            let x = pixel(tick);
            area.draw(&PathElement::new(vec![(x, top), (x, bottom)], faint))?;
            write(area, &score(tick), &text, (x, bottom + 36))?;
        }
        let human = ShapeStyle::from(&INK).stroke_width(2);
        area.draw(&DashedPathElement::new(
            [(pixel(1.0), top), (pixel(1.0), bottom)],
            12,
            10,
            human,
        ))?;
        for (number, row) in rows.iter().enumerate() {
            let Some(standing) = row.standing(metric) else { continue };
            let y = top + number as i32 * ROW + ROW / 2;
            let ends = standing.interval.map(|it| (pixel(it.low), pixel(it.high)));
            draw_point(area, mark(&self.palette, row, standing), (pixel(standing.value), y), ends)?;
            let told = with_interval(standing.value, standing.interval, exact);
            let told = [title, &name(benchmark, row), &told];
            area.draw(&Spot::new((pixel(standing.value), y), &told))?;
            let value = format!("{:.3}", standing.value);
            write(area, &value, &style(LABEL, INK, HPos::Left), (right + 24, y))?;
        }
        let edge = ShapeStyle::from(&INK).stroke_width(2);
        area.draw(&PathElement::new(vec![(left, bottom), (right, bottom)], edge))
    }
}

/// A point with its interval, which leaves the inside of a hollow mark free.
fn draw_point(
    area: &Area<'_>,
    mark: Mark,
    (x, y): (i32, i32),
    ends: Option<(i32, i32)>,
) -> Drawing {
    let colour = if let Mark::Ours(colour) = mark { colour } else { INK };
    let stroke = ShapeStyle::from(&colour).stroke_width(STROKE);
    for (from, to) in ends.map_or([(0, 0); 2], |(low, high)| [(low, x - MARK), (x + MARK, high)]) {
        if from < to {
            area.draw(&PathElement::new(vec![(from, y), (to, y)], stroke))?;
        }
    }
    match mark {
        Mark::Ours(colour) => area.draw(&Circle::new((x, y), MARK, colour.filled())),
        Mark::Theirs => area.draw(&Circle::new((x, y), MARK, stroke)),
        Mark::TheirsOfMeans => {
            let (left, right, top, bottom) = (x - MARK, x + MARK, y - MARK, y + MARK);
            let corners =
                vec![(left, top), (right, top), (right, bottom), (left, bottom), (left, top)];
            area.draw(&PathElement::new(corners, stroke))
        }
    }
}
