//! `performance-profile`: the share of runs whose final score lies above each threshold (Agarwal et al. 2021, section
//! 4.2), one panel for the tasks of a benchmark, whose scores are normalised, or else for each environment.

use zerolab_metrics::statistics::{Bootstrap, Profile, ProfilePoint, ScoreMatrix};

use super::axis::Axis;
use super::chart::{Frame, Grid, draw_band, draw_line, draw_sample, tell};
use super::data::Datum;
use super::palette::Palette;
use super::paper::{Area, Drawing};
use super::{Entry, NOTHING_FINISHED, Picture, Sketch};
use crate::aggregates::{Field, fields};
use crate::findings::Findings;
use crate::groups::in_order;
use crate::numbers::{counted, exact, score, with_interval};
use crate::scores::Metric;

pub(super) const ENTRY: Entry = Entry {
    name: "performance-profile",
    summary: "share of runs with a final score above each threshold, with 95 % bands: the whole distribution of scores",
    xs: &["return", "performance"],
    picture,
};

/// Thresholds from the least score to the greatest.
const STEPS: usize = 100;

struct PerformanceProfile<'a> {
    palette: Palette<'a>,
    agents: Vec<&'a str>,
    panels: Vec<Panel<'a>>,
    metric: Metric,
    grid: Grid,
}

struct Panel<'a> {
    title: String,
    x_title: String,
    /// The scores that its x spans.
    span: (f64, f64),
    profiles: Vec<(&'a str, usize, Vec<ProfilePoint>)>,
}

fn picture<'a>(findings: &'a Findings, x: &str) -> Sketch<'a> {
    let metric = Metric::named(x);
    let panels: Vec<Panel> =
        fields(findings, metric).into_iter().map(|field| panel(field, metric)).collect();
    if panels.is_empty() {
        return Err(NOTHING_FINISHED.to_owned());
    }
    let runs_of = |agent: &str| {
        let profiles = panels.iter().flat_map(|panel| &panel.profiles);
        profiles.filter(|(name, _, _)| *name == agent).map(|(_, runs, _)| runs).sum::<usize>()
    };
    let agents = in_order(&findings.groups, |group| &group.agent).into_iter();
    let agents: Vec<&str> = agents.filter(|agent| runs_of(agent) > 0).collect();
    let label = |agent: &&str| format!("{agent} ({})", counted(runs_of(agent), "run"));
    let labels: Vec<String> = agents.iter().map(label).collect();
    let grid = Grid::new(panels.len(), 0, &labels);
    let palette = Palette::of(findings);
    Ok(Box::new(PerformanceProfile { palette, agents, panels, metric, grid }))
}

fn panel(field: Field<'_>, metric: Metric) -> Panel<'_> {
    let scores = || field.agents.iter().flat_map(|(_, scores)| scores.pooled());
    let low = scores().copied().fold(f64::INFINITY, f64::min);
    let high = scores().copied().fold(f64::NEG_INFINITY, f64::max);
    // Somewhat beyond the scores, so that each profile begins at 1 and ends at 0.
    let room = if high > low { 0.04 * (high - low) } else { high.abs().max(1.0) };
    let (low, high) = (low - room, high + room);
    let step = |place: usize| low + (high - low) * place as f64 / STEPS as f64;
    let thresholds: Vec<f64> = (0..=STEPS).map(step).collect();
    let profile =
        |scores: &ScoreMatrix| Profile::Scores.points(scores, &thresholds, &Bootstrap::default());
    let profiles = field.agents.iter();
    let profiles =
        profiles.map(|(agent, scores)| (*agent, scores.pooled().len(), profile(scores))).collect();
    let scale = if field.normalised { "human-normalised " } else { "" };
    Panel {
        title: field.title.clone(),
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
            "Share of finished runs whose final {} is above the score along x; of several tasks each counts alike. Bands: \
             95 % bootstrap intervals, pointwise. An agent whose line is above another’s everywhere is better.",
            self.metric.name()
        )
    }

    fn data(&self) -> Vec<Datum> {
        let of_panel = |panel: &Panel| {
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

    fn draw(&self, area: &Area<'_>) -> Drawing {
        self.grid.draw(
            area,
            |place, area| self.draw_panel(&self.panels[place], area),
            |area, place, ends, y| {
                draw_sample(area, self.palette.line(self.agents[place]), ends, y)
            },
        )
    }
}

/// From the last point at which all runs are above to the first at which none is: before and behind it all lie alike.
fn falling(points: &[ProfilePoint]) -> &[ProfilePoint] {
    let first = points.iter().rposition(|point| point.share >= 1.0).unwrap_or(0);
    let last = points.iter().position(|point| point.share <= 0.0).unwrap_or(points.len());
    points.get(first..=last.min(points.len().saturating_sub(1))).unwrap_or(points)
}

impl PerformanceProfile<'_> {
    fn draw_panel(&self, panel: &Panel<'_>, area: &Area<'_>) -> Drawing {
        let frame = Frame {
            title: &panel.title,
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
                falling(points).iter().map(|point| (point.threshold, point.share)).collect();
            draw_line(&mut chart, area, self.palette.line(agent), &points)?;
        }
        for (agent, _, points) in &panel.profiles {
            for point in falling(points) {
                let share = with_interval(point.share, point.band, exact);
                let share = format!("{share} of runs above {}", score(point.threshold));
                tell(&chart, area, (point.threshold, point.share), &[agent, &share])?;
            }
        }
        Ok(())
    }
}
