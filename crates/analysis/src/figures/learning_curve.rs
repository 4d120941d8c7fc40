//! `learning-curve`: the evaluation return, or another measure, of each agent while it learns. One panel per environment.
//!
//! The line is the IQM over seeds (the mean below 4 seeds), the band its 95 % bootstrap interval.

use std::borrow::Cow;

use zerolab_metrics::Measure;

use super::axis::Axis;
use super::canvas::{Area, DrawResult};
use super::chart::{PanelAxes, PanelGrid};
use super::kind::{Choice, FigureKind, Picture, PictureResult, Section};
use super::legend::LegendEntry;
use super::lines::{add_tooltip, draw_band, draw_line, draw_sample, draw_thin_line};
use super::measures::{definition, undefined};
use super::palette::{LineStyle, Palette};
use super::phase_lines;
use super::published_lines::{self, PublishedLine};
use super::scales::{axis_unit, padded_range, span};
use crate::curves::{Curve, CurvePoint, curves};
use crate::findings::Findings;
use crate::groups::{Group, distinct_in_order};
use crate::numbers::{counted, exact, with_interval};
use crate::scores::Estimate;
use crate::spending::{SpentQuantity, evaluation_costs};

pub(super) const KIND: FigureKind = FigureKind {
    name: "learning-curve",
    summary: "evaluation return while learning: IQM or mean over seeds with its 95 % interval, one panel \
        per environment",
    section: Section::Curves,
    xs: &["real_steps", "wall_seconds", "updates", "imagined_steps", "flops", "dollars"],
    has_y: true,
    picture,
};

struct LearningCurve<'a> {
    findings: &'a Findings,
    /// Of the measure.
    curves: Cow<'a, [Curve]>,
    measure: Measure,
    palette: Palette,
    environments: Vec<&'a str>,
    agents: Vec<&'a str>,
    grid: PanelGrid,
    y_title: String,
    x: SpentQuantity,
    /// The published scores for each environment.
    published: Vec<Vec<PublishedLine>>,
}

fn picture<'a>(findings: &'a Findings, choice: &Choice) -> PictureResult<'a> {
    let measure = choice.measure();
    let curves = match &choice.y {
        None => Cow::Borrowed(&findings.curves[..]),
        Some(measure) => Cow::Owned(curves(&findings.groups, &findings.runs, measure)),
    };
    let has_curve =
        |is: &dyn Fn(&Group) -> bool| curves.iter().any(|curve| is(&findings.groups[curve.group]));
    let mut environments = distinct_in_order(&findings.groups, |group| &group.environment);
    environments.retain(|environment| has_curve(&|group| group.environment == *environment));
    let mut agents = distinct_in_order(&findings.groups, |group| &group.agent);
    agents.retain(|agent| has_curve(&|group| group.agent == *agent));
    if environments.is_empty() {
        return Err(match findings.curves.is_empty() {
            true => "no run has been evaluated yet".to_owned(),
            false => undefined(&measure),
        });
    }
    let x = SpentQuantity::from_name(choice.x);
    let mut points = curves.iter().flat_map(|curve| &curve.points);
    if points.all(|point| point.spent(x).is_none()) {
        return Err(format!("no run has recorded its {} at an evaluation", x.title()));
    }
    let lines = |environment: &&str| match (x, &measure) {
        (SpentQuantity::RealSteps, Measure::Return) => {
            published_lines::lines(findings, environment)
        }
        _ => Vec::new(),
    };
    let published: Vec<Vec<PublishedLine>> = environments.iter().map(lines).collect();
    let palette = Palette::of(findings);
    let entry = |agent: &&str| {
        let seeds = seeds(findings, &curves, agent);
        let (text, whole) = (palette.label(agent), *agent);
        LegendEntry { text: format!("{text} {seeds}"), whole: format!("{whole} {seeds}") }
    };
    let mut legend: Vec<LegendEntry> = agents.iter().map(entry).collect();
    if published.iter().any(|lines| !lines.is_empty()) {
        legend.push(LegendEntry::plain(published_lines::LABEL));
    }
    let grid = PanelGrid::new(&environments, name_width(&published), legend);
    let y_title = format!("evaluation {}", measure.title());
    Ok(Box::new(LearningCurve {
        findings,
        curves,
        measure,
        palette,
        environments,
        agents,
        grid,
        y_title,
        x,
        published,
    }))
}

