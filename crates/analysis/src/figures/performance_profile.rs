//! `performance-profile`: the share of runs whose final score is above each threshold (Agarwal et al. 2021,
//! section 4.2). One panel for all tasks of a benchmark with normalised scores, otherwise one panel per
//! environment.

use zerolab_metrics::Measure;
use zerolab_metrics::statistics::{
    Bootstrap, Interval, MIN_RUNS_TO_JUDGE, Profile, ProfilePoint, ScoreMatrix,
};

use super::axis::Axis;
use super::canvas::{Area, DrawResult};
use super::chart::{PanelAxes, PanelGrid};
use super::data::Datum;
use super::kind::{Choice, FigureKind, NOTHING_FINISHED, Picture, PictureResult, Section};
use super::legend::LegendEntry;
use super::lines::{add_tooltip, draw_band, draw_line, draw_sample};
use super::palette::Palette;
use crate::findings::Findings;
use crate::groups::distinct_in_order;
use crate::numbers::{counted, exact, score, with_interval};
use crate::task_sets::{TaskSet, task_sets};

pub(super) const KIND: FigureKind = FigureKind {
    name: "performance-profile",
    summary: "share of runs with a final score above each threshold, with 95 % bands: the whole \
        distribution of scores",
    section: Section::Scores,
    xs: &["return", "performance"],
    has_y: false,
    picture,
};

struct PerformanceProfile<'a> {
    palette: Palette,
    agents: Vec<&'a str>,
    panels: Vec<ProfilePanel<'a>>,
    measure: Measure,
    grid: PanelGrid,
}

struct ProfilePanel<'a> {
    title: String,
    x_title: String,
    y_title: String,
    /// The ends of the x axis.
    span: (f64, f64),
    profiles: Vec<AgentProfile<'a>>,
}

/// The share of an agent's runs above each threshold.
struct AgentProfile<'a> {
    agent: &'a str,
    runs: usize,
    /// At the left end of the axis, at each score, where the share falls, and at the right end.
    points: Vec<ProfilePoint>,
}

impl AgentProfile<'_> {
    /// The corners of the steps of a quantity that changes at the thresholds.
    fn steps<T: Copy>(&self, of: impl Fn(&ProfilePoint) -> Option<T>) -> Vec<(f64, T)> {
        let pairs = self.points.windows(2).flat_map(|pair| {
            let value = of(&pair[0]);
            [value.map(|it| (pair[0].threshold, it)), value.map(|it| (pair[1].threshold, it))]
        });
        let last = self.points.last().and_then(|last| Some((last.threshold, of(last)?)));
        pairs.flatten().chain(last).collect()
    }

    /// Fewer runs than it takes to judge have no bands.
    fn band(&self, point: &ProfilePoint) -> Option<Interval> {
        point.band.filter(|_| self.runs >= MIN_RUNS_TO_JUDGE)
    }
}

fn picture<'a>(findings: &'a Findings, choice: &Choice) -> PictureResult<'a> {
    let measure = choice.measure();
    let panels: Vec<ProfilePanel> = task_sets(findings, &measure)
        .into_iter()
        .map(|task_set| panel(task_set, &measure))
        .collect();
    if panels.is_empty() {
        return Err(NOTHING_FINISHED.to_owned());
    }
    let profiles = || panels.iter().flat_map(|panel| &panel.profiles);
    let mut agents = distinct_in_order(&findings.groups, |group| &group.agent);
    agents.retain(|agent| profiles().any(|profile| profile.agent == *agent));
    let palette = Palette::of(findings);
    let entry = |agent: &&str| LegendEntry {
        text: palette.label(agent).to_owned(),
        whole: (*agent).to_owned(),
    };
    let legend = agents.iter().map(entry).collect();
    let titles: Vec<&str> = panels.iter().map(|panel| panel.title.as_str()).collect();
    let grid = PanelGrid::new(&titles, 0, legend);
    Ok(Box::new(PerformanceProfile { palette, agents, panels, measure, grid }))
}

