//! `scatter`: one measure of each finished run against another, all environments in one panel.

use plotters::element::Circle;
use plotters::style::Color;
use zerolab_metrics::statistics::mean;

use super::axis::Axis;
use super::canvas::{Area, DrawResult};
use super::chart::{PanelAxes, PanelGrid};
use super::data::Datum;
use super::kind::{Choice, FigureKind, Picture, PictureResult, Section};
use super::legend::LegendEntry;
use super::lines::pixel;
use super::measures::{definition, undefined};
use super::palette::Palette;
use super::scales::padded_range;
use super::tooltip::Tooltip;
use crate::findings::Findings;
use crate::groups::{Group, distinct_in_order};
use crate::numbers::{counted, exact};

pub(super) const KIND: FigureKind = FigureKind {
    name: "scatter",
    summary: "a measure of each run against another measure, with the means of each agent in each environment, all in \
        one panel",
    section: Section::Scores,
    xs: &[],
    has_y: true,
    picture,
};

/// The radius of the dot of a run in pixels.
const RUN_RADIUS: i32 = 7;

struct Scatter<'a> {
    palette: Palette,
    agents: Vec<&'a str>,
    clouds: Vec<Cloud<'a>>,
    titles: [String; 2],
    caption: String,
    grid: PanelGrid,
}

/// The runs of an agent in an environment.
struct Cloud<'a> {
    group: &'a Group,
    /// The seed of each run, and its two measures.
    runs: Vec<(u64, (f64, f64))>,
    centre: (f64, f64),
}

fn picture<'a>(findings: &'a Findings, choice: &Choice) -> PictureResult<'a> {
    let (x, [y]) = (&choice.measure(), &choice.also[..]) else {
        return Err(
            "it needs two measures, of which the second is drawn against the first".to_owned()
        );
    };
    let cloud = |group: &'a Group| {
        let finished = group.finished(&findings.runs);
        let runs: Vec<(u64, (f64, f64))> = finished
            .filter_map(|run| Some((run.reference.seed, (run.score(x)?, run.score(y)?))))
            .collect();
        let of = |axis: fn(&(f64, f64)) -> f64| {
            mean(&runs.iter().map(|(_, at)| axis(at)).collect::<Vec<_>>())
        };
        let centre = (of(|at| at.0), of(|at| at.1));
        (!runs.is_empty()).then_some(Cloud { group, runs, centre })
    };
    let clouds: Vec<Cloud> = findings.groups.iter().filter_map(cloud).collect();
    if clouds.is_empty() {
        let is_known = findings.groups.iter().any(|group| group.has(x, &findings.runs));
        return Err(undefined(if is_known { y } else { x }));
    }
    let mut agents = distinct_in_order(&findings.groups, |group| &group.agent);
    agents.retain(|agent| clouds.iter().any(|cloud| cloud.group.agent == *agent));
    let palette = Palette::of(findings);
    let entry = |agent: &&str| LegendEntry {
        text: palette.label(agent).to_owned(),
        whole: (*agent).to_owned(),
    };
    let grid = PanelGrid::new(&[""], 0, agents.iter().map(entry).collect());
    let titles = [x.title(), y.title()];
    let caption = format!(
        "The {} of each finished run (dots) against its {}; markers: means over the seeds of an agent in an \
         environment.{}{}",
        titles[1],
        titles[0],
        definition(findings, x),
        definition(findings, y),
    );
    Ok(Box::new(Scatter { palette, agents, clouds, titles, caption, grid }))
}

impl Picture for Scatter<'_> {
    fn size(&self, available: i32) -> (i32, i32) {
        self.grid.size(available)
    }

    fn min_height(&self, width: i32) -> i32 {
        self.grid.min_height(width)
    }

    fn caption(&self) -> String {
        self.caption.clone()
    }

    fn data(&self) -> Vec<Datum> {
        let datum = |cloud: &Cloud<'_>| Datum {
            panel: cloud.group.environment.clone(),
            agent: cloud.group.agent.clone(),
            x: Some(cloud.centre.0),
            value: cloud.centre.1,
            interval: None,
            runs: cloud.runs.len(),
        };
        self.clouds.iter().map(datum).collect()
    }

    fn draw(&self, area: &Area<'_>) -> DrawResult {
        self.grid.draw(
            area,
            |_, title, area| self.draw_panel(title, area),
            |area, index, (left, right), y| {
                let line = self.palette.line(self.agents[index]);
                line.marker.draw(area, (i32::midpoint(left, right), y), line.colour)
            },
        )
    }
}

impl Scatter<'_> {
    fn draw_panel(&self, title: &str, area: &Area<'_>) -> DrawResult {
        let places = || self.clouds.iter().flat_map(|cloud| &cloud.runs).map(|(_, at)| *at);
        let (low, high) = padded_range(places().map(|at| (at.0, at.0)));
        let [x_title, y_title] = &self.titles;
        let frame = PanelAxes {
            title,
            x: Axis::linear(low, high),
            x_title,
            y: padded_range(places().map(|at| (at.1, at.1))).into(),
            y_title,
            right: 0,
        };
        let chart = frame.draw(area)?;
        let words =
            |at: (f64, f64)| format!("{x_title} {}, {y_title} {}", exact(at.0), exact(at.1));
        for cloud in &self.clouds {
            let Group { agent, environment, .. } = cloud.group;
            let line = self.palette.line(agent);
            for (seed, at) in &cloud.runs {
                let centre = pixel(&chart, area, *at);
                area.draw(&Circle::new(centre, RUN_RADIUS, line.colour.mix(0.4).filled()))?;
                let lines = [agent, environment, &format!("seed {seed}"), &words(*at)];
                area.draw(&Tooltip::new(centre, &lines.map(String::as_str)))?;
            }
        }
        for cloud in &self.clouds {
            let Group { agent, environment, .. } = cloud.group;
            let (line, centre) = (self.palette.line(agent), pixel(&chart, area, cloud.centre));
            line.marker.draw(area, centre, line.colour)?;
            let runs = counted(cloud.runs.len(), "run");
            let lines = [agent, environment, &runs, &words(cloud.centre)];
            area.draw(&Tooltip::new(centre, &lines.map(String::as_str)))?;
        }
        Ok(())
    }
}
