//! `learning-curve`: the evaluation return of each agent while it learns, one panel an environment.
//!
//! The line is the IQM over seeds (the mean below 4 seeds), the band its 95 % bootstrap interval.

use super::axis::Axis;
use super::chart::{Frame, Grid, draw_band, draw_line, draw_sample, tell};
use super::palette::{LineStyle, Palette};
use super::paper::{Area, Drawing};
use super::published_lines::{self, Line};
use super::rows::span;
use super::scales::{padded, unit_of};
use super::{Entry, Picture, Sketch};
use crate::curves::{Curve, Point};
use crate::findings::Findings;
use crate::groups::in_order;
use crate::numbers::{counted, exact, with_interval};
use crate::scores::Estimate;
use crate::spending::Quantity;

pub(super) const ENTRY: Entry = Entry {
    name: "learning-curve",
    summary: "evaluation return while learning: IQM or mean over seeds with its 95 % interval, one panel an environment",
    xs: &["real_steps", "wall_seconds", "updates", "imagined_steps", "flops", "dollars"],
    picture,
};

struct LearningCurve<'a> {
    findings: &'a Findings,
    palette: Palette<'a>,
    environments: Vec<&'a str>,
    agents: Vec<&'a str>,
    grid: Grid,
    x: Quantity,
    /// What others published of each environment.
    published: Vec<Vec<Line>>,
}

fn picture<'a>(findings: &'a Findings, x: &str) -> Sketch<'a> {
    let group = |curve: &'a Curve| &findings.groups[curve.group];
    let environments = in_order(&findings.curves, |curve| &group(curve).environment);
    let agents = in_order(&findings.curves, |curve| &group(curve).agent);
    if environments.is_empty() {
        return Err("no run has been evaluated yet".to_owned());
    }
    let x = Quantity::named(x);
    let mut points = findings.curves.iter().flat_map(|curve| &curve.points);
    if points.all(|point| point.spent(x).is_none()) {
        return Err(format!("no run tells its {} at an evaluation", x.title()));
    }
    let lines = |environment: &&str| match x {
        Quantity::RealSteps => published_lines::lines(findings, environment),
        _ => Vec::new(),
    };
    let published: Vec<Vec<Line>> = environments.iter().map(lines).collect();
    let mut labels: Vec<String> = agents.iter().map(|agent| label(findings, agent)).collect();
    if published.iter().any(|lines| !lines.is_empty()) {
        labels.push(published_lines::LABEL.to_owned());
    }
    let grid = Grid::new(environments.len(), room(&published), &labels);
    let palette = Palette::of(findings);
    Ok(Box::new(LearningCurve { findings, palette, environments, agents, grid, x, published }))
}

/// What the names of published scores need beside a panel.
fn room(published: &[Vec<Line>]) -> u32 {
    let rooms = published.iter().map(|lines| published_lines::room(lines));
    rooms.max().unwrap_or(0).unsigned_abs()
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
        self.grid.size()
    }

    fn caption(&self) -> String {
        let points = self.findings.curves.iter().flat_map(|curve| &curve.points);
        let mut statistics: Vec<&str> =
            points.map(|point| point.estimate.statistic.name()).collect();
        statistics.sort_unstable();
        statistics.dedup();
        let median = if self.x == Quantity::RealSteps { "" } else { " (median over seeds)" };
        format!(
            "Evaluation return against {}{median}. Line: {} over seeds; band: its 95 % bootstrap interval.{}",
            self.x.title(),
            statistics.join(" or "),
            if room(&self.published) > 0 {
                " Dashed: final scores that others published."
            } else {
                ""
            }
        )
    }

    fn draw(&self, area: &Area<'_>) -> Drawing {
        self.grid.draw(
            area,
            |place, panel| self.draw_panel(place, panel),
            |area, place, ends, y| match self.agents.get(place) {
                Some(agent) => draw_sample(area, self.palette.line(agent), ends, y),
                None => published_lines::draw_sample(area, ends, y),
            },
        )
    }
}

impl LearningCurve<'_> {
    fn draw_panel(&self, place: usize, panel: &Area<'_>) -> Drawing {
        let (environment, published) = (self.environments[place], &self.published[place]);
        let here = |curve: &&Curve| self.findings.groups[curve.group].environment == environment;
        let curves: Vec<&Curve> = self.findings.curves.iter().filter(here).collect();
        let points = || curves.iter().flat_map(|curve| &curve.points);
        let longest = points().filter_map(|point| point.spent(self.x)).fold(0.0, f64::max);
        let (unit, x_title) = unit_of(self.x, longest);
        let rightmost = if longest > 0.0 { longest / unit } else { 1.0 };
        let spans = points().map(|point| span(point.estimate.value, point.estimate.interval));
        let theirs = published.iter().map(|line| (line.score, line.score));
        let frame = Frame {
            title: environment,
            x: Axis::linear(0.0, rightmost * 1.02),
            x_title,
            y: padded(spans.chain(theirs)),
            y_title: "evaluation return",
            right: room(&self.published),
        };
        let mut chart = frame.draw(panel)?;
        published_lines::draw(published, &mut chart, panel)?;
        // Bands first, so that none covers a line.
        for curve in &curves {
            let band = self.along(curve, unit, |point| point.estimate.interval);
            draw_band(&mut chart, self.line(curve), &band)?;
        }
        for curve in &curves {
            let points = self.along(curve, unit, |point| Some(point.estimate.value));
            draw_line(&mut chart, panel, self.line(curve), &points)?;
        }
        for curve in &curves {
            let agent = &self.findings.groups[curve.group].agent;
            for (x, Estimate { value, interval, seeds, .. }) in
                self.along(curve, unit, |point| Some(point.estimate))
            {
                let at = format!("{}, {}", self.x.amount(x * unit), counted(seeds, "seed"));
                let lines = [agent, &at, &with_interval(value, interval, exact)];
                tell(&chart, panel, (x, value), &lines.map(String::as_str))?;
            }
        }
        Ok(())
    }

    fn line(&self, curve: &Curve) -> LineStyle {
        self.palette.line(&self.findings.groups[curve.group].agent)
    }

    /// What `of` gives of each point of a curve, with its place along x in units of `unit`.
    fn along<T>(
        &self,
        curve: &Curve,
        unit: f64,
        of: impl Fn(&Point) -> Option<T>,
    ) -> Vec<(f64, T)> {
        let points = curve.points.iter();
        points.filter_map(|point| Some((point.spent(self.x)? / unit, of(point)?))).collect()
    }
}
