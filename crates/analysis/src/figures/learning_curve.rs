//! `learning-curve`: the evaluation return of each agent while it learns, one panel an environment.
//!
//! The line is the IQM over seeds (the mean below 4 seeds), the band its 95 % bootstrap interval.

use plotters::chart::{ChartBuilder, ChartContext};
use plotters::coord::Shift;
use plotters::coord::types::RangedCoordf64;
use plotters::drawing::DrawingArea;
use plotters::element::{Circle, DashedPathElement, PathElement, Polygon};
use plotters::prelude::Cartesian2d;
use plotters::style::text_anchor::HPos;
use plotters::style::{Color, ShapeStyle};

use super::legend::Legend;
use super::palette::{FAINT, INK, LineStyle, Palette};
use super::paper::{Area, Drawing, Paper};
use super::published_lines::{self, Line};
use super::scales::{TICKS, padded, unit_of_time, widest_label};
use super::text::{LABEL, TITLE, style};
use super::{Entry, Picture};
use crate::curves::{Curve, Point};
use crate::findings::Findings;
use crate::groups::in_order;
use crate::numbers::{prefixed, score};

pub(super) const ENTRY: Entry = Entry {
    name: "learning-curve",
    summary: "evaluation return while learning: IQM or mean over seeds with its 95 % interval, one panel an environment",
    xs: &["real_steps", "wall_seconds"],
    picture,
};

const PANEL: (u32, u32) = (1_200, 860);
const MOST_COLUMNS: usize = 3;
const STROKE: u32 = 6;
/// Points closer than this part of the axis have no marks: they would hide the line.
const LEAST_BETWEEN_MARKS: f64 = 1.0 / 40.0;

type Chart<'a, 'b> = ChartContext<'a, Paper<'b>, Cartesian2d<RangedCoordf64, RangedCoordf64>>;

struct LearningCurve<'a> {
    findings: &'a Findings,
    palette: Palette<'a>,
    environments: Vec<&'a str>,
    agents: Vec<&'a str>,
    legend: Legend,
    seconds: bool,
    /// What others published of each environment.
    published: Vec<Vec<Line>>,
}

fn picture<'a>(findings: &'a Findings, x: &str) -> Option<Box<dyn Picture + 'a>> {
    let group = |curve: &'a Curve| &findings.groups[curve.group];
    let environments = in_order(&findings.curves, |curve| &group(curve).environment);
    let agents = in_order(&findings.curves, |curve| &group(curve).agent);
    if environments.is_empty() {
        return None;
    }
    let seconds = x == "wall_seconds";
    let lines = |environment: &&str| match seconds {
        true => Vec::new(),
        false => published_lines::lines(findings, environment),
    };
    let published: Vec<Vec<Line>> = environments.iter().map(lines).collect();
    let mut labels: Vec<String> = agents.iter().map(|agent| label(findings, agent)).collect();
    if published.iter().any(|lines| !lines.is_empty()) {
        labels.push(published_lines::LABEL.to_owned());
    }
    let columns = environments.len().min(MOST_COLUMNS) as i32;
    let legend = Legend::new(&labels, columns * PANEL.0 as i32 - 40);
    let palette = Palette::of(findings);
    Some(Box::new(LearningCurve {
        findings,
        palette,
        environments,
        agents,
        legend,
        seconds,
        published,
    }))
}

/// The agent with its number of seeds, a range if that differs between points or environments.
fn label(findings: &Findings, agent: &str) -> String {
    let curves = findings.curves.iter().filter(|curve| findings.groups[curve.group].agent == agent);
    let seeds: Vec<usize> =
        curves.flat_map(|curve| &curve.points).map(|point| point.estimate.seeds).collect();
    let (fewest, most) =
        (seeds.iter().min().copied().unwrap_or(0), seeds.iter().max().copied().unwrap_or(0));
    match (fewest, most) {
        (1, 1) => format!("{agent} (1 seed)"),
        _ if fewest == most => format!("{agent} ({most} seeds)"),
        _ => format!("{agent} ({fewest}–{most} seeds)"),
    }
}

