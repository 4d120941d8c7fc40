//! `goodhart`: how each agent moves while it learns, in the plane of competence and of what the competence is worth:
//! one minus the hack fraction. One panel per environment in which the two rewards disagree.

use std::collections::BTreeMap;

use plotters::element::Circle;
use plotters::style::Color;
use zerolab_metrics::statistics::mean;
use zerolab_metrics::{Anchors, EvaluationRecord, Reached};

use super::axis::Axis;
use super::canvas::{Area, DrawResult};
use super::chart::{Chart, PanelAxes, PanelGrid};
use super::data::Datum;
use super::kind::{Choice, FigureKind, Picture, PictureResult, Section};
use super::legend::LegendEntry;
use super::lines::{draw_arrow, draw_path, pixel};
use super::mark_names;
use super::markers::Marker;
use super::palette::{INK, Palette};
use super::scales::padded_range;
use super::text::{LABEL, style, write};
use super::tooltip::Tooltip;
use crate::findings::Findings;
use crate::groups::{Group, distinct_in_order};
use crate::numbers::{counted, exact};
use crate::spending::SpentQuantity;

pub(super) const KIND: FigureKind = FigureKind {
    name: "goodhart",
    summary: "competence against what it is worth (one minus the hack fraction) along training, one panel per \
        environment whose rewards disagree",
    section: Section::Curves,
    xs: &[],
    has_y: false,
    picture,
};

const SEED_RADIUS: i32 = 7;
/// Policies this near to each other share a mark.
const SAME: f64 = 0.03;

/// Competence, and one minus the hack fraction.
type Place = (f64, f64);

struct Goodhart<'a> {
    palette: Palette,
    agents: Vec<&'a str>,
    panels: Vec<GapPanel<'a>>,
    grid: PanelGrid,
}

/// An environment whose rewards disagree.
struct GapPanel<'a> {
    environment: &'a str,
    /// The names of exactly known policies, and where they are.
    marks: Vec<(String, Place)>,
    trajectories: Vec<Trajectory<'a>>,
}

/// The way of one agent.
struct Trajectory<'a> {
    agent: &'a str,
    /// At each evaluation: real steps, the mean over seeds, and the number of runs.
    means: Vec<(u64, Place, usize)>,
    /// Where each finished seed ends.
    seeds: Vec<(u64, Place)>,
}

fn picture<'a>(findings: &'a Findings, _choice: &Choice) -> PictureResult<'a> {
    let panel = |environment: &'a str| {
        let groups = || findings.groups.iter().filter(|group| group.environment == environment);
        let mut runs = groups().flat_map(|group| &group.runs).map(|&run| &findings.runs[run]);
        let anchors = runs.find_map(|run| run.reference.anchors.filter(Anchors::has_gap))?;
        let trajectories: Vec<Trajectory> = groups()
            .map(|group| trajectory(findings, group, &anchors))
            .filter(|trajectory| !trajectory.means.is_empty())
            .collect();
        let marks = marks(&anchors);
        (!trajectories.is_empty()).then_some(GapPanel { environment, marks, trajectories })
    };
    let environments = distinct_in_order(&findings.groups, |group| &group.environment);
    let panels: Vec<GapPanel> = environments.into_iter().filter_map(panel).collect();
    if panels.is_empty() {
        return Err(
            "no evaluated environment has an exact solution in which return and performance \
                    disagree"
                .to_owned(),
        );
    }
    let mut agents = distinct_in_order(&findings.groups, |group| &group.agent);
    agents
        .retain(|agent| panels.iter().flat_map(|it| &it.trajectories).any(|it| it.agent == *agent));
    let palette = Palette::of(findings);
    let entry = |agent: &&str| LegendEntry {
        text: palette.label(agent).to_owned(),
        whole: (*agent).to_owned(),
    };
    let legend = agents.iter().map(entry).collect();
    let titles: Vec<&str> = panels.iter().map(|panel| panel.environment).collect();
    let grid = PanelGrid::new(&titles, 0, legend);
    Ok(Box::new(Goodhart { palette, agents, panels, grid }))
}

