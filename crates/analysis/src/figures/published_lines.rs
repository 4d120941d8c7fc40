//! Published scores of a task, as dashed lines across the panel of its learning curves, each with a name at
//! its right end.

use plotters::element::{DashedPathElement, PathElement};
use plotters::style::ShapeStyle;
use plotters::style::text_anchor::HPos;
use zerolab_metrics::published::is_task;

use super::canvas::{Area, DrawResult};
use super::chart::Chart;
use super::lines::pixel;
use super::palette::{GREY, INK};
use super::text::{style, width, write};
use super::tooltip::Tooltip;
use crate::findings::Findings;
use crate::numbers::exact;
use crate::published::BenchmarkEntry;

/// The name of these lines in a legend.
pub(super) const LABEL: &str = "published";
/// Text size of the names. It is small, because there are many.
const NAME_SIZE: i32 = 30;
/// The least distance between two names.
const NAME_SPACING: i32 = 36;
/// From the panel's end to the names: the space for leader lines.
const LEADER_WIDTH: i32 = 50;
const GAP: i32 = 8;

/// A published score.
pub(super) struct PublishedLine {
    name: String,
    pub score: f64,
}

/// The published scores of an environment that is a task of a benchmark. Of each series, the one after most
/// real steps.
pub(super) fn lines(findings: &Findings, environment: &str) -> Vec<PublishedLine> {
    // Swept options follow the name in brackets.
    let name = environment.split(" [").next().unwrap_or_default();
    let benchmarks = findings.published.iter().flat_map(|published| &published.benchmarks);
    let mut lines: Vec<PublishedLine> = Vec::new();
    for benchmark in benchmarks {
        let is_task = |task: &String| is_task(name, &benchmark.name, task);
        let Some(index) = benchmark.tasks.iter().position(is_task) else { continue };
        let known =
            |entry: &&BenchmarkEntry| !entry.is_ours() && entry.task_scores[index].is_some();
        let published: Vec<&BenchmarkEntry> = benchmark.entries.iter().filter(known).collect();
        let series = published.chunk_by(|first, second| first.series == second.series);
        lines.extend(series.filter_map(|series| {
            let entry = series.last()?;
            Some(PublishedLine {
                name: entry.name.clone(),
                score: entry.task_scores[index].as_ref()?.score,
            })
        }));
    }
    lines.sort_by(|first, second| second.score.total_cmp(&first.score));
    lines
}

/// The width that the names need at the right of a panel.
pub(super) fn name_width(lines: &[PublishedLine]) -> i32 {
    lines
        .iter()
        .map(|line| width(&line.name, NAME_SIZE) + LEADER_WIDTH + 2 * GAP)
        .max()
        .unwrap_or(0)
}

/// Draws the lines, highest first, and their names at the right of the chart without overlap.
pub(super) fn draw(
    lines: &[PublishedLine],
    chart: &mut Chart<'_, '_>,
    panel: &Area<'_>,
) -> DrawResult {
    let (left, right) = (chart.x_range().start, chart.x_range().end);
    let stroke = ShapeStyle::from(&INK).stroke_width(2);
    chart.draw_series(lines.iter().map(|line| {
        DashedPathElement::new([(left, line.score), (right, line.score)], 16, 12, stroke)
    }))?;
    let ends: Vec<(i32, i32)> =
        lines.iter().map(|line| pixel(chart, panel, (right, line.score))).collect();
    let heights: Vec<i32> = ends.iter().map(|(_, y)| *y).collect();
    for ((line, (x, y)), height) in lines.iter().zip(&ends).zip(spread(&heights, panel)) {
        let at = (x + LEADER_WIDTH, height);
        draw_leader(panel, (x + GAP, *y), (at.0 - GAP, height))?;
        write(panel, &line.name, &style(NAME_SIZE, INK, HPos::Left), at)?;
        let score = format!("{} (published)", exact(line.score));
        panel.draw(&Tooltip::new((*x, *y), &[&line.name, &score]))?;
    }
    Ok(())
}

/// The sample in a legend.
pub(super) fn draw_sample(area: &Area<'_>, (left, right): (i32, i32), y: i32) -> DrawResult {
    let stroke = ShapeStyle::from(&INK).stroke_width(2);
    area.draw(&DashedPathElement::new([(left, y), (right, y)], 16, 12, stroke))
}

/// Draws a line from the end of a dashed line to its name.
fn draw_leader(area: &Area<'_>, from: (i32, i32), to: (i32, i32)) -> DrawResult {
    area.draw(&PathElement::new(vec![from, to], ShapeStyle::from(&GREY).stroke_width(2)))
}

/// The heights of the names: in the same order, with the least spacing, and inside the panel if they fit.
fn spread(heights: &[i32], panel: &Area<'_>) -> Vec<i32> {
    let (_, bottom) = panel.dim_in_pixel();
    let mut spread: Vec<i32> = Vec::new();
    for height in heights {
        let min = spread.last().map_or(*height, |above| above + NAME_SPACING);
        spread.push(min.max(*height));
    }
    let mut max = bottom as i32 - NAME_SPACING;
    for height in spread.iter_mut().rev() {
        *height = (*height).min(max);
        max = *height - NAME_SPACING;
    }
    spread
}
