//! `sweep-response`: the final score against each swept numeric setting. One panel per setting and
//! environment.
//!
//! Each value of another swept setting is a line of its own. An agent without the setting is a level line. Where settings were drawn together, no two points agree in the others: then each agent has points
//! without a line.

use zerolab_metrics::Measure;
use zerolab_metrics::labels::short_keys;

use super::anchor_lines::{self, AnchorLine};
use super::axis::Axis;
use super::canvas::{Area, DrawResult};
use super::chart::{Chart, PanelAxes, PanelGrid};
use super::data::Datum;
use super::kind::{Choice, FigureKind, Picture, PictureResult, Section};
use super::legend::LegendEntry;
use super::lines::{add_tooltip, draw_band, draw_interval, draw_line, draw_plain_sample, pixel};
use super::measures::{definition, undefined};
use super::palette::Palette;
use super::scales::{padded_range, span};
use super::setting_panels::{AgentResponse, SettingPanel, panels};
use super::tooltip::Tooltip;
use crate::findings::Findings;
use crate::numbers::{counted, exact, with_interval};
use crate::scores::Estimate;

pub(super) const KIND: FigureKind = FigureKind {
    name: "sweep-response",
    summary: "final score against each swept numeric setting with 95 % intervals, one panel per setting \
        and environment",
    section: Section::Settings,
    xs: &[],
    has_y: true,
    picture,
};

struct SweepResponse {
    panels: Vec<SettingPanel>,
    agents: Vec<String>,
    palette: Palette,
    grid: PanelGrid,
    measure: Measure,
    y_title: String,
    /// What the measure is, and for how many runs.
    definition: String,
}

fn picture<'a>(findings: &'a Findings, choice: &Choice) -> PictureResult<'a> {
    let measure = choice.measure();
    if measure != Measure::Return && findings.final_estimates(&measure).next().is_none() {
        return Err(undefined(&measure));
    }
    let keys = findings.swept_keys().into_iter();
    let panels: Vec<SettingPanel> = keys
        .flat_map(|key| {
            let lines = panels(findings, &measure, key, true);
            if lines.is_empty() { panels(findings, &measure, key, false) } else { lines }
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
    let mut legend: Vec<LegendEntry> = names.iter().map(entry).collect();
    if panels.iter().any(|panel| !panel.anchors.is_empty()) {
        legend.extend(anchor_lines::entries());
    }
    let titles: Vec<&str> = panels.iter().map(|panel| panel.environment.as_str()).collect();
    let grid = PanelGrid::new(&titles, 0, legend);
    let y_title = format!("final {}", measure.title());
    let definition = definition(findings, &measure);
    Ok(Box::new(SweepResponse { panels, agents, palette, grid, measure, y_title, definition }))
}

impl Picture for SweepResponse {
    fn size(&self, available: i32) -> (i32, i32) {
        self.grid.size(available)
    }

    fn min_height(&self, width: i32) -> i32 {
        self.grid.min_height(width)
    }

    fn caption(&self) -> String {
        let exact = match self.panels.iter().any(|panel| !panel.anchors.is_empty()) {
            true => {
                " Thin lines: what random actions and the best policy for the paid reward reach, exactly at the swept values."
            }
            false => "",
        };
        format!(
            "Final {} against a swept setting: IQM over seeds (mean below 4 seeds). Vertical lines: 95 % \
             bootstrap intervals. An agent without the setting is a level line with its interval as a band. Points \
             without a line also differ in the other swept settings. The axis is logarithmic if values span a \
             decade or more.{exact}{}",
            self.measure.title(),
            self.definition,
        )
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
            let of_anchor = |line: &AnchorLine| {
                let agent = line.name();
                let datum = |(x, value): (Option<f64>, f64)| Datum {
                    panel: format!("{}: {}", panel.environment, panel.setting),
                    agent: agent.to_owned(),
                    x,
                    value,
                    interval: None,
                    runs: 0,
                };
                line.positions().map(datum).collect::<Vec<_>>()
            };
            let agents = panel.agents.iter().flat_map(of_agent);
            agents.chain(panel.anchors.iter().flat_map(of_anchor)).collect::<Vec<_>>()
        };
        self.panels.iter().flat_map(of_panel).collect()
    }

    fn draw(&self, area: &Area<'_>) -> DrawResult {
        self.grid.draw(
            area,
            |index, title, area| self.draw_panel(&self.panels[index], title, area),
            |area, index, ends, y| match self.agents.get(index) {
                Some(agent) => draw_plain_sample(area, self.palette.line(agent), ends, y),
                None => anchor_lines::draw_sample(area, index - self.agents.len(), ends, y),
            },
        )
    }
}

impl SweepResponse {
    fn draw_panel(&self, panel: &SettingPanel, title: &str, area: &Area<'_>) -> DrawResult {
        let estimates = panel.estimates().map(|it| span(it.value, it.interval));
        let anchors = panel.anchors.iter().flat_map(AnchorLine::values).map(|value| (value, value));
        let frame = PanelAxes {
            title,
            x: Axis::around(panel.values()),
            x_title: &short_keys(&[&panel.setting])[0],
            y: padded_range(estimates.chain(anchors)).into(),
            y_title: &self.y_title,
            right: 0,
        };
        let mut chart = frame.draw(area)?;
        panel.anchors.iter().try_for_each(|line| line.draw(&chart, area))?;
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