/// The width that the names of published scores need next to a panel.
fn name_width(published: &[Vec<PublishedLine>]) -> i32 {
    let widths = published.iter().map(|lines| published_lines::name_width(lines));
    widths.max().unwrap_or(0)
}

/// The number of seeds of an agent; a range if it differs between points or environments.
fn seeds(findings: &Findings, curves: &[Curve], agent: &str) -> String {
    let curves = curves.iter().filter(|curve| findings.groups[curve.group].agent == agent);
    let seeds: Vec<usize> =
        curves.flat_map(|curve| &curve.points).map(|point| point.estimate.seeds).collect();
    let (fewest, most) =
        (seeds.iter().min().copied().unwrap_or(0), seeds.iter().max().copied().unwrap_or(0));
    match (fewest, most) {
        (1, 1) => "(1 seed)".to_owned(),
        _ if fewest == most => format!("({most} seeds)"),
        _ => format!("({fewest}–{most} seeds)"),
    }
}

impl Picture for LearningCurve<'_> {
    fn size(&self, available: i32) -> (i32, i32) {
        self.grid.size(available)
    }

    fn min_height(&self, width: i32) -> i32 {
        self.grid.min_height(width)
    }

    fn caption(&self) -> String {
        let points = self.curves.iter().flat_map(|curve| &curve.points);
        let mut statistics: Vec<&str> =
            points.map(|point| point.estimate.statistic.name()).collect();
        statistics.sort_unstable();
        statistics.dedup();
        let median = if self.x == SpentQuantity::RealSteps { "" } else { " (median over seeds)" };
        let over_seeds = format!(
            "{median}. Line: {} over seeds; band: its 95 % bootstrap interval.",
            statistics.join(" or ")
        );
        let single = ": mean over the episodes of each evaluation.".to_owned();
        let line = if self.findings.has_single_runs() { single } else { over_seeds };
        format!(
            "Evaluation {} against {}{line}{}{}{}",
            self.measure.title(),
            self.x.title(),
            definition(self.findings, &self.measure),
            if self.curves.iter().any(|curve| !self.changes(curve).is_empty()) {
                " Vertical lines: a further phase of the training begins."
            } else {
                ""
            },
            if name_width(&self.published) > 0 {
                " Dashed: final scores published by others."
            } else {
                ""
            }
        )
    }

    fn has_seeds(&self) -> bool {
        self.findings.groups.iter().any(|group| group.runs.len() > 1)
    }

    fn draw_seeds(&self, area: &Area<'_>) -> DrawResult {
        let panel =
            |index, title: &str, panel: &Area<'_>| self.draw_panel_seeds(index, title, panel);
        self.grid.draw_panels(area, panel)
    }

    fn draw(&self, area: &Area<'_>) -> DrawResult {
        self.grid.draw(
            area,
            |index, title, panel| self.draw_panel(index, title, panel),
            |area, index, ends, y| match self.agents.get(index) {
                Some(agent) => draw_sample(area, self.palette.line(agent), ends, y),
                None => published_lines::draw_sample(area, ends, y),
            },
        )
    }
}

