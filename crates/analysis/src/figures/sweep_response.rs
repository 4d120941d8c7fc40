//! `sweep-response`: the final score against each numeric setting that the experiment sweeps; a panel for each setting
//! and environment.
//!
//! What else a sweep varies tells agents apart. An agent that the setting does not concern lies level.

use super::axis::Axis;
use super::chart::{Frame, Grid, draw_interval, draw_line, draw_plain_sample, tell};
use super::data::Datum;
use super::palette::{LineStyle, Palette};
use super::paper::{Area, Drawing};
use super::rows::span;
use super::scales::padded;
use super::{Entry, Picture, Sketch};
use crate::axes::{agent_label, environment_label, setting};
use crate::findings::Findings;
use crate::groups::find_or_add;
use crate::numbers::{counted, exact, with_interval};
use crate::scores::Estimate;

pub(super) const ENTRY: Entry = Entry {
    name: "sweep-response",
    summary: "final score against each swept numeric setting with 95 % intervals, one panel a setting and environment",
    xs: &[],
    picture,
};

struct SweepResponse {
    panels: Vec<Panel>,
    labels: Vec<(String, LineStyle)>,
    grid: Grid,
}

/// One setting in one environment.
struct Panel {
    environment: String,
    setting: String,
    series: Vec<Series>,
}

/// One agent.
#[derive(Default)]
struct Series {
    agent: String,
    /// In the order of the setting.
    points: Vec<(f64, Estimate)>,
    /// Of an agent that the setting does not concern.
    level: Option<Estimate>,
}

impl Panel {
    fn estimates(&self) -> impl Iterator<Item = &Estimate> {
        self.series
            .iter()
            .flat_map(|it| it.points.iter().map(|(_, estimate)| estimate).chain(&it.level))
    }

    fn values(&self) -> impl Iterator<Item = f64> {
        self.series.iter().flat_map(|series| &series.points).map(|(x, _)| *x)
    }

    /// Where a series is drawn: its points, or from the least to the greatest value if it lies level.
    fn points(&self, series: &Series) -> Vec<(f64, Estimate)> {
        let ends = [self.values().reduce(f64::min), self.values().reduce(f64::max)];
        let level = series.level.into_iter();
        let level = level.flat_map(|level| ends.into_iter().flatten().map(move |x| (x, level)));
        series.points.iter().copied().chain(level).collect()
    }
}

fn picture<'a>(findings: &'a Findings, _x: &str) -> Sketch<'a> {
    let keys = findings.swept_keys().into_iter();
    let panels: Vec<Panel> = keys.flat_map(|key| panels(findings, key)).collect();
    if panels.is_empty() {
        return Err("no numeric setting is swept whose runs have finished at two values".to_owned());
    }
    let mut agents: Vec<String> = Vec::new();
    for series in panels.iter().flat_map(|panel| &panel.series) {
        if !agents.contains(&series.agent) {
            agents.push(series.agent.clone());
        }
    }
    let names: Vec<&str> = agents.iter().map(String::as_str).collect();
    let palette = Palette::for_agents(&names);
    let labels = names.iter().map(|agent| ((*agent).to_owned(), palette.line(agent))).collect();
    let grid = Grid::new(panels.len(), 0, &agents);
    Ok(Box::new(SweepResponse { panels, labels, grid }))
}

/// The panel of a swept key in each environment in which an agent has finished runs at two of its values.
fn panels(findings: &Findings, key: &str) -> Vec<Panel> {
    let mut panels: Vec<Panel> = Vec::new();
    for (reference, estimate) in findings.final_returns() {
        let environment = environment_label(reference, &[key]);
        let agent = agent_label(reference, &[key]);
        let number = setting(reference, key).and_then(|it| Some((it.name, it.number?)));
        let panel = find_or_add(
            &mut panels,
            |it| it.environment == environment,
            || Panel {
                environment: environment.clone(),
                setting: String::new(),
                series: Vec::new(),
            },
        );
        let series = find_or_add(
            &mut panel.series,
            |it| it.agent == agent,
            || Series { agent: agent.clone(), ..Series::default() },
        );
        match number {
            Some((name, x)) => {
                panel.setting = name.to_owned();
                series.points.push((x, estimate));
            }
            None => series.level = Some(estimate),
        }
    }
    for series in panels.iter_mut().flat_map(|panel| &mut panel.series) {
        series.points.sort_by(|(first, _), (second, _)| first.total_cmp(second));
    }
    panels.retain(|panel| panel.series.iter().any(|series| series.points.len() > 1));
    panels
}

impl Picture for SweepResponse {
    fn size(&self) -> (u32, u32) {
        self.grid.size()
    }

    fn caption(&self) -> String {
        "Final return against a swept setting: IQM over seeds (mean below 4 seeds). Upright lines: 95 % bootstrap \
         intervals. An agent that the setting does not concern lies level. The axis is logarithmic where values span a \
         decade or more."
            .to_owned()
    }

    fn data(&self) -> Vec<Datum> {
        let of_panel = |panel: &Panel| {
            let of_series = |series: &Series| {
                let points = series.points.iter().map(|(x, estimate)| (Some(*x), *estimate));
                let level = series.level.map(|estimate| (None, estimate));
                let datum = |(x, estimate): (Option<f64>, Estimate)| Datum {
                    panel: format!("{}: {}", panel.environment, panel.setting),
                    agent: series.agent.clone(),
                    x,
                    value: estimate.value,
                    interval: estimate.interval,
                    runs: estimate.seeds,
                };
                points.chain(level).map(datum).collect::<Vec<_>>()
            };
            panel.series.iter().flat_map(of_series).collect::<Vec<_>>()
        };
        self.panels.iter().flat_map(of_panel).collect()
    }

    fn draw(&self, area: &Area<'_>) -> Drawing {
        self.grid.draw(
            area,
            |place, area| self.draw_panel(&self.panels[place], area),
            |area, place, ends, y| draw_plain_sample(area, self.labels[place].1, ends, y),
        )
    }
}

impl SweepResponse {
    fn line(&self, agent: &str) -> Option<LineStyle> {
        self.labels.iter().find(|(name, _)| name == agent).map(|(_, line)| *line)
    }

    fn draw_panel(&self, panel: &Panel, area: &Area<'_>) -> Drawing {
        let frame = Frame {
            title: &panel.environment,
            x: Axis::around(panel.values()),
            x_title: &panel.setting,
            y: padded(panel.estimates().map(|it| span(it.value, it.interval))),
            y_title: "final return",
            right: 0,
        };
        let mut chart = frame.draw(area)?;
        for series in &panel.series {
            let Some(line) = self.line(&series.agent) else { continue };
            let points = panel.points(series);
            for (x, estimate) in &points {
                let Estimate { value, interval, seeds, .. } = *estimate;
                if let Some(interval) = interval {
                    draw_interval(&chart, area, line, *x, interval)?;
                }
                let at = format!("{} = {}, {}", panel.setting, exact(*x), counted(seeds, "run"));
                let lines = [&series.agent, &at, &with_interval(value, interval, exact)];
                tell(&chart, area, (*x, value), &lines.map(String::as_str))?;
            }
            let points: Vec<(f64, f64)> =
                points.into_iter().map(|(x, estimate)| (x, estimate.value)).collect();
            draw_line(&mut chart, area, line, &points)?;
        }
        Ok(())
    }
}
