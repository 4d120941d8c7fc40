//! `human-normalised`: our own and published estimates over the tasks of a benchmark, one panel each.
//!
//! Our own are filled and coloured, published ones hollow and black. Lines are 95 % bootstrap intervals.

use plotters::coord::ranged1d::Ranged;
use plotters::coord::types::RangedCoordf64;
use plotters::element::{Circle, DashedPathElement, PathElement};
use plotters::style::text_anchor::HPos;
use plotters::style::{Color, RGBColor, ShapeStyle};
use zerolab_metrics::published::AggregateMetric;

use super::canvas::{Area, DrawResult};
use super::kind::{FigureKind, Picture, PictureResult};
use super::legend::Legend;
use super::palette::{FAINT, INK, Palette};
use super::short_labels::{MAX_LABEL, ShortLabels};
use super::text::{LABEL, TITLE, style, write};
use super::tooltip::Tooltip;
use crate::findings::Findings;
use crate::numbers::{exact, score, with_interval};
use crate::published::text::DISPUTED;
use crate::published::{AggregateScore, Benchmark, BenchmarkEntry};

pub(super) const KIND: FigureKind = FigureKind {
    name: "human-normalised",
    summary: "human-normalised mean, median and IQM over a benchmark’s tasks: our own next to published ones",
    xs: &[],
    picture,
};

const PANELS: [(AggregateMetric, &str); 3] = [
    (AggregateMetric::Median, "median"),
    (AggregateMetric::Iqm, "IQM"),
    (AggregateMetric::Mean, "mean"),
];

const MARGIN: i32 = 40;
const HEADER: i32 = 170;
const ROW: i32 = 72;
const FOOTER: i32 = 110;
const PANEL: i32 = 640;
/// The space for the number at the right of each row of a panel.
const NUMBER_WIDTH: i32 = 160;
const RADIUS: i32 = 11;
const STROKE: u32 = 5;
/// About how many labels an axis has.
const TICKS: usize = 4;

/// The look of a point.
#[derive(Clone, Copy, PartialEq)]
enum PointStyle {
    Ours(RGBColor),
    Published,
    PublishedOfMeans,
}

struct HumanNormalised<'a> {
    benchmarks: Vec<(&'a Benchmark, Vec<&'a BenchmarkEntry>)>,
    palette: Palette<'a>,
    names: ShortLabels,
    /// The styles that the legend lists.
    styles: Vec<PointStyle>,
    legend: Legend,
}

fn picture<'a>(findings: &'a Findings, _x: &str) -> PictureResult<'a> {
    let drawable =
        |row: &&BenchmarkEntry| PANELS.iter().any(|(metric, _)| row.aggregate(*metric).is_some());
    let benchmarks =
        findings.published.iter().flat_map(|published| &published.benchmarks).map(|benchmark| {
            (benchmark, benchmark.entries.iter().filter(drawable).collect::<Vec<_>>())
        });
    let benchmarks: Vec<_> = benchmarks.filter(|(_, rows)| !rows.is_empty()).collect();
    if benchmarks.is_empty() {
        return Err("no benchmark of its `[published]` table has estimates over tasks".to_owned());
    }
    let palette = Palette::of(findings);
    let mut styles: Vec<PointStyle> = Vec::new();
    let names: Vec<String> =
        benchmarks.iter().flat_map(|(_, rows)| rows).map(|row| name(row)).collect();
    let names = ShortLabels::new(names.iter().map(String::as_str), MAX_LABEL, LABEL);
    for (_, rows) in &benchmarks {
        for row in rows {
            for (aggregate, _) in shown(row) {
                let style = point_style(&palette, row, aggregate);
                // The legend has one sample for all of our agents.
                let known = |other: &PointStyle| match (style, *other) {
                    (PointStyle::Ours(_), PointStyle::Ours(_)) => true,
                    (one, other) => one == other,
                };
                if !styles.iter().any(known) {
                    styles.push(style);
                }
            }
        }
    }
    let label = |style: &PointStyle| match style {
        PointStyle::Ours(_) => "ours",
        PointStyle::Published => "published",
        PointStyle::PublishedOfMeans => "published, of the tasks’ means",
    };
    let labels: Vec<String> = styles.iter().map(|style| label(style).to_owned()).collect();
    let legend = Legend::new(&labels, total_width(names.widest()));
    Ok(Box::new(HumanNormalised { benchmarks, palette, names, styles, legend }))
}

fn total_width(name_width: i32) -> i32 {
    name_width + 3 * MARGIN + PANELS.len() as i32 * PANEL
}

/// The estimates of a row that are drawn, each with the index of its panel.
fn shown(row: &BenchmarkEntry) -> impl Iterator<Item = (&AggregateScore, usize)> {
    PANELS
        .iter()
        .enumerate()
        .filter_map(|(index, (metric, _))| Some((row.aggregate(*metric)?, index)))
}

/// The tasks of a benchmark’s rows, in words.
fn tasks(benchmark: &Benchmark) -> String {
    let scope = format!("{}: over {}", benchmark.name, benchmark.scope());
    match benchmark.is_whole() {
        true => scope,
        false => format!("{scope}; rows of all tasks cannot be compared with ours"),
    }
}

fn name(row: &BenchmarkEntry) -> String {
    let disputed = shown(row).any(|(aggregate, _)| !aggregate.origin.disputed().is_empty());
    let suffix = if disputed { format!(" {DISPUTED}") } else { String::new() };
    format!("{}{suffix}", row.name)
}