fn panel<'a>(task_set: TaskSet<'a>, measure: &Measure) -> ProfilePanel<'a> {
    let scores = || task_set.agents.iter().flat_map(|(_, scores)| scores.pooled());
    let low = scores().copied().fold(f64::INFINITY, f64::min);
    let high = scores().copied().fold(f64::NEG_INFINITY, f64::max);
    // A margin beyond the scores, so that each profile begins at 1 and ends at 0.
    let margin = if high > low { 0.04 * (high - low) } else { high.abs().max(1.0) };
    let span = (low - margin, high + margin);
    let profile = |(agent, scores): &(&'a str, ScoreMatrix)| {
        let mut thresholds: Vec<f64> = scores.pooled().to_vec();
        thresholds.extend([span.0, span.1]);
        thresholds.sort_by(f64::total_cmp);
        thresholds.dedup();
        let points = Profile::Scores.points(scores, &thresholds, &Bootstrap::default());
        AgentProfile { agent, runs: scores.pooled().len(), points }
    };
    let profiles: Vec<AgentProfile<'_>> = task_set.agents.iter().map(profile).collect();
    let runs = || profiles.iter().map(|profile| profile.runs);
    let (fewest, most) = (runs().min().unwrap_or(0), runs().max().unwrap_or(0));
    let number = match fewest == most {
        true => counted(most, "run"),
        false => format!("{fewest} to {}", counted(most, "run")),
    };
    let scale = if task_set.normalised { "human-normalised " } else { "" };
    ProfilePanel {
        title: task_set.title.clone(),
        x_title: format!("final {scale}{}", measure.title()),
        y_title: format!("share above, of {number}"),
        span,
        profiles,
    }
}

impl Picture for PerformanceProfile<'_> {
    fn size(&self, available: i32) -> (i32, i32) {
        self.grid.size(available)
    }

    fn min_height(&self, width: i32) -> i32 {
        self.grid.min_height(width)
    }

    fn caption(&self) -> String {
        format!(
            "Share of finished runs whose final {} is above the score along x. Several tasks have equal \
             weight. Bands: 95 % bootstrap intervals, pointwise, from {MIN_RUNS_TO_JUDGE} runs on. An agent \
             whose line is everywhere above another’s is better.",
            self.measure.title()
        )
    }

    fn data(&self) -> Vec<Datum> {
        let of_panel = |panel: &ProfilePanel| {
            let of_agent = |profile: &AgentProfile<'_>| {
                let datum = |point: &ProfilePoint| Datum {
                    panel: panel.title.clone(),
                    agent: profile.agent.to_owned(),
                    x: Some(point.threshold),
                    value: point.share,
                    interval: profile.band(point),
                    runs: profile.runs,
                };
                profile.points.iter().map(datum).collect::<Vec<_>>()
            };
            panel.profiles.iter().flat_map(of_agent).collect::<Vec<_>>()
        };
        self.panels.iter().flat_map(of_panel).collect()
    }

    fn draw(&self, area: &Area<'_>) -> DrawResult {
        self.grid.draw(
            area,
            |index, title, area| self.draw_panel(&self.panels[index], title, area),
            |area, index, ends, y| {
                draw_sample(area, self.palette.line(self.agents[index]), ends, y)
            },
        )
    }
}

impl PerformanceProfile<'_> {
    fn draw_panel(&self, panel: &ProfilePanel<'_>, title: &str, area: &Area<'_>) -> DrawResult {
        let frame = PanelAxes {
            title,
            x: Axis::linear(panel.span.0, panel.span.1),
            x_title: &panel.x_title,
            y: (-0.02, 1.04),
            y_title: &panel.y_title,
            right: 0,
        };
        let mut chart = frame.draw(area)?;
        for profile in &panel.profiles {
            let band = profile.steps(|point| profile.band(point));
            draw_band(&mut chart, self.palette.line(profile.agent), &band, panel.profiles.len())?;
        }
        for profile in &panel.profiles {
            let steps = profile.steps(|point| Some(point.share));
            draw_line(&chart, area, self.palette.line(profile.agent), &steps)?;
        }
        for profile in &panel.profiles {
            for point in &profile.points {
                let share = with_interval(point.share, profile.band(point), exact);
                let share = format!("{share} of runs above {}", score(point.threshold));
                let runs = counted(profile.runs, "run");
                let lines = [profile.agent, &share, &runs];
                add_tooltip(&chart, area, (point.threshold, point.share), &lines)?;
            }
        }
        Ok(())
    }
}
