//! `human-normalised`: our own and published estimates over the tasks of a benchmark, one panel each.
//!
//! Our own are filled and coloured, published ones hollow and black. Lines are 95 % bootstrap intervals.

use zerolab_metrics::published::AggregateMetric;

use super::canvas::{Area, DrawResult};
use super::forest_panel::{ForestPanel, ForestRow};
use super::forest_plot::ForestPlot;
use super::kind::{Choice, FigureKind, Picture, PictureResult, Section};
use super::legend::LegendEntry;
use super::markers::Marker;
use super::palette::{INK, LineStyle, Palette};
use crate::findings::Findings;
use crate::published::text::DISPUTED;
use crate::published::{AggregateScore, Benchmark, BenchmarkEntry};

pub(super) const KIND: FigureKind = FigureKind {
    name: "human-normalised",
    summary: "human-normalised mean, median and IQM over a benchmark’s tasks: our own next to published ones",
    section: Section::Scores,
    xs: &[],
    has_y: false,
    picture,
};

const PANELS: [(AggregateMetric, &str); 3] = [
    (AggregateMetric::Median, "median"),
    (AggregateMetric::Iqm, "IQM"),
    (AggregateMetric::Mean, "mean"),
];

const PUBLISHED: LineStyle = LineStyle::solid(INK, Marker::Ring);
const PUBLISHED_OF_MEANS: LineStyle = LineStyle::solid(INK, Marker::Box);

struct HumanNormalised(ForestPlot);

fn picture<'a>(findings: &'a Findings, _choice: &Choice) -> PictureResult<'a> {
    let benchmarks = findings.published.iter().flat_map(|published| &published.benchmarks);
    let has_rows = |benchmark: &&Benchmark| {
        benchmark.entries.iter().any(|row| PANELS.iter().any(|it| row.aggregate(it.0).is_some()))
    };
    let benchmarks: Vec<&Benchmark> = benchmarks.filter(has_rows).collect();
    if benchmarks.is_empty() {
        return Err("no benchmark of its `[published]` table has estimates over tasks".to_owned());
    }
    let palette = Palette::of(findings);
    let panels: Vec<ForestPanel> = benchmarks
        .iter()
        .flat_map(|benchmark| PANELS.map(|panel| self::panel(benchmark, panel, &palette)))
        .collect();
    let lines = || panels.iter().flat_map(|panel| &panel.rows).map(|row| row.line);
    let ours = lines().find(|line| ![PUBLISHED, PUBLISHED_OF_MEANS].contains(line));
    let samples = [
        ("ours", ours),
        ("published", lines().find(|line| *line == PUBLISHED)),
        ("published, of the tasks’ means", lines().find(|line| *line == PUBLISHED_OF_MEANS)),
    ];
    let legend =
        samples.into_iter().filter_map(|(label, line)| Some((LegendEntry::plain(label), line?)));
    let legend = legend.collect();
    Ok(Box::new(HumanNormalised(ForestPlot { panels, caption: caption(&benchmarks), legend })))
}

/// One estimate of a benchmark’s rows.
fn panel(
    benchmark: &Benchmark,
    (metric, title): (AggregateMetric, &str),
    palette: &Palette,
) -> ForestPanel {
    let row = |row: &BenchmarkEntry| {
        let aggregate = row.aggregate(metric)?;
        Some(ForestRow {
            agent: name(row),
            label: name(row),
            line: line(palette, row, aggregate),
            value: aggregate.value,
            interval: aggregate.interval,
            runs: 0,
            seeds: Vec::new(),
        })
    };
    ForestPanel {
        title: format!("{}: {title}", benchmark.name),
        reference: Some(1.0),
        ends: None,
        rows: benchmark.entries.iter().filter_map(row).collect(),
    }
}

/// The name of a row, marked if other sources contradict one of its estimates.
fn name(row: &BenchmarkEntry) -> String {
    let mut shown = PANELS.iter().filter_map(|(metric, _)| row.aggregate(*metric));
    let disputed = shown.any(|aggregate| !aggregate.origin.disputed().is_empty());
    let suffix = if disputed { format!(" {DISPUTED}") } else { String::new() };
    format!("{}{suffix}", row.name)
}

fn line(palette: &Palette, row: &BenchmarkEntry, aggregate: &AggregateScore) -> LineStyle {
    match row.is_ours() {
        true => LineStyle::solid(palette.line(&row.name).colour, Marker::Circle),
        false if aggregate.is_of_means() => PUBLISHED_OF_MEANS,
        false => PUBLISHED,
    }
}

/// The tasks of a benchmark’s rows, in words.
fn tasks(benchmark: &Benchmark) -> String {
    let scope = format!("{}: over {}", benchmark.name, benchmark.scope());
    match benchmark.is_whole() {
        true => scope,
        false => format!("{scope}; rows of all tasks cannot be compared with ours"),
    }
}

fn caption(benchmarks: &[&Benchmark]) -> String {
    format!(
        "Human-normalised scores: 0 is a random agent, 1 (dashed) a human. {}. Filled: ours. Hollow: \
         published by others; squares are IQMs of the tasks’ means, not of runs. Lines: 95 % bootstrap \
         intervals over runs. {DISPUTED} Other sources contradict this number.",
        benchmarks.iter().map(|it| tasks(it)).collect::<Vec<_>>().join(". ")
    )
}

impl Picture for HumanNormalised {
    fn size(&self, available: i32) -> (i32, i32) {
        self.0.size(available)
    }

    fn caption(&self) -> String {
        self.0.caption()
    }

    // A table of the report has its numbers.

    fn draw(&self, area: &Area<'_>) -> DrawResult {
        self.0.draw(area)
    }
}
