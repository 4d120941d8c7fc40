//! `cost-against-score`: the final score of each agent against what a run costs. One panel per environment.
//!
//! The Pareto front is marked: the agents whose score no other agent reaches at the same or a lower cost.

use plotters::element::{Circle, DashedPathElement};
use plotters::style::ShapeStyle;
use zerolab_metrics::Measure;

use super::axis::Axis;
use super::canvas::{Area, DrawResult};
use super::chart::{Chart, PanelAxes, PanelGrid};
use super::data::Datum;
use super::kind::{Choice, FigureKind, Picture, PictureResult, Section};
use super::legend::LegendEntry;
use super::lines::{draw_interval, pixel};
use super::markers::RADIUS;
use super::measures::{definition, undefined};
use super::palette::{INK, Palette};
use super::scales::{axis_unit, padded_range, span};
use super::tooltip::Tooltip;
use crate::findings::Findings;
use crate::groups::distinct_in_order;
use crate::numbers::{counted, exact, with_interval};
use crate::scores::Estimate;
use crate::spending::SpentQuantity;

pub(super) const KIND: FigureKind = FigureKind {
    name: "cost-against-score",
    summary: "final score against what a run costs, with 95 % intervals and the Pareto front, one panel \
        per environment",
    section: Section::Costs,
    xs: &["wall_seconds", "real_steps", "updates", "imagined_steps", "flops", "dollars"],
    has_y: true,
    picture,
};

struct CostAgainstScore<'a> {
    palette: Palette,
    agents: Vec<&'a str>,
    panels: Vec<(&'a str, Vec<CostPoint<'a>>)>,
    x: SpentQuantity,
    measure: Measure,
    y_title: String,
    definition: String,
    grid: PanelGrid,
}

struct CostPoint<'a> {
    agent: &'a str,
    cost: f64,
    estimate: Estimate,
}

fn picture<'a>(findings: &'a Findings, choice: &Choice) -> PictureResult<'a> {
    let (measure, x) = (choice.measure(), SpentQuantity::from_name(choice.x));
    if !measure.more_is_better() {
        return Err(format!(
            "more {} is not better, and so no agent beats another",
            measure.title()
        ));
    }
    let points = |environment: &'a str| -> (&'a str, Vec<CostPoint<'a>>) {
        let point = |(index, agent): (usize, &'a str)| {
            let estimate = findings.score(index, &measure)?.estimate?;
            Some(CostPoint { agent, cost: findings.cost(index)?.spent(x)?, estimate })
        };
        let groups = findings.groups.iter().enumerate();
        let here = groups.filter(|(_, group)| group.environment == environment);
        (environment, here.filter_map(|(index, group)| point((index, &group.agent))).collect())
    };
    let environments = distinct_in_order(&findings.groups, |group| &group.environment);
    let panels: Vec<_> =
        environments.into_iter().map(points).filter(|(_, points)| !points.is_empty()).collect();
    if panels.is_empty() {
        let is_known = findings.final_estimates(&measure).next().is_some();
        return Err(match is_known || measure == Measure::Return {
            true => format!("no finished run has recorded its {}", x.title()),
            false => undefined(&measure),
        });
    }
    let mut agents = distinct_in_order(&findings.groups, |group| &group.agent);
    agents
        .retain(|agent| panels.iter().flat_map(|(_, points)| points).any(|it| it.agent == *agent));
    let palette = Palette::of(findings);
    let entry = |agent: &&str| LegendEntry {
        text: palette.label(agent).to_owned(),
        whole: (*agent).to_owned(),
    };
    let mut legend: Vec<LegendEntry> = agents.iter().map(entry).collect();
    legend.push(LegendEntry::plain("Pareto front"));
    let titles: Vec<&str> = panels.iter().map(|(environment, _)| *environment).collect();
    let grid = PanelGrid::new(&titles, 0, legend);
    let y_title = format!("final {}", measure.title());
    let definition = definition(findings, &measure);
    Ok(Box::new(CostAgainstScore {
        palette,
        agents,
        panels,
        x,
        measure,
        y_title,
        definition,
        grid,
    }))
}

/// The pairs of cost and score that no other pair beats at the same or a lower cost, cheapest first.
fn pareto_front(points: impl Iterator<Item = (f64, f64)>) -> Vec<(f64, f64)> {
    let mut points: Vec<(f64, f64)> = points.collect();
    points.sort_by(|first, second| first.0.total_cmp(&second.0).then(second.1.total_cmp(&first.1)));
    let mut front: Vec<(f64, f64)> = Vec::new();
    for point in points {
        if front.last().is_none_or(|best| point.1 > best.1 || point == *best) {
            front.push(point);
        }
    }
    front
}

