//! `sweep-response`: the final score against each swept numeric setting. One panel per setting and
//! environment.
//!
//! Each value of another swept setting is a line of its own. An agent without the setting is a horizontal
//! line. Where settings were drawn together, no two points agree in the others: then each agent has points
//! without a line.

use super::axis::Axis;
use super::canvas::{Area, DrawResult};
use super::chart::{
    PanelAxes, PanelGrid, add_tooltip, draw_interval, draw_line, draw_plain_sample, pixel,
};
use super::data::Datum;
use super::kind::{FigureKind, Picture, PictureResult};
use super::palette::{LineStyle, Palette};
use super::scales::{padded_range, span};
use crate::findings::Findings;
use crate::groups::find_or_add;
use crate::labels::{agent_label, environment_label, setting};
use crate::numbers::{counted, exact, with_interval};
use crate::scores::Estimate;

pub(super) const KIND: FigureKind = FigureKind {
    name: "sweep-response",
    summary: "final score against each swept numeric setting with 95 % intervals, one panel per setting \
        and environment",
    xs: &[],
    picture,
};

struct SweepResponse {
    panels: Vec<SettingPanel>,
    labels: Vec<(String, LineStyle)>,
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
    /// The score of an agent without the setting.
    constant: Option<Estimate>,
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
            .flat_map(|it| it.points.iter().map(|(_, estimate)| estimate).chain(&it.constant))
    }

    fn values(&self) -> impl Iterator<Item = f64> {
        self.agents.iter().flat_map(|agent| &agent.points).map(|(x, _)| *x)
    }

    /// The points of an agent's line; a constant extends from the least to the greatest value of the setting.
    fn points(&self, agent: &AgentResponse) -> Vec<(f64, Estimate)> {
        let ends = [self.values().reduce(f64::min), self.values().reduce(f64::max)];
        let constant = agent
            .constant
            .into_iter()
            .flat_map(|estimate| ends.into_iter().flatten().map(move |x| (x, estimate)));
        agent.points.iter().copied().chain(constant).collect()
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
    let palette = Palette::for_agents(&names);
    let labels = names.iter().map(|agent| ((*agent).to_owned(), palette.line(agent))).collect();
    let titles: Vec<&str> = panels.iter().map(|panel| panel.environment.as_str()).collect();
    let grid = PanelGrid::new(&titles, 0, &agents);
    Ok(Box::new(SweepResponse { panels, labels, grid }))
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
            None => response.constant = Some(estimate),
        }
    }
    for response in panels.iter_mut().flat_map(|panel| &mut panel.agents) {
        response.points.sort_by(|(first, _), (second, _)| first.total_cmp(second));
    }
    panels.retain(|panel| panel.agents.iter().any(AgentResponse::has_two_values));
    panels
}

impl Picture for SweepResponse {
    fn size(&self) -> (u32, u32) {
        self.grid.size()
    }

    fn caption(&self) -> String {
        "Final return against a swept setting: IQM over seeds (mean below 4 seeds). Vertical lines: 95 % \
         bootstrap intervals. An agent without the setting is a horizontal line. Points without \
         a line also differ in the other swept settings. The axis is logarithmic if values span a decade or \
         more."
            .to_owned()
    }

    fn data(&self) -> Vec<Datum> {
        let of_panel = |panel: &SettingPanel| {
            let of_agent = |response: &AgentResponse| {
                let points = response.points.iter().map(|(x, estimate)| (Some(*x), *estimate));
                let constant = response.constant.map(|estimate| (None, estimate));
                let datum = |(x, estimate): (Option<f64>, Estimate)| Datum {
                    panel: format!("{}: {}", panel.environment, panel.setting),
                    agent: response.agent.clone(),
                    x,
                    value: estimate.value,
                    interval: estimate.interval,
                    runs: estimate.seeds,
                };
                points.chain(constant).map(datum).collect::<Vec<_>>()
            };
            panel.agents.iter().flat_map(of_agent).collect::<Vec<_>>()
        };
        self.panels.iter().flat_map(of_panel).collect()
    }

    fn draw(&self, area: &Area<'_>) -> DrawResult {
        self.grid.draw(
            area,
            |index, area| self.draw_panel(&self.panels[index], area),
            |area, index, ends, y| draw_plain_sample(area, self.labels[index].1, ends, y),
        )
    }
}

impl SweepResponse {
    fn line(&self, agent: &str) -> Option<LineStyle> {
        self.labels.iter().find(|(name, _)| name == agent).map(|(_, line)| *line)
    }

    fn draw_panel(&self, panel: &SettingPanel, area: &Area<'_>) -> DrawResult {
        let frame = PanelAxes {
            title: self.grid.title(&panel.environment),
            x: Axis::around(panel.values()),
            x_title: &panel.setting,
            y: padded_range(panel.estimates().map(|it| span(it.value, it.interval))),
            y_title: "final return",
            right: 0,
        };
        let mut chart = frame.draw(area)?;
        for response in &panel.agents {
            let Some(line) = self.line(&response.agent) else { continue };
            let points = panel.points(response);
            for (x, estimate) in &points {
                let Estimate { value, interval, seeds, .. } = *estimate;
                if let Some(interval) = interval {
                    draw_interval(&chart, area, line, *x, interval)?;
                }
                let at = format!("{} = {}, {}", panel.setting, exact(*x), counted(seeds, "run"));
                let lines = [&response.agent, &at, &with_interval(value, interval, exact)];
                add_tooltip(&chart, area, (*x, value), &lines.map(String::as_str))?;
            }
            if !panel.only_this_varies && response.constant.is_none() {
                for (x, estimate) in &points {
                    line.marker.draw(
                        area,
                        pixel(&chart, area, (*x, estimate.value)),
                        line.colour,
                    )?;
                }
                continue;
            }
            let points: Vec<(f64, f64)> =
                points.into_iter().map(|(x, estimate)| (x, estimate.value)).collect();
            draw_line(&mut chart, area, line, &points)?;
        }
        Ok(())
    }
}
