//! `sweep-response`: the final score against each swept numeric setting. One panel per setting and
//! environment.
//!
//! Each value of another swept setting is a line of its own. An agent without the setting is a level line. Where settings were drawn together, no two points agree in the others: then each agent has points
//! without a line.

use zerolab_metrics::labels::short_keys;

use super::axis::Axis;
use super::canvas::{Area, DrawResult};
use super::chart::{Chart, PanelAxes, PanelGrid};
use super::data::Datum;
use super::kind::{FigureKind, Picture, PictureResult, Section};
use super::legend::LegendEntry;
use super::lines::{add_tooltip, draw_band, draw_interval, draw_line, draw_plain_sample, pixel};
use super::palette::Palette;
use super::scales::{padded_range, span};
use super::tooltip::Tooltip;
use crate::findings::Findings;
use crate::groups::find_or_add;
use crate::labels::{agent_label, environment_label, setting};
use crate::numbers::{counted, exact, with_interval};
use crate::scores::Estimate;

pub(super) const KIND: FigureKind = FigureKind {
    name: "sweep-response",
    summary: "final score against each swept numeric setting with 95 % intervals, one panel per setting \
        and environment",
    section: Section::Settings,
    xs: &[],
    picture,
};

struct SweepResponse {
    panels: Vec<SettingPanel>,
    agents: Vec<String>,
    palette: Palette,
    grid: PanelGrid,
}

/// One setting in one environment.
struct SettingPanel {
    environment: String,
    setting: String,
    /// Whether the points of a line differ in this setting only.
    only_this_varies: bool,
    agents: Vec<AgentResponse>,
}

/// The scores of one agent.
#[derive(Default)]
struct AgentResponse {
    agent: String,
    /// Value of the setting and score, in ascending order of the value.
    points: Vec<(f64, Estimate)>,
    /// The scores of an agent without the setting: one for each of its other settings.
    levels: Vec<Estimate>,
}

impl AgentResponse {
    fn has_two_values(&self) -> bool {
        self.points.first().map(|(x, _)| x) != self.points.last().map(|(x, _)| x)
    }
}

impl SettingPanel {
    fn estimates(&self) -> impl Iterator<Item = &Estimate> {
        self.agents
            .iter()
            .flat_map(|it| it.points.iter().map(|(_, estimate)| estimate).chain(&it.levels))
    }

    fn values(&self) -> impl Iterator<Item = f64> {
        self.agents.iter().flat_map(|agent| &agent.points).map(|(x, _)| *x)
    }
}

fn picture<'a>(findings: &'a Findings, _x: &str) -> PictureResult<'a> {
    let keys = findings.swept_keys().into_iter();
    let panels: Vec<SettingPanel> = keys
        .flat_map(|key| {
            let lines = panels(findings, key, true);
            if lines.is_empty() { panels(findings, key, false) } else { lines }
        })
        .collect();
    if panels.is_empty() {
        return Err("no swept numeric setting has finished runs at two values".to_owned());
    }
    let mut agents: Vec<String> = Vec::new();
    for response in panels.iter().flat_map(|panel| &panel.agents) {
        if !agents.contains(&response.agent) {
            agents.push(response.agent.clone());
        }
    }
    let names: Vec<&str> = agents.iter().map(String::as_str).collect();
    let palette = Palette::of_labels(findings, &names);
    let entry = |agent: &&str| LegendEntry {
        text: palette.label(agent).to_owned(),
        whole: (*agent).to_owned(),
    };
    let legend = names.iter().map(entry).collect();
    let titles: Vec<&str> = panels.iter().map(|panel| panel.environment.as_str()).collect();
    let grid = PanelGrid::new(&titles, 0, legend);
    Ok(Box::new(SweepResponse { panels, agents, palette, grid }))
}

/// The panels of a swept key: one per environment in which an agent has finished runs at two of its values, with
/// equal values of the other swept settings if `only_this_varies`.
fn panels(findings: &Findings, key: &str, only_this_varies: bool) -> Vec<SettingPanel> {
    let mut panels: Vec<SettingPanel> = Vec::new();
    let varying = if only_this_varies { vec![key] } else { findings.swept_keys() };
    for (reference, estimate) in findings.final_returns() {
        let environment = environment_label(reference, &varying);
        let agent = agent_label(reference, &varying);
        let number = setting(reference, key).and_then(|it| Some((it.name, it.number?)));
        let panel = find_or_add(
            &mut panels,
            |it| it.environment == environment,
            || SettingPanel {
                environment: environment.clone(),
                setting: String::new(),
                only_this_varies,
                agents: Vec::new(),
            },
        );
        let response = find_or_add(
            &mut panel.agents,
            |it| it.agent == agent,
            || AgentResponse { agent: agent.clone(), ..AgentResponse::default() },
        );
        match number {
            Some((name, x)) => {
                panel.setting = name.to_owned();
                response.points.push((x, estimate));
            }
            None => response.levels.push(estimate),
        }
    }
    for response in panels.iter_mut().flat_map(|panel| &mut panel.agents) {
        response.points.sort_by(|(first, _), (second, _)| first.total_cmp(second));
    }
    panels.retain(|panel| panel.agents.iter().any(AgentResponse::has_two_values));
    panels
}

