//! `diagnostics`: what the runs record while they learn, one panel per quantity and environment.

use super::axis::Axis;
use super::canvas::{Area, DrawResult};
use super::chart::{PanelAxes, PanelGrid};
use super::data::Datum;
use super::kind::{Choice, FigureKind, Picture, PictureResult, Section};
use super::legend::LegendEntry;
use super::lines::{add_tooltip, draw_line, draw_plain_sample, draw_thin_line};
use super::palette::{LineStyle, Palette};
use super::scales::padded_range;
use crate::diagnostics::{Diagnostic, DiagnosticLine, diagnostics};
use crate::findings::Findings;
use crate::groups::distinct_in_order;
use crate::numbers::{counted, exact};
use crate::spending::SpentQuantity;

pub(super) const KIND: FigureKind = FigureKind {
    name: "diagnostics",
    summary: "losses, gradients, training episodes, and searches against what followed, while learning: \
        mean over seeds, one panel per quantity and environment",
    section: Section::Diagnostics,
    xs: &[],
    has_y: false,
    picture,
};

struct Diagnostics<'a> {
    findings: &'a Findings,
    palette: Palette,
    agents: Vec<&'a str>,
    panels: Vec<Diagnostic>,
    /// The line below the title of each panel.
    subtitles: Vec<String>,
    grid: PanelGrid,
}

fn picture<'a>(findings: &'a Findings, _choice: &Choice) -> PictureResult<'a> {
    let panels = diagnostics(findings);
    if panels.is_empty() {
        return Err("no run has finished an episode or made an update yet".to_owned());
    }
    let environments = distinct_in_order(&panels, |panel| &panel.environment).len();
    let subtitle = |panel: &Diagnostic| match environments {
        1 => panel.quantity.unit.to_owned(),
        _ => format!("{}, {}", panel.environment, panel.quantity.unit),
    };
    let subtitles = panels.iter().map(subtitle).collect();
    let titles: Vec<&str> = panels.iter().map(|panel| panel.quantity.title.as_str()).collect();
    let palette = Palette::of(findings);
    let all = distinct_in_order(&findings.groups, |group| &group.agent);
    let has_lines = |agent: &&str| {
        let lines = panels.iter().flat_map(|panel| &panel.lines);
        lines.map(|line| &findings.groups[line.group].agent).any(|known| known == agent)
    };
    let agents: Vec<&str> = all.into_iter().filter(has_lines).collect();
    let entry = |agent: &&str| LegendEntry {
        text: palette.label(agent).to_owned(),
        whole: (*agent).to_owned(),
    };
    let grid = PanelGrid::new(&titles, 0, agents.iter().map(entry).collect());
    Ok(Box::new(Diagnostics { findings, palette, agents, panels, subtitles, grid }))
}

impl Picture for Diagnostics<'_> {
    fn size(&self, available: i32) -> (i32, i32) {
        self.grid.size(available)
    }

    fn caption(&self) -> String {
        let over = if self.findings.has_single_runs() { "" } else { "seeds and over " };
        format!(
            "Records of training against real steps. Line: mean over {over}each thirtieth of the longest training."
        )
    }

    fn data(&self) -> Vec<Datum> {
        let of_panel = |panel: &Diagnostic| {
            let title = format!("{}, {}", panel.quantity.title, panel.environment);
            let datum = |line: &DiagnosticLine| {
                let agent = self.agent(line).to_owned();
                let datum = |&(x, value, runs): &(f64, f64, usize)| {
                    let (panel, agent) = (title.clone(), agent.clone());
                    Datum { panel, agent, x: Some(x), value, interval: None, runs }
                };
                line.mean.iter().map(datum).collect::<Vec<_>>()
            };
            panel.lines.iter().flat_map(datum).collect::<Vec<_>>()
        };
        self.panels.iter().flat_map(of_panel).collect()
    }

    fn has_seeds(&self) -> bool {
        self.findings.groups.iter().any(|group| group.runs.len() > 1)
    }

    fn draw_seeds(&self, area: &Area<'_>) -> DrawResult {
        self.grid.draw_panels(area, |index, title, panel| {
            let mut chart = self.axes(index, title).chart(panel)?;
            let mut lines = self.panels[index].lines.iter();
            lines.try_for_each(|line| {
                let mut runs = line.runs.iter();
                runs.try_for_each(|run| draw_thin_line(&mut chart, self.style(line), run.clone()))
            })
        })
    }

    fn draw(&self, area: &Area<'_>) -> DrawResult {
        self.grid.draw(
            area,
            |index, title, panel| self.draw_panel(index, title, panel),
            |area, index, ends, y| {
                draw_plain_sample(area, self.palette.line(self.agents[index]), ends, y)
            },
        )
    }
}

impl Diagnostics<'_> {
    fn axes<'a>(&'a self, index: usize, title: &'a str) -> PanelAxes<'a> {
        let lines = &self.panels[index].lines;
        let longest = lines.iter().flat_map(|line| &line.mean).map(|point| point.0);
        let numbers = lines.iter().flat_map(|line| line.runs.iter().flatten());
        PanelAxes {
            title,
            x: Axis::linear(0.0, longest.fold(1.0, f64::max) * 1.02),
            x_title: SpentQuantity::RealSteps.title(),
            y: padded_range(numbers.map(|point| (point.1, point.1))).into(),
            y_title: &self.subtitles[index],
            right: 0,
        }
    }

    fn draw_panel(&self, index: usize, title: &str, panel: &Area<'_>) -> DrawResult {
        let chart = self.axes(index, title).draw(panel)?;
        let lines = &self.panels[index].lines;
        for line in lines {
            let points: Vec<(f64, f64)> = line.mean.iter().map(|&(x, y, _)| (x, y)).collect();
            draw_line(&chart, panel, self.style(line), &points)?;
        }
        for line in lines {
            for &(x, value, runs) in &line.mean {
                let at =
                    format!("{}, {}", SpentQuantity::RealSteps.amount(x), counted(runs, "seed"));
                let lines = [self.agent(line), &at, &exact(value)];
                add_tooltip(&chart, panel, (x, value), &lines)?;
            }
        }
        Ok(())
    }

    fn agent(&self, line: &DiagnosticLine) -> &str {
        &self.findings.groups[line.group].agent
    }

    fn style(&self, line: &DiagnosticLine) -> LineStyle {
        self.palette.line(self.agent(line))
    }
}