impl Picture for LearningCurve<'_> {
    fn size(&self) -> (u32, u32) {
        let columns = self.columns() as u32;
        let rows = self.environments.len().div_ceil(self.columns()) as u32;
        (columns * (PANEL.0 + self.room()), rows * PANEL.1 + self.legend.height() as u32)
    }

    fn caption(&self) -> String {
        let statistics: Vec<&str> = {
            let mut names: Vec<&str> =
                self.points().map(|point| point.estimate.statistic.name()).collect();
            names.sort_unstable();
            names.dedup();
            names
        };
        let x = if self.seconds { "wall-clock time (median over seeds)" } else { "real steps" };
        format!(
            "Evaluation return against {x}. Line: {} over seeds; band: its 95 % bootstrap interval.{}",
            statistics.join(" or "),
            if self.room() > 0 { " Dashed: final scores that others published." } else { "" }
        )
    }

    fn draw(&self, area: &Area<'_>) -> Drawing {
        let (_, height) = area.dim_in_pixel();
        let (panels, legend) = area.split_vertically(height as i32 - self.legend.height());
        let rows = self.environments.len().div_ceil(self.columns());
        let panels = panels.split_evenly((rows, self.columns()));
        for ((environment, published), panel) in
            self.environments.iter().zip(&self.published).zip(panels)
        {
            self.draw_panel(environment, published, &panel)?;
        }
        self.legend.draw(&legend, |area, place, ends, y| match self.agents.get(place) {
            Some(agent) => draw_sample(area, self.palette.line(agent), ends, y),
            None => published_lines::draw_sample(area, ends, y),
        })
    }
}