impl Picture for SweepResponse {
    fn size(&self, available: i32) -> (i32, i32) {
        self.grid.size(available)
    }

    fn min_height(&self, width: i32) -> i32 {
        self.grid.min_height(width)
    }

    fn caption(&self) -> String {
        "Final return against a swept setting: IQM over seeds (mean below 4 seeds). Vertical lines: 95 % \
         bootstrap intervals. An agent without the setting is a level line with its interval as a band. Points without \
         a line also differ in the other swept settings. The axis is logarithmic if values span a decade or \
         more."
            .to_owned()
    }

    fn data(&self) -> Vec<Datum> {
        let of_panel = |panel: &SettingPanel| {
            let of_agent = |response: &AgentResponse| {
                let points = response.points.iter().map(|(x, estimate)| (Some(*x), *estimate));
                let levels = response.levels.iter().map(|estimate| (None, *estimate));
                let datum = |(x, estimate): (Option<f64>, Estimate)| Datum {
                    panel: format!("{}: {}", panel.environment, panel.setting),
                    agent: response.agent.clone(),
                    x,
                    value: estimate.value,
                    interval: estimate.interval,
                    runs: estimate.seeds,
                };
                points.chain(levels).map(datum).collect::<Vec<_>>()
            };
            panel.agents.iter().flat_map(of_agent).collect::<Vec<_>>()
        };
        self.panels.iter().flat_map(of_panel).collect()
    }

    fn draw(&self, area: &Area<'_>) -> DrawResult {
        self.grid.draw(
            area,
            |index, title, area| self.draw_panel(&self.panels[index], title, area),
            |area, index, ends, y| {
                draw_plain_sample(area, self.palette.line(&self.agents[index]), ends, y)
            },
        )
    }
}

impl SweepResponse {
    fn draw_panel(&self, panel: &SettingPanel, title: &str, area: &Area<'_>) -> DrawResult {
        let frame = PanelAxes {
            title,
            x: Axis::around(panel.values()),
            x_title: &short_keys(&[&panel.setting])[0],
            y: padded_range(panel.estimates().map(|it| span(it.value, it.interval))),
            y_title: "final return",
            right: 0,
        };
        let mut chart = frame.draw(area)?;
        for response in &panel.agents {
            let line = self.palette.line(&response.agent);
            for level in &response.levels {
                self.draw_level(&mut chart, area, response, *level)?;
            }
            for (x, estimate) in &response.points {
                let Estimate { value, interval, seeds, .. } = *estimate;
                if let Some(interval) = interval {
                    draw_interval(&chart, area, line, *x, interval)?;
                }
                let at = format!("{} = {}, {}", panel.setting, exact(*x), counted(seeds, "run"));
                let lines = [&response.agent, &at, &with_interval(value, interval, exact)];
                add_tooltip(&chart, area, (*x, value), &lines.map(String::as_str))?;
            }
            let points: Vec<(f64, f64)> =
                response.points.iter().map(|(x, estimate)| (*x, estimate.value)).collect();
            if panel.only_this_varies {
                draw_line(&chart, area, line, &points)?;
                continue;
            }
            for point in points {
                line.marker.draw(area, pixel(&chart, area, point), line.colour)?;
            }
        }
        Ok(())
    }

    /// Draws the score of an agent without the setting: a level line over the whole axis, with its interval.
    fn draw_level(
        &self,
        chart: &mut Chart<'_, '_>,
        area: &Area<'_>,
        response: &AgentResponse,
        level: Estimate,
    ) -> DrawResult {
        let line = self.palette.line(&response.agent);
        let ends = [chart.x_range().start, chart.x_range().end];
        if let Some(interval) = level.interval {
            draw_band(chart, line, &ends.map(|x| (x, interval)), 1)?;
        }
        draw_line(chart, area, line, &ends.map(|x| (x, level.value)))?;
        let runs = format!("without this setting, {}", counted(level.seeds, "run"));
        let lines = [&response.agent, &runs, &with_interval(level.value, level.interval, exact)];
        let [left, right] = ends.map(|x| pixel(chart, area, (x, level.value)));
        area.draw(&Tooltip::of_bar(left.0, right.0, left.1, &lines.map(String::as_str)))
    }
}
