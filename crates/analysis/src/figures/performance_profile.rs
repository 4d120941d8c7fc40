//! `performance-profile`: the share of runs whose final score is above each threshold (Agarwal et al. 2021,
//! section 4.2). One panel for all tasks of a benchmark with normalised scores, otherwise one panel per
//! environment.

use zerolab_metrics::statistics::{Bootstrap, Profile, ProfilePoint, ScoreMatrix};

use super::axis::Axis;
use super::canvas::{Area, DrawResult};
use super::chart::{PanelAxes, PanelGrid, add_tooltip, draw_band, draw_line, draw_sample};
use super::data::Datum;
use super::kind::{FigureKind, NOTHING_FINISHED, Picture, PictureResult};
use super::palette::Palette;
use crate::findings::Findings;
use crate::groups::distinct_in_order;
use crate::numbers::{counted, exact, score, with_interval};
use crate::scores::ScoreMetric;
use crate::task_sets::{TaskSet, task_sets};

pub(super) const KIND: FigureKind = FigureKind {
    name: "performance-profile",
    summary: "share of runs with a final score above each threshold, with 95 % bands: the whole \
        distribution of scores",
    xs: &["return", "performance"],
    picture,
};

/// The number of steps from the lowest threshold to the highest.
const STEPS: usize = 100;

struct PerformanceProfile<'a> {
    palette: Palette<'a>,
    agents: Vec<&'a str>,
    panels: Vec<ProfilePanel<'a>>,
    metric: ScoreMetric,
    grid: PanelGrid,
}

struct ProfilePanel<'a> {
    title: String,
    x_title: String,
    /// The ends of the x axis.
    span: (f64, f64),
    profiles: Vec<(&'a str, usize, Vec<ProfilePoint>)>,
}

fn picture<'a>(findings: &'a Findings, x: &str) -> PictureResult<'a> {
    let metric = ScoreMetric::from_name(x);
    let panels: Vec<ProfilePanel> =
        task_sets(findings, metric).into_iter().map(|task_set| panel(task_set, metric)).collect();
    if panels.is_empty() {
        return Err(NOTHING_FINISHED.to_owned());
    }
    let runs_of = |agent: &str| {
        let profiles = panels.iter().flat_map(|panel| &panel.profiles);
        profiles.filter(|(name, _, _)| *name == agent).map(|(_, runs, _)| runs).sum::<usize>()
    };
    let agents = distinct_in_order(&findings.groups, |group| &group.agent).into_iter();
    let agents: Vec<&str> = agents.filter(|agent| runs_of(agent) > 0).collect();
    let label = |agent: &&str| format!("{agent} ({})", counted(runs_of(agent), "run"));
    let labels: Vec<String> = agents.iter().map(label).collect();
    let titles: Vec<&str> = panels.iter().map(|panel| panel.title.as_str()).collect();
    let grid = PanelGrid::new(&titles, 0, &labels);
    let palette = Palette::of(findings);
    Ok(Box::new(PerformanceProfile { palette, agents, panels, metric, grid }))
}

fn panel(task_set: TaskSet<'_>, metric: ScoreMetric) -> ProfilePanel<'_> {
    let scores = || task_set.agents.iter().flat_map(|(_, scores)| scores.pooled());
    let low = scores().copied().fold(f64::INFINITY, f64::min);
    let high = scores().copied().fold(f64::NEG_INFINITY, f64::max);
    // A margin beyond the scores, so that each profile begins at 1 and ends at 0.
    let margin = if high > low { 0.04 * (high - low) } else { high.abs().max(1.0) };
    let (low, high) = (low - margin, high + margin);
    let step = |index: usize| low + (high - low) * index as f64 / STEPS as f64;
    let thresholds: Vec<f64> = (0..=STEPS).map(step).collect();
    let profile =
        |scores: &ScoreMatrix| Profile::Scores.points(scores, &thresholds, &Bootstrap::default());
    let profiles = task_set.agents.iter();
    let profiles =
        profiles.map(|(agent, scores)| (*agent, scores.pooled().len(), profile(scores))).collect();
    let scale = if task_set.normalised { "human-normalised " } else { "" };
    ProfilePanel {
        title: task_set.title.clone(),
        x_title: format!("final {scale}{}", metric.name()),
        span: (low, high),
        profiles,
    }
}

impl Picture for PerformanceProfile<'_> {
    fn size(&self) -> (u32, u32) {
        self.grid.size()
    }

    fn caption(&self) -> String {
        format!(
            "Share of finished runs whose final {} is above the score along x. Several tasks have equal \
             weight. Bands: 95 % bootstrap intervals, pointwise. An agent whose line is everywhere above \
             another’s is better.",
            self.metric.name()
        )
    }

    fn data(&self) -> Vec<Datum> {
        let of_panel = |panel: &ProfilePanel| {
            let of_agent = |(agent, runs, points): &(&str, usize, Vec<ProfilePoint>)| {
                let datum = |point: &ProfilePoint| Datum {
                    panel: panel.title.clone(),
                    agent: (*agent).to_owned(),
                    x: Some(point.threshold),
                    value: point.share,
                    interval: point.band,
                    runs: *runs,
                };
                points.iter().map(datum).collect::<Vec<_>>()
            };
            panel.profiles.iter().flat_map(of_agent).collect::<Vec<_>>()
        };
        self.panels.iter().flat_map(of_panel).collect()
    }

    fn draw(&self, area: &Area<'_>) -> DrawResult {
        self.grid.draw(
            area,
            |index, area| self.draw_panel(&self.panels[index], area),
            |area, index, ends, y| {
                draw_sample(area, self.palette.line(self.agents[index]), ends, y)
            },
        )
    }
}

/// The part of a profile from the last share of 1 to the first share of 0; outside of it all profiles are
/// equal.
fn falling_part(points: &[ProfilePoint]) -> &[ProfilePoint] {
    let first = points.iter().rposition(|point| point.share >= 1.0).unwrap_or(0);
    let last = points.iter().position(|point| point.share <= 0.0).unwrap_or(points.len());
    points.get(first..=last.min(points.len().saturating_sub(1))).unwrap_or(points)
}

impl PerformanceProfile<'_> {
    fn draw_panel(&self, panel: &ProfilePanel<'_>, area: &Area<'_>) -> DrawResult {
        let frame = PanelAxes {
            title: self.grid.title(&panel.title),
            x: Axis::linear(panel.span.0, panel.span.1),
            x_title: &panel.x_title,
            y: (-0.02, 1.04),
            y_title: "share of runs above",
            right: 0,
        };
        let mut chart = frame.draw(area)?;
        for (agent, _, points) in &panel.profiles {
            let band = |point: &ProfilePoint| Some((point.threshold, point.band?));
            let band: Vec<_> = points.iter().filter_map(band).collect();
            draw_band(&mut chart, self.palette.line(agent), &band)?;
        }
        for (agent, _, points) in &panel.profiles {
            let points: Vec<(f64, f64)> =
                falling_part(points).iter().map(|point| (point.threshold, point.share)).collect();
            draw_line(&mut chart, area, self.palette.line(agent), &points)?;
        }
        for (agent, _, points) in &panel.profiles {
            for point in falling_part(points) {
                let share = with_interval(point.share, point.band, exact);
                let share = format!("{share} of runs above {}", score(point.threshold));
                add_tooltip(&chart, area, (point.threshold, point.share), &[agent, &share])?;
            }
        }
        Ok(())
    }
}