impl LearningCurve<'_> {
    fn columns(&self) -> usize {
        self.environments.len().min(MOST_COLUMNS)
    }

    /// What the names of published scores need beside a panel.
    fn room(&self) -> u32 {
        let rooms = self.published.iter().map(|lines| published_lines::room(lines));
        rooms.max().unwrap_or(0).unsigned_abs()
    }

    fn points(&self) -> impl Iterator<Item = &Point> {
        self.findings.curves.iter().flat_map(|curve| &curve.points)
    }

    /// The place of a point along x, in units of `unit`.
    fn x(&self, point: &Point, unit: f64) -> f64 {
        let x = if self.seconds { point.wall_seconds } else { point.real_steps as f64 };
        x / unit
    }

    fn draw_panel(
        &self,
        environment: &str,
        published: &[Line],
        panel: &DrawingArea<Paper<'_>, Shift>,
    ) -> Drawing {
        let here = |curve: &&Curve| self.findings.groups[curve.group].environment == environment;
        let curves: Vec<&Curve> = self.findings.curves.iter().filter(here).collect();
        let points = || curves.iter().flat_map(|curve| &curve.points);
        let longest = points().map(|point| self.x(point, 1.0)).fold(0.0, f64::max);
        let (unit, x_title) =
            if self.seconds { unit_of_time(longest) } else { (1.0, "real steps") };
        let rightmost = if longest > 0.0 { longest / unit } else { 1.0 };
        let (low, high) =
            padded(points().map(ends).chain(published.iter().map(|line| (line.score, line.score))));
        let mut chart = ChartBuilder::on(panel)
            .caption(environment, style(TITLE, INK, HPos::Center))
            .margin(20)
            .margin_right(60 + self.room())
            .x_label_area_size(125)
            .y_label_area_size(widest_label(low, high) + 90)
            .build_cartesian_2d(0.0..rightmost * 1.02, low..high)?;
        chart
            .configure_mesh()
            .x_desc(x_title)
            .y_desc("evaluation return")
            .x_labels(TICKS)
            .y_labels(TICKS)
            .x_label_formatter(&|value| prefixed(*value))
            .y_label_formatter(&|value| score(*value))
            .set_all_tick_mark_size(14)
            .label_style(style(LABEL, INK, HPos::Center))
            .axis_desc_style(style(LABEL, INK, HPos::Center))
            .bold_line_style(ShapeStyle::from(&FAINT).stroke_width(2))
            .light_line_style(FAINT.mix(0.0))
            .axis_style(ShapeStyle::from(&INK).stroke_width(2))
            .draw()?;
        published_lines::draw(published, &mut chart, panel)?;
        // Bands first, so that none covers a line.
        for curve in &curves {
            self.draw_band(&mut chart, curve, unit)?;
        }
        for curve in &curves {
            self.draw_line(&mut chart, curve, unit)?;
        }
        Ok(())
    }

    fn style_of(&self, curve: &Curve) -> LineStyle {
        self.palette.line(&self.findings.groups[curve.group].agent)
    }

    fn draw_band(&self, chart: &mut Chart<'_, '_>, curve: &Curve, unit: f64) -> Drawing {
        let colour = self.style_of(curve).colour;
        let with_interval = || {
            curve
                .points
                .iter()
                .filter_map(|point| Some((self.x(point, unit), point.estimate.interval?)))
        };
        if let [only] = curve.points.as_slice() {
            // A single evaluation has no band: its interval is a line upright.
            let ends = only.estimate.interval.map(|interval| {
                vec![(self.x(only, unit), interval.low), (self.x(only, unit), interval.high)]
            });
            let bar = ends.map(|ends| {
                PathElement::new(ends, ShapeStyle::from(&colour.mix(0.5)).stroke_width(STROKE))
            });
            return chart.draw_series(bar).map(drop);
        }
        let mut outline: Vec<(f64, f64)> =
            with_interval().map(|(x, interval)| (x, interval.high)).collect();
        let mut lower: Vec<(f64, f64)> =
            with_interval().map(|(x, interval)| (x, interval.low)).collect();
        lower.reverse();
        outline.extend(lower);
        if outline.len() < 4 {
            return Ok(());
        }
        chart.draw_series([Polygon::new(outline, colour.mix(0.18).filled())]).map(drop)
    }

    fn draw_line(&self, chart: &mut Chart<'_, '_>, curve: &Curve, unit: f64) -> Drawing {
        let line = self.style_of(curve);
        let stroke = ShapeStyle::from(&line.colour).stroke_width(STROKE);
        let points: Vec<(f64, f64)> =
            curve.points.iter().map(|point| (self.x(point, unit), point.estimate.value)).collect();
        if line.dashed {
            chart.draw_series([DashedPathElement::new(points.iter().copied(), 24, 14, stroke)])?;
        } else {
            chart.draw_series([PathElement::new(points.clone(), stroke)])?;
        }
        let widest = chart.x_range().end;
        if let [first, .., last] = points.as_slice()
            && last.0 - first.0 < (points.len() - 1) as f64 * LEAST_BETWEEN_MARKS * widest
        {
            return Ok(());
        }
        chart
            .draw_series(
                points.into_iter().map(|point| Circle::new(point, 9, line.colour.filled())),
            )
            .map(drop)
    }
}

fn draw_sample(area: &Area<'_>, line: LineStyle, (left, right): (i32, i32), y: i32) -> Drawing {
    let band = vec![(left, y - 18), (right, y - 18), (right, y + 18), (left, y + 18)];
    area.draw(&Polygon::new(band, line.colour.mix(0.18).filled()))?;
    let stroke = ShapeStyle::from(&line.colour).stroke_width(STROKE);
    let ends = [(left, y), (right, y)];
    if line.dashed {
        area.draw(&DashedPathElement::new(ends, 24, 14, stroke))?;
    } else {
        area.draw(&PathElement::new(ends.to_vec(), stroke))?;
    }
    area.draw(&Circle::new(((left + right) / 2, y), 9, line.colour.filled()))
}

/// What a point spans upright.
fn ends(point: &Point) -> (f64, f64) {
    let value = point.estimate.value;
    point
        .estimate
        .interval
        .map_or((value, value), |interval| (interval.low.min(value), interval.high.max(value)))
}