impl Picture for CostAgainstScore<'_> {
    fn size(&self, available: i32) -> (i32, i32) {
        self.grid.size(available)
    }

    fn min_height(&self, width: i32) -> i32 {
        self.grid.min_height(width)
    }

    fn caption(&self) -> String {
        format!(
            "Final {} (IQM over seeds, mean below 4 seeds) against {}, a mean over finished runs. \
             Vertical lines: 95 % bootstrap intervals. Ringed and joined: the Pareto front, agents that no \
             other beats at the same or a lower cost.{}",
            self.measure.title(),
            self.x.title(),
            self.definition,
        )
    }

    fn data(&self) -> Vec<Datum> {
        let of_panel = |(environment, points): &(&str, Vec<CostPoint>)| {
            let datum = |point: &CostPoint| Datum {
                panel: (*environment).to_owned(),
                agent: point.agent.to_owned(),
                x: Some(point.cost),
                value: point.estimate.value,
                interval: point.estimate.interval,
                runs: point.estimate.seeds,
            };
            points.iter().map(datum).collect::<Vec<_>>()
        };
        self.panels.iter().flat_map(of_panel).collect()
    }

    fn draw(&self, area: &Area<'_>) -> DrawResult {
        self.grid.draw(
            area,
            |index, title, area| self.draw_panel(index, title, area),
            |area, index, ends, y| {
                let middle = (i32::midpoint(ends.0, ends.1), y);
                match self.agents.get(index) {
                    Some(agent) => {
                        let line = self.palette.line(agent);
                        line.marker.draw(area, middle, line.colour)
                    }
                    None => {
                        let thin = ShapeStyle::from(&INK).stroke_width(3);
                        area.draw(&DashedPathElement::new(
                            [(ends.0, y), (ends.1, y)],
                            16,
                            12,
                            thin,
                        ))?;
                        ring(area, middle)
                    }
                }
            },
        )
    }
}

impl CostAgainstScore<'_> {
    fn draw_panel(&self, index: usize, title: &str, area: &Area<'_>) -> DrawResult {
        let (_, points) = &self.panels[index];
        let max_cost = points.iter().map(|point| point.cost).fold(0.0, f64::max);
        let (unit, x_title) = axis_unit(self.x, max_cost);
        let frame = PanelAxes {
            title,
            x: Axis::around(points.iter().map(|point| point.cost / unit)),
            x_title,
            y: padded_range(points.iter().map(|it| span(it.estimate.value, it.estimate.interval)))
                .into(),
            y_title: &self.y_title,
            right: 0,
        };
        let chart = frame.draw(area)?;
        let front =
            pareto_front(points.iter().map(|point| (point.cost / unit, point.estimate.value)));
        draw_steps(&chart, area, &front)?;
        for point in points {
            let (x, line) = (point.cost / unit, self.palette.line(point.agent));
            if let Some(interval) = point.estimate.interval {
                draw_interval(&chart, area, line, x, interval)?;
            }
            let at = pixel(&chart, area, (x, point.estimate.value));
            line.marker.draw(area, at, line.colour)?;
            let Estimate { value, interval, seeds, .. } = point.estimate;
            let cost = format!("{}, {}", self.x.amount(point.cost), counted(seeds, "run"));
            let value = with_interval(value, interval, exact);
            area.draw(&Tooltip::new(at, &[point.agent, &cost, &value]))?;
        }
        for point in front {
            ring(area, pixel(&chart, area, point))?;
        }
        Ok(())
    }
}

/// Draws the best score for each cost: constant up to the next point of the front.
fn draw_steps(chart: &Chart<'_, '_>, area: &Area<'_>, front: &[(f64, f64)]) -> DrawResult {
    let corners = front.windows(2).flat_map(|pair| [pair[0], (pair[1].0, pair[0].1)]);
    let end = front.last().map(|last| [*last, (chart.x_range().end, last.1)]);
    let corners = corners.chain(end.into_iter().flatten());
    let corners: Vec<(i32, i32)> = corners.map(|point| pixel(chart, area, point)).collect();
    area.draw(&DashedPathElement::new(corners, 16, 12, ShapeStyle::from(&INK).stroke_width(3)))
}

fn ring(area: &Area<'_>, at: (i32, i32)) -> DrawResult {
    area.draw(&Circle::new(at, 2 * RADIUS, ShapeStyle::from(&INK).stroke_width(3)))
}

#[cfg(test)]
mod tests {
    use super::pareto_front;

    #[test]
    fn the_front_has_the_points_that_nothing_cheaper_beats() {
        let points = [(3.0, 5.0), (1.0, 2.0), (2.0, 1.0), (2.0, 4.0), (4.0, 5.0), (5.0, 6.0)];
        let expected = [(1.0, 2.0), (2.0, 4.0), (3.0, 5.0), (5.0, 6.0)];
        assert_eq!(pareto_front(points.into_iter()), expected);
    }
}