impl LearningCurve<'_> {
    fn draw_panel_seeds(&self, index: usize, title: &str, panel: &Area<'_>) -> DrawResult {
        let (axes, unit) = self.axes(index, title);
        let mut chart = axes.chart(panel)?;
        for curve in self.curves_of(index) {
            for &run in &self.findings.groups[curve.group].runs {
                let run = &self.findings.runs[run];
                let points = evaluation_costs(run).filter_map(|it| {
                    let value = run.measured(&self.measure, it.evaluation)?;
                    Some((it.spent(self.x)? / unit, value))
                });
                draw_thin_line(&mut chart, self.line(curve), points.collect())?;
            }
        }
        Ok(())
    }

    /// The curves of a panel.
    fn curves_of(&self, index: usize) -> Vec<&Curve> {
        let environment = self.environments[index];
        let here = |curve: &&Curve| self.findings.groups[curve.group].environment == environment;
        self.curves.iter().filter(here).collect()
    }

    /// The axes of a panel, and the unit of its x axis.
    fn axes<'a>(&'a self, index: usize, title: &'a str) -> (PanelAxes<'a>, f64) {
        let (curves, published) = (self.curves_of(index), &self.published[index]);
        let points = || curves.iter().flat_map(|curve| &curve.points);
        let longest = points().filter_map(|point| point.spent(self.x)).fold(0.0, f64::max);
        let (unit, x_title) = axis_unit(self.x, longest);
        let rightmost = if longest > 0.0 { longest / unit } else { 1.0 };
        let spans = points().map(|point| span(point.estimate.value, point.estimate.interval));
        let published_spans = published.iter().map(|line| (line.score, line.score));
        let axes = PanelAxes {
            title,
            x: Axis::linear(0.0, rightmost * 1.02),
            x_title,
            y: padded_range(spans.chain(published_spans)).into(),
            y_title: &self.y_title,
            right: name_width(&self.published),
        };
        (axes, unit)
    }

    fn draw_panel(&self, index: usize, title: &str, panel: &Area<'_>) -> DrawResult {
        let (axes, unit) = self.axes(index, title);
        let curves = self.curves_of(index);
        let mut chart = axes.draw(panel)?;
        phase_lines::draw(
            curves.iter().flat_map(|curve| self.changes(curve)),
            unit,
            &chart,
            panel,
        )?;
        let published = &self.published[index];
        published_lines::draw(published, &mut chart, panel)?;
        // Bands are drawn first, so that no band covers a line.
        for curve in &curves {
            let band = self.points_along_x(curve, unit, |point| point.estimate.interval);
            draw_band(&mut chart, self.line(curve), &band, curves.len())?;
        }
        for curve in &curves {
            let points = self.points_along_x(curve, unit, |point| Some(point.estimate.value));
            draw_line(&chart, panel, self.line(curve), &points)?;
        }
        for curve in &curves {
            let agent = &self.findings.groups[curve.group].agent;
            for (x, Estimate { value, interval, seeds, .. }) in
                self.points_along_x(curve, unit, |point| Some(point.estimate))
            {
                let at = format!("{}, {}", self.x.amount(x * unit), counted(seeds, "seed"));
                let lines = [agent, &at, &with_interval(value, interval, exact)];
                add_tooltip(&chart, panel, (x, value), &lines.map(String::as_str))?;
            }
        }
        Ok(())
    }

    /// The real steps after which a further phase of a curve's runs begins.
    fn changes(&self, curve: &Curve) -> &[u64] {
        let run = self.findings.groups[curve.group].runs.first();
        match (run, self.x) {
            (Some(&run), SpentQuantity::RealSteps) => &self.findings.runs[run].reference.changes,
            _ => &[],
        }
    }

    fn line(&self, curve: &Curve) -> LineStyle {
        self.palette.line(&self.findings.groups[curve.group].agent)
    }

    /// The value of `of` at each point of a curve, with its x in units of `unit`.
    fn points_along_x<T>(
        &self,
        curve: &Curve,
        unit: f64,
        of: impl Fn(&CurvePoint) -> Option<T>,
    ) -> Vec<(f64, T)> {
        let points = curve.points.iter();
        points.filter_map(|point| Some((point.spent(self.x)? / unit, of(point)?))).collect()
    }
}