fn point_style(
    palette: &Palette<'_>,
    row: &BenchmarkEntry,
    aggregate: &AggregateScore,
) -> PointStyle {
    match row.is_ours() {
        true => PointStyle::Ours(palette.line(&row.name).colour),
        false if aggregate.is_of_means() => PointStyle::PublishedOfMeans,
        false => PointStyle::Published,
    }
}

impl Picture for HumanNormalised<'_> {
    fn size(&self) -> (u32, u32) {
        let rows: usize = self.benchmarks.iter().map(|(_, rows)| rows.len()).sum();
        let height = self.benchmarks.len() as i32 * (HEADER + FOOTER) + rows as i32 * ROW;
        let height = height + MARGIN + self.legend.height();
        (total_width(self.names.widest()) as u32, height as u32)
    }

    fn caption(&self) -> String {
        format!(
            "Human-normalised scores: 0 is a random agent, 1 (dashed) a human. {}. Filled: ours. Hollow: \
             published by others; squares are IQMs of the tasks’ means, not of runs. Lines: 95 % bootstrap \
             intervals over runs. {DISPUTED} Other sources contradict this number.",
            self.benchmarks.iter().map(|(it, _)| tasks(it)).collect::<Vec<_>>().join(". ")
        )
    }

    fn draw(&self, area: &Area<'_>) -> DrawResult {
        let mut y = 0;
        for (benchmark, rows) in &self.benchmarks {
            self.draw_benchmark(area, benchmark, rows, y)?;
            y += HEADER + rows.len() as i32 * ROW + FOOTER;
        }
        let (_, legend) = area.split_vertically(y);
        self.legend.draw(&legend, |area, index, ends, y| {
            draw_point(area, self.styles[index], ((ends.0 + ends.1) / 2, y), Some(ends))
        })
    }
}

impl HumanNormalised<'_> {
    fn draw_benchmark(
        &self,
        area: &Area<'_>,
        benchmark: &Benchmark,
        rows: &[&BenchmarkEntry],
        top: i32,
    ) -> DrawResult {
        let tasks = benchmark.number_of_tasks();
        let title = format!("{}: human-normalised scores over {tasks}", benchmark.name);
        let middle = total_width(self.names.widest()) / 2;
        write(area, &title, &style(TITLE, INK, HPos::Center), (middle, top + 60))?;
        let first = top + HEADER;
        for (index, row) in rows.iter().enumerate() {
            let at = (MARGIN + self.names.widest(), first + index as i32 * ROW + ROW / 2);
            write(area, self.names.of(&name(row)), &style(LABEL, INK, HPos::Right), at)?;
        }
        for index in 0..PANELS.len() {
            self.draw_panel(area, rows, index, first)?;
        }
        Ok(())
    }

    fn draw_panel(
        &self,
        area: &Area<'_>,
        rows: &[&BenchmarkEntry],
        index: usize,
        top: i32,
    ) -> DrawResult {
        let (metric, title) = PANELS[index];
        let left = self.names.widest() + 2 * MARGIN + index as i32 * PANEL;
        let right = left + PANEL - NUMBER_WIDTH;
        let bottom = top + rows.len() as i32 * ROW;
        let aggregates = || rows.iter().filter_map(|row| row.aggregate(metric));
        let end = |it: &AggregateScore| {
            it.interval.map_or(it.value, |interval| interval.high.max(it.value))
        };
        let start = |it: &AggregateScore| {
            it.interval.map_or(it.value, |interval| interval.low.min(it.value))
        };
        let high = aggregates().map(end).fold(1.0, f64::max) * 1.05;
        let low = aggregates().map(start).fold(0.0, f64::min);
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
            let Some(aggregate) = row.aggregate(metric) else { continue };
            let y = top + number as i32 * ROW + ROW / 2;
            let ends = aggregate.interval.map(|it| (pixel(it.low), pixel(it.high)));
            draw_point(
                area,
                point_style(&self.palette, row, aggregate),
                (pixel(aggregate.value), y),
                ends,
            )?;
            let value = with_interval(aggregate.value, aggregate.interval, exact);
            let lines = [title, &name(row), &value];
            area.draw(&Tooltip::new((pixel(aggregate.value), y), &lines))?;
            let value = format!("{:.3}", aggregate.value);
            write(area, &value, &style(LABEL, INK, HPos::Left), (right + 24, y))?;
        }
        let edge = ShapeStyle::from(&INK).stroke_width(2);
        area.draw(&PathElement::new(vec![(left, bottom), (right, bottom)], edge))
    }
}

/// Draws a point and its interval; the line is not drawn inside a hollow point.
fn draw_point(
    area: &Area<'_>,
    point_style: PointStyle,
    (x, y): (i32, i32),
    ends: Option<(i32, i32)>,
) -> DrawResult {
    let colour = if let PointStyle::Ours(colour) = point_style { colour } else { INK };
    let stroke = ShapeStyle::from(&colour).stroke_width(STROKE);
    for (from, to) in
        ends.map_or([(0, 0); 2], |(low, high)| [(low, x - RADIUS), (x + RADIUS, high)])
    {
        if from < to {
            area.draw(&PathElement::new(vec![(from, y), (to, y)], stroke))?;
        }
    }
    match point_style {
        PointStyle::Ours(colour) => area.draw(&Circle::new((x, y), RADIUS, colour.filled())),
        PointStyle::Published => area.draw(&Circle::new((x, y), RADIUS, stroke)),
        PointStyle::PublishedOfMeans => {
            let (left, right, top, bottom) = (x - RADIUS, x + RADIUS, y - RADIUS, y + RADIUS);
            let corners =
                vec![(left, top), (right, top), (right, bottom), (left, bottom), (left, top)];
            area.draw(&PathElement::new(corners, stroke))
        }
    }
}
