//! What others published of a task, as dashed lines across the panel of its learning curves, each with its name at its
//! right end.

use plotters::element::{DashedPathElement, PathElement};
use plotters::style::ShapeStyle;
use plotters::style::text_anchor::HPos;
use zerolab_metrics::published::is_task;

use super::chart::{Chart, pixel};
use super::palette::{GREY, INK};
use super::paper::{Area, Drawing};
use super::spot::Spot;
use super::text::{style, width, write};
use crate::findings::Findings;
use crate::numbers::exact;
use crate::published::Entry;

/// What these lines are called in a legend.
pub(super) const LABEL: &str = "published";
/// Text size of the names: many stand side by side.
const NAME: i32 = 30;
/// From one name to the next, at least.
const BETWEEN: i32 = 36;
/// From the panel's end to the names: room for a line to each.
const LEADER: i32 = 50;
const GAP: i32 = 8;

/// A published score.
pub(super) struct Line {
    name: String,
    pub score: f64,
}

/// The published scores of the task that an environment is, if it is one: of each series that after most real steps.
pub(super) fn lines(findings: &Findings, environment: &str) -> Vec<Line> {
    // What a sweep varies stands behind the name.
    let name = environment.split(" [").next().unwrap_or_default();
    let benchmarks = findings.published.iter().flat_map(|beside| &beside.benchmarks);
    let mut lines: Vec<Line> = Vec::new();
    for benchmark in benchmarks {
        let is_task = |task: &String| is_task(name, &benchmark.name, task);
        let Some(place) = benchmark.tasks.iter().position(is_task) else { continue };
        let known = |entry: &&Entry| !entry.is_ours() && entry.cells[place].is_some();
        let theirs: Vec<&Entry> = benchmark.entries.iter().filter(known).collect();
        let finals = theirs.chunk_by(|first, second| first.series == second.series);
        lines.extend(finals.filter_map(|series| {
            let entry = series.last()?;
            Some(Line { name: entry.name.clone(), score: entry.cells[place].as_ref()?.score })
        }));
    }
    lines.sort_by(|first, second| second.score.total_cmp(&first.score));
    lines
}

/// The room that their names need at the right of a panel.
pub(super) fn room(lines: &[Line]) -> i32 {
    lines.iter().map(|line| width(&line.name, NAME) + LEADER + 2 * GAP).max().unwrap_or(0)
}

/// Draws the lines, highest first, over the whole chart and their names beside it, none over another.
pub(super) fn draw(lines: &[Line], chart: &mut Chart<'_, '_>, panel: &Area<'_>) -> Drawing {
    let (left, right) = (chart.x_range().start, chart.x_range().end);
    let stroke = ShapeStyle::from(&INK).stroke_width(2);
    chart.draw_series(lines.iter().map(|line| {
        DashedPathElement::new([(left, line.score), (right, line.score)], 16, 12, stroke)
    }))?;
    let ends: Vec<(i32, i32)> =
        lines.iter().map(|line| pixel(chart, panel, (right, line.score))).collect();
    let heights: Vec<i32> = ends.iter().map(|(_, y)| *y).collect();
    for ((line, (x, y)), height) in lines.iter().zip(&ends).zip(spread(&heights, panel)) {
        let at = (x + LEADER, height);
        lead(panel, (x + GAP, *y), (at.0 - GAP, height))?;
        write(panel, &line.name, &style(NAME, INK, HPos::Left), at)?;
        let score = format!("{} (published)", exact(line.score));
        panel.draw(&Spot::new((*x, *y), &[&line.name, &score]))?;
    }
    Ok(())
}

/// The sample of a legend.
pub(super) fn draw_sample(area: &Area<'_>, (left, right): (i32, i32), y: i32) -> Drawing {
    let stroke = ShapeStyle::from(&INK).stroke_width(2);
    area.draw(&DashedPathElement::new([(left, y), (right, y)], 16, 12, stroke))
}

/// A line from the end of a dashed one to its name.
fn lead(area: &Area<'_>, from: (i32, i32), to: (i32, i32)) -> Drawing {
    area.draw(&PathElement::new(vec![from, to], ShapeStyle::from(&GREY).stroke_width(2)))
}

/// Heights at which names stand: in the same order, not too near each other, and inside the panel where they fit.
fn spread(heights: &[i32], panel: &Area<'_>) -> Vec<i32> {
    let (_, bottom) = panel.dim_in_pixel();
    let mut spread: Vec<i32> = Vec::new();
    for height in heights {
        let least = spread.last().map_or(*height, |above| above + BETWEEN);
        spread.push(least.max(*height));
    }
    let mut most = bottom as i32 - BETWEEN;
    for height in spread.iter_mut().rev() {
        *height = (*height).min(most);
        most = *height - BETWEEN;
    }
    spread
}
