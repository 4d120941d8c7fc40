//! Shares of runs that change in steps, with pointwise bands, one panel per environment: survival and
//! performance profiles.

use zerolab_metrics::statistics::Interval;

use super::axis::Axis;
use super::canvas::{Area, DrawResult};
use super::chart::{PanelAxes, PanelGrid};
use super::data::Datum;
use super::kind::Picture;
use super::legend::LegendEntry;
use super::lines::{add_tooltip, draw_band, draw_line, draw_sample};
use super::palette::Palette;
use crate::findings::Findings;
use crate::groups::distinct_in_order;

/// A figure of stepped curves.
pub(super) struct SteppedCurves<'a> {
    palette: Palette,
    agents: Vec<&'a str>,
    panels: Vec<SteppedPanel<'a>>,
    caption: String,
    grid: PanelGrid,
}

pub(super) struct SteppedPanel<'a> {
    pub title: String,
    pub x_title: String,
    pub y_title: String,
    /// The ends of the x axis.
    pub span: (f64, f64),
    pub curves: Vec<SteppedCurve<'a>>,
}

/// The share of an agent's runs.
pub(super) struct SteppedCurve<'a> {
    pub agent: &'a str,
    pub runs: usize,
    /// From the left end to the right end; in between, where the share changes.
    pub points: Vec<SteppedPoint>,
}

/// The share from `x` to the next point.
pub(super) struct SteppedPoint {
    pub x: f64,
    pub share: f64,
    /// `None` for fewer runs than it takes to judge.
    pub band: Option<Interval>,
    /// What the tooltip says below the agent.
    pub lines: [String; 2],
}

impl SteppedCurve<'_> {
    /// The corners of the steps of a quantity.
    fn steps<T: Copy>(&self, of: impl Fn(&SteppedPoint) -> Option<T>) -> Vec<(f64, T)> {
        let pairs = self.points.windows(2).flat_map(|pair| {
            let value = of(&pair[0]);
            [value.map(|it| (pair[0].x, it)), value.map(|it| (pair[1].x, it))]
        });
        let last = self.points.last().and_then(|last| Some((last.x, of(last)?)));
        pairs.flatten().chain(last).collect()
    }
}

impl<'a> SteppedCurves<'a> {
    /// The figure of these panels.
    pub fn new(findings: &'a Findings, panels: Vec<SteppedPanel<'a>>, caption: String) -> Self {
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
        Self { palette, agents, panels, caption, grid }
    }

    fn draw_panel(&self, panel: &SteppedPanel<'_>, title: &str, area: &Area<'_>) -> DrawResult {
        let frame = PanelAxes {
            title,
            x: Axis::linear(panel.span.0, panel.span.1),
            x_title: &panel.x_title,
            y: Axis::linear(-0.02, 1.04),
            y_title: &panel.y_title,
            right: 0,
        };
        let mut chart = frame.draw(area)?;
        for curve in &panel.curves {
            let band = curve.steps(|point| point.band);
            draw_band(&mut chart, self.palette.line(curve.agent), &band, panel.curves.len())?;
        }
        for curve in &panel.curves {
            let steps = curve.steps(|point| Some(point.share));
            draw_line(&chart, area, self.palette.line(curve.agent), &steps)?;
        }
        for curve in &panel.curves {
            for point in &curve.points {
                let [first, second] = &point.lines;
                let lines = [curve.agent, first, second];
                add_tooltip(&chart, area, (point.x, point.share), &lines)?;
            }
        }
        Ok(())
    }
}

impl Picture for SteppedCurves<'_> {
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
        let of_panel = |panel: &SteppedPanel<'_>| {
            let of_curve = |curve: &SteppedCurve<'_>| {
                let datum = |point: &SteppedPoint| Datum {
                    panel: panel.title.clone(),
                    agent: curve.agent.to_owned(),
                    x: Some(point.x),
                    value: point.share,
                    interval: point.band,
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