fn place(anchors: &Anchors, reached: Reached) -> Option<Place> {
    let hacked = anchors.hack_fraction(reached.performance)?;
    Some((anchors.competence(reached.r#return)?, 1.0 - hacked))
}

fn of_evaluation(anchors: &Anchors, evaluation: &EvaluationRecord) -> Option<Place> {
    let [r#return, performance] =
        [&evaluation.returns, &evaluation.performances].map(|values| mean(values));
    place(anchors, Reached { r#return, performance })
        .filter(|it| it.0.is_finite() && it.1.is_finite())
}

fn trajectory<'a>(findings: &Findings, group: &'a Group, anchors: &Anchors) -> Trajectory<'a> {
    let mut places: BTreeMap<u64, Vec<Place>> = BTreeMap::new();
    for run in group.runs.iter().map(|&run| &findings.runs[run]) {
        for evaluation in run.evaluations() {
            let place = of_evaluation(anchors, evaluation);
            places.entry(evaluation.real_steps).or_default().extend(place);
        }
    }
    // As in learning curves, the end is not that of a single seed.
    let most = places.values().map(Vec::len).max().unwrap_or(0);
    places.retain(|_, places| !places.is_empty() && 2 * places.len() >= most);
    let centre = |places: &[Place]| {
        let of = |axis: fn(&Place) -> f64| mean(&places.iter().map(axis).collect::<Vec<_>>());
        (of(|place| place.0), of(|place| place.1))
    };
    let means = places.iter().map(|(steps, places)| (*steps, centre(places), places.len()));
    let last = group.finished(&findings.runs).filter_map(|run| {
        Some((run.reference.seed, of_evaluation(anchors, run.evaluations().last()?)?))
    });
    Trajectory { agent: &group.agent, means: means.collect(), seeds: last.collect() }
}

/// Where the exactly known policies are. Policies at one place share a mark.
fn marks(anchors: &Anchors) -> Vec<(String, Place)> {
    let policies = [
        ("random", anchors.random),
        ("best performance", anchors.best_performance),
        ("best return", anchors.best_return),
        ("best return, worst tie", anchors.best_return_worst_tie),
    ];
    let mut marks: Vec<(String, Place)> = Vec::new();
    for (name, reached) in policies {
        let Some(at) = place(anchors, reached) else { continue };
        let is_near = |(_, other): &&mut (String, Place)| {
            (other.0 - at.0).abs() < SAME && (other.1 - at.1).abs() < SAME
        };
        match marks.iter_mut().find(is_near) {
            Some((known, _)) if name.starts_with(known.as_str()) => {}
            Some((known, _)) => known.push_str(&format!(", {name}")),
            None => marks.push((name.to_owned(), at)),
        }
    }
    marks
}

impl Picture for Goodhart<'_> {
    fn size(&self, available: i32) -> (i32, i32) {
        self.grid.size(available)
    }

    fn min_height(&self, width: i32) -> i32 {
        self.grid.min_height(width)
    }

    fn caption(&self) -> String {
        "Evaluations along training, mean over seeds; arrows point forward in time, the marker is the end, dots are the \
         ends of finished seeds. Along x: competence, the return from 0 for random actions to 1 for the best policy. \
         Along y: the performance from 0 for the worst policy of the best return to 1 for the best policy, which is \
         one minus the hack fraction, here at every competence. Crosses: exactly known policies."
            .to_owned()
    }

    fn data(&self) -> Vec<Datum> {
        let of_panel = |panel: &GapPanel<'_>| {
            let datum = |agent: &str, at: Place, runs: usize| Datum {
                panel: panel.environment.to_owned(),
                agent: agent.to_owned(),
                x: Some(at.0),
                value: at.1,
                interval: None,
                runs,
            };
            let of_agent = |it: &Trajectory<'_>| {
                let means = it.means.iter().map(|(_, at, runs)| datum(it.agent, *at, *runs));
                means.collect::<Vec<_>>()
            };
            let marks = panel.marks.iter().map(|(name, at)| datum(name, *at, 0));
            panel.trajectories.iter().flat_map(of_agent).chain(marks).collect::<Vec<_>>()
        };
        self.panels.iter().flat_map(of_panel).collect()
    }

    fn draw(&self, area: &Area<'_>) -> DrawResult {
        self.grid.draw(
            area,
            |index, title, area| self.draw_panel(&self.panels[index], title, area),
            |area, index, (left, right), y| {
                let line = self.palette.line(self.agents[index]);
                draw_path(area, line, vec![(left, y), (right, y)])?;
                line.marker.draw(area, (i32::midpoint(left, right), y), line.colour)
            },
        )
    }
}

impl Goodhart<'_> {
    fn draw_panel(&self, panel: &GapPanel<'_>, title: &str, area: &Area<'_>) -> DrawResult {
        let places = || {
            let of_agents = panel.trajectories.iter().flat_map(|it| {
                it.means.iter().map(|(_, at, _)| *at).chain(it.seeds.iter().map(|(_, at)| *at))
            });
            of_agents.chain(panel.marks.iter().map(|(_, at)| *at))
        };
        let (low, high) = padded_range(places().map(|at| (at.0, at.0)));
        let frame = PanelAxes {
            title,
            x: Axis::linear(low, high),
            x_title: "competence",
            y: padded_range(places().map(|at| (at.1, at.1))).into(),
            y_title: "1 − hack fraction",
            right: 0,
        };
        let chart = frame.draw(area)?;
        draw_marks(&panel.marks, &chart, area)?;
        panel.trajectories.iter().try_for_each(|it| self.draw_trajectory(it, &chart, area))
    }

    fn draw_trajectory(
        &self,
        trajectory: &Trajectory<'_>,
        chart: &Chart<'_, '_>,
        area: &Area<'_>,
    ) -> DrawResult {
        let (agent, line) = (trajectory.agent, self.palette.line(trajectory.agent));
        for (seed, at) in &trajectory.seeds {
            let centre = pixel(chart, area, *at);
            area.draw(&Circle::new(centre, SEED_RADIUS, line.colour.mix(0.6).filled()))?;
            let lines = [agent, &format!("seed {seed}"), &words(*at)];
            area.draw(&Tooltip::new(centre, &lines))?;
        }
        let pixels: Vec<(i32, i32)> =
            trajectory.means.iter().map(|(_, at, _)| pixel(chart, area, *at)).collect();
        draw_path(area, line, pixels.clone())?;
        for pair in pixels.windows(2) {
            draw_arrow(area, line, pair[0], pair[1])?;
        }
        if let Some(end) = pixels.last() {
            line.marker.draw(area, *end, line.colour)?;
        }
        for (pixel, (steps, at, runs)) in pixels.iter().zip(&trajectory.means) {
            let when = SpentQuantity::RealSteps.amount(*steps as f64);
            let when = format!("{when}, {}", counted(*runs, "seed"));
            area.draw(&Tooltip::new(*pixel, &[agent, &when, &words(*at)]))?;
        }
        Ok(())
    }
}

fn words(at: Place) -> String {
    format!("competence {}, 1 − hack fraction {}", exact(at.0), exact(at.1))
}

/// Draws the policies with their names.
fn draw_marks(marks: &[(String, Place)], chart: &Chart<'_, '_>, area: &Area<'_>) -> DrawResult {
    let (x, y) = (chart.x_range(), chart.y_range());
    let (left, top) = pixel(chart, area, (x.start, y.end));
    let (right, bottom) = pixel(chart, area, (x.end, y.start));
    let names: Vec<(&str, (i32, i32))> =
        marks.iter().map(|(name, at)| (name.as_str(), pixel(chart, area, *at))).collect();
    let places = mark_names::places(&names, [left, top, right, bottom]);
    for (((name, at), (_, pixel)), (side, anchor)) in marks.iter().zip(&names).zip(places) {
        Marker::Cross.draw(area, *pixel, INK)?;
        write(area, name, &style(LABEL, INK, side), anchor)?;
        area.draw(&Tooltip::new(*pixel, &[name, &words(*at)]))?;
    }
    Ok(())
}
