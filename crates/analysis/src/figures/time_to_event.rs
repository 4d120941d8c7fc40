//! `time-to-event`: the share of runs whose training episodes are not yet mostly ones of an event, against real
//! steps (Kaplan & Meier 1958). One panel per environment and event.

use zerolab_metrics::statistics::{Interval, MIN_RUNS_TO_JUDGE};

use super::axis::Axis;
use super::canvas::{Area, DrawResult};
use super::chart::{PanelAxes, PanelGrid};
use super::data::Datum;
use super::kind::{Choice, FigureKind, Picture, PictureResult, Section};
use super::legend::LegendEntry;
use super::lines::{add_tooltip, draw_band, draw_line, draw_sample};
use super::palette::Palette;
use crate::event_times::{EventTimes, THRESHOLD, WINDOW};
use crate::findings::Findings;
use crate::groups::{distinct_in_order, find_or_add};
use crate::numbers::{counted, exact, with_interval};
use crate::spending::SpentQuantity;

pub(super) const KIND: FigureKind = FigureKind {
    name: "time-to-event",
    summary: "share of runs whose training is not yet mostly an event of the environment, against real steps, \
        with 95 % bands, one panel per environment and event",
    section: Section::Curves,
    xs: &[],
    has_y: false,
    picture,
};

/// The confidence of the bands.
const CONFIDENCE: f64 = 0.95;

struct TimeToEvent<'a> {
    palette: Palette,
    agents: Vec<&'a str>,
    panels: Vec<EventPanel<'a>>,
    grid: PanelGrid,
}

struct EventPanel<'a> {
    title: String,
    curves: Vec<SurvivalCurve<'a>>,
}

/// The share of an agent's runs that have not yet reached the event.
struct SurvivalCurve<'a> {
    agent: &'a str,
    runs: usize,
    reached: usize,
    /// From 0 to the end of the budget: where the share changes.
    points: Vec<(f64, f64, Option<Interval>)>,
}

impl<'a> SurvivalCurve<'a> {
    fn of(agent: &'a str, times: &EventTimes) -> Self {
        let all = Some(Interval { low: 1.0, high: 1.0 });
        let mut points = vec![(0.0, 1.0, all)];
        for step in times.times.survival() {
            points.push((step.time, step.share, step.interval(CONFIDENCE)));
        }
        // The last share stays until the end of the budget.
        let last = points.last().map(|&(_, share, band)| (times.horizon, share, band));
        points.extend(last);
        if times.runs < MIN_RUNS_TO_JUDGE {
            points.iter_mut().for_each(|point| point.2 = None);
        }
        Self { agent, runs: times.runs, reached: times.reached, points }
    }

    /// The corners of the steps of a quantity that changes at the points.
    fn steps<T: Copy>(
        &self,
        of: impl Fn(&(f64, f64, Option<Interval>)) -> Option<T>,
    ) -> Vec<(f64, T)> {
        let pairs = self.points.windows(2).flat_map(|pair| {
            let value = of(&pair[0]);
            [value.map(|it| (pair[0].0, it)), value.map(|it| (pair[1].0, it))]
        });
        let last = self.points.last().and_then(|last| Some((last.0, of(last)?)));
        pairs.flatten().chain(last).collect()
    }
}

fn picture<'a>(findings: &'a Findings, _choice: &Choice) -> PictureResult<'a> {
    let mut panels: Vec<EventPanel> = Vec::new();
    for times in &findings.event_times {
        let group = &findings.groups[times.group];
        let title = format!("{}: {}", group.environment, times.event);
        let panel = find_or_add(
            &mut panels,
            |it| it.title == title,
            || EventPanel { title: title.clone(), curves: Vec::new() },
        );
        panel.curves.push(SurvivalCurve::of(&group.agent, times));
    }
    if panels.is_empty() {
        return Err("no finished run has recorded an event of its environment".to_owned());
    }
    let mut agents = distinct_in_order(&findings.groups, |group| &group.agent);
    agents.retain(|agent| panels.iter().flat_map(|it| &it.curves).any(|it| it.agent == *agent));
    let palette = Palette::of(findings);
    let entry = |agent: &&str| LegendEntry {
        text: palette.label(agent).to_owned(),
        whole: (*agent).to_owned(),
    };
    let legend = agents.iter().map(entry).collect();
    let titles: Vec<&str> = panels.iter().map(|panel| panel.title.as_str()).collect();
    let grid = PanelGrid::new(&titles, 0, legend);
    Ok(Box::new(TimeToEvent { palette, agents, panels, grid }))
}

impl Picture for TimeToEvent<'_> {
    fn size(&self, available: i32) -> (i32, i32) {
        self.grid.size(available)
    }

    fn min_height(&self, width: i32) -> i32 {
        self.grid.min_height(width)
    }

    fn caption(&self) -> String {
        format!(
            "Share of finished runs in which the event has not yet happened in more than half of the steps: the \
             mean share of steps over the last {WINDOW} training episodes has not exceeded {THRESHOLD} \
             (Kaplan–Meier; a run that never does so is censored at its budget). Bands: 95 % intervals, \
             pointwise, from {MIN_RUNS_TO_JUDGE} runs on; none where no run is left."
        )
    }

    fn data(&self) -> Vec<Datum> {
        let of_panel = |panel: &EventPanel<'_>| {
            let of_curve = |curve: &SurvivalCurve<'_>| {
                let datum = |&(x, value, interval): &(f64, f64, Option<Interval>)| Datum {
                    panel: panel.title.clone(),
                    agent: curve.agent.to_owned(),
                    x: Some(x),
                    value,
                    interval,
                    runs: curve.runs,
                };
                curve.points.iter().map(datum).collect::<Vec<_>>()
            };
            panel.curves.iter().flat_map(of_curve).collect::<Vec<_>>()
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

impl TimeToEvent<'_> {
    fn draw_panel(&self, panel: &EventPanel<'_>, title: &str, area: &Area<'_>) -> DrawResult {
        let ends = panel.curves.iter().filter_map(|curve| Some(curve.points.last()?.0));
        let frame = PanelAxes {
            title,
            x: Axis::linear(0.0, ends.fold(1.0, f64::max) * 1.02),
            x_title: SpentQuantity::RealSteps.title(),
            y: (-0.04, 1.06),
            y_title: "share of runs that have not reached it",
            right: 0,
        };
        let mut chart = frame.draw(area)?;
        for curve in &panel.curves {
            let line = self.palette.line(curve.agent);
            draw_band(&mut chart, line, &curve.steps(|point| point.2), panel.curves.len())?;
        }
        for curve in &panel.curves {
            let line = self.palette.line(curve.agent);
            draw_line(&chart, area, line, &curve.steps(|point| Some(point.1)))?;
            for &(x, share, interval) in &curve.points {
                let at = SpentQuantity::RealSteps.amount(x);
                let runs = format!("{} of {} have", curve.reached, counted(curve.runs, "run"));
                let lines = [curve.agent, &at, &with_interval(share, interval, exact), &runs];
                add_tooltip(&chart, area, (x, share), &lines)?;
            }
        }
        Ok(())
    }
}
