//! `cost-by-phase`: what a run of each agent costs, in wall seconds and in FLOPs, stacked by phase.
//!
//! Bars are means over finished runs. The number at the end of a bar is the sum over phases.

use plotters::element::{PathElement, Rectangle};
use plotters::style::text_anchor::HPos;
use plotters::style::{Color, RGBColor, ShapeStyle};
use zerolab_metrics::Phase;
use zerolab_metrics::labels::short_label;

use super::canvas::{Area, DrawResult};
use super::chart::dimensions;
use super::kind::{Choice, FigureKind, Picture, PictureResult, Section};
use super::layout::columns;
use super::legend::{Legend, LegendEntry};
use super::palette::{FAINT, INK, Palette};
use super::row_names::RowNames;
use super::text::{LABEL, TITLE, style, write};
use super::tooltip::Tooltip;
use super::wrapped::WrappedText;
use crate::costs::{GroupCost, PhaseMean};
use crate::findings::Findings;
use crate::groups::distinct_in_order;
use crate::numbers::{duration, prefixed};

pub(super) const KIND: FigureKind = FigureKind {
    name: "cost-by-phase",
    summary: "wall seconds and FLOPs of a run, stacked by phase: acting, reanalysis, learning, evaluation",
    section: Section::Costs,
    xs: &[],
    has_y: false,
    picture,
};

const MARGIN: i32 = 30;
const BAR_ROW: i32 = 78;
const BAR_HEIGHT: i32 = 50;
/// The least width of the bars of a quantity.
const MIN_COLUMN: i32 = 640;
/// The space for the number at the end of the longest bar.
const TOTAL_WIDTH: i32 = 280;

/// Tol's light scheme: safe for colour-blind people and different from the colours of agents.
fn colour(phase: Phase) -> RGBColor {
    match phase {
        Phase::Acting => RGBColor(0x77, 0xAA, 0xDD),
        Phase::Reanalysis => RGBColor(0xEE, 0xDD, 0x88),
        Phase::Learning => RGBColor(0xEE, 0x88, 0x66),
        Phase::Evaluation => RGBColor(0xBB, 0xBB, 0xBB),
    }
}

/// One quantity that is stacked by phase.
struct StackedQuantity {
    title: &'static str,
    of: fn(&PhaseMean) -> f64,
    write: fn(f64) -> String,
}

const SECONDS: StackedQuantity = StackedQuantity {
    title: "wall-clock time of a run",
    of: |mean| mean.wall_seconds,
    write: duration,
};
const FLOPS: StackedQuantity = StackedQuantity {
    title: "FLOPs of a run",
    of: |mean| mean.flops,
    write: |flops| if flops > 0.0 { prefixed(flops) } else { "none".to_owned() },
};

struct CostByPhase<'a> {
    findings: &'a Findings,
    palette: Palette,
    environments: Vec<&'a str>,
    quantities: Vec<StackedQuantity>,
    phases: Vec<Phase>,
    legend: Vec<LegendEntry>,
}

fn picture<'a>(findings: &'a Findings, _choice: &Choice) -> PictureResult<'a> {
    let costs = &findings.costs;
    let spends = |phase: &Phase, of: fn(&PhaseMean) -> f64| {
        costs.iter().any(|cost| cost.phases.get(phase).is_some_and(|mean| of(mean) > 0.0))
    };
    let phases: Vec<Phase> = Phase::ALL
        .into_iter()
        .filter(|phase| spends(phase, SECONDS.of) || spends(phase, FLOPS.of))
        .collect();
    if phases.is_empty() {
        return Err("no run has finished with a record of its cost yet".to_owned());
    }
    let mut quantities = vec![SECONDS];
    if phases.iter().any(|phase| spends(phase, FLOPS.of)) {
        quantities.push(FLOPS);
    }
    let environments = distinct_in_order(costs, |cost| &findings.groups[cost.group].environment);
    let legend = phases.iter().map(|phase| LegendEntry::plain(phase.name())).collect();
    let palette = Palette::of(findings);
    Ok(Box::new(CostByPhase { findings, palette, environments, quantities, phases, legend }))
}

impl Picture for CostByPhase<'_> {
    fn size(&self, available: i32) -> (i32, i32) {
        let charts: i32 = self.charts(available).iter().map(|chart| chart.height()).sum();
        (available, charts + Legend::new(&self.legend, available).height())
    }

    fn caption(&self) -> String {
        let means = match self.findings.has_single_runs() {
            true => "",
            false => ": means over finished runs",
        };
        format!(
            "What a run costs, by phase{means}. FLOPs are 2 × multiply–accumulates of the layers executed."
        )
    }

    fn draw(&self, area: &Area<'_>) -> DrawResult {
        let (width, _) = dimensions(area);
        let mut top = 0;
        for chart in self.charts(width) {
            chart.draw(area, top)?;
            top += chart.height();
        }
        let (_, below) = area.split_vertically(top);
        Legend::new(&self.legend, width).draw(&below, |area, index, (left, right), y| {
            area.draw(&Rectangle::new(
                [(left, y - 20), (right, y + 20)],
                colour(self.phases[index]).filled(),
            ))
        })
    }
}

impl CostByPhase<'_> {
    /// The bars of each environment: those of both quantities side by side, or below each other if the figure is
    /// narrow.
    fn charts(&self, width: i32) -> Vec<BarChart<'_>> {
        let name = |cost: &GroupCost| self.palette.label(&self.findings.groups[cost.group].agent);
        let space = RowNames::space(self.findings.costs.iter().map(name), width);
        let columns = columns(self.quantities.len(), width - space, MIN_COLUMN);
        let chart = |(environment, quantities): (&&str, _)| {
            let here =
                |cost: &&GroupCost| self.findings.groups[cost.group].environment == *environment;
            let costs: Vec<&GroupCost> = self.findings.costs.iter().filter(here).collect();
            let labels: Vec<&str> = costs.iter().map(|cost| name(cost)).collect();
            let names = RowNames::new(&labels, space, width);
            let title = WrappedText::new(&short_label(environment), width - 2 * MARGIN, TITLE);
            let column_width = (width - space - 2 * MARGIN) / columns as i32;
            BarChart { figure: self, title, quantities, costs, names, column_width }
        };
        let environments = self.environments.iter();
        let charts = environments
            .flat_map(|it| self.quantities.chunks(columns).map(move |quantities| (it, quantities)));
        charts.map(chart).collect()
    }
}

/// The bars of one environment.
struct BarChart<'a> {
    figure: &'a CostByPhase<'a>,
    title: WrappedText,
    quantities: &'a [StackedQuantity],
    costs: Vec<&'a GroupCost>,
    names: RowNames,
    column_width: i32,
}

impl BarChart<'_> {
    fn header(&self) -> i32 {
        self.title.height() + LABEL * 3 / 2 + MARGIN
    }

    fn height(&self) -> i32 {
        let rows = (0..self.costs.len()).map(|row| self.names.row_height(row, BAR_ROW));
        self.header() + rows.sum::<i32>() + 2 * MARGIN
    }

    fn draw(&self, area: &Area<'_>, top: i32) -> DrawResult {
        self.title.write(area, &style(TITLE, INK, HPos::Left), (MARGIN, top + MARGIN / 2))?;
        let first = top + self.header();
        let mut y = first;
        let mut middles = Vec::new();
        for row in 0..self.costs.len() {
            middles.push(self.names.draw(area, row, y, BAR_ROW)?);
            y += self.names.row_height(row, BAR_ROW);
        }
        for (column, quantity) in self.quantities.iter().enumerate() {
            let left = self.names.column() + MARGIN + column as i32 * self.column_width;
            let title = (left, first - LABEL * 3 / 4);
            write(area, quantity.title, &style(LABEL, INK, HPos::Left), title)?;
            let totals = self.costs.iter().map(|cost| self.total(cost, quantity));
            let longest = totals.fold(0.0, f64::max);
            for (cost, middle) in self.costs.iter().zip(&middles) {
                self.draw_bar(area, cost, quantity, (left, *middle), longest)?;
            }
            let edge = ShapeStyle::from(&FAINT).stroke_width(3);
            area.draw(&PathElement::new(vec![(left, first), (left, y)], edge))?;
        }
        Ok(())
    }

    fn total(&self, cost: &GroupCost, quantity: &StackedQuantity) -> f64 {
        cost.phases.values().map(quantity.of).sum()
    }

    fn draw_bar(
        &self,
        area: &Area<'_>,
        cost: &GroupCost,
        quantity: &StackedQuantity,
        (left, middle): (i32, i32),
        longest: f64,
    ) -> DrawResult {
        let pixels = |value: f64| {
            if longest > 0.0 {
                (value / longest * f64::from(self.column_width - TOTAL_WIDTH)) as i32
            } else {
                0
            }
        };
        let mut sum = 0.0;
        for phase in &self.figure.phases {
            let spent = cost.phases.get(phase).map_or(0.0, quantity.of);
            let (start, end) = (left + pixels(sum), left + pixels(sum + spent));
            sum += spent;
            if end > start {
                let corners = [(start, middle - BAR_HEIGHT / 2), (end, middle + BAR_HEIGHT / 2)];
                area.draw(&Rectangle::new(corners, colour(*phase).filled()))?;
                let agent = &self.figure.findings.groups[cost.group].agent;
                let spent = format!("{}: {}", phase.name(), (quantity.write)(spent));
                area.draw(&Tooltip::of_bar(start, end, middle, &[agent, &spent]))?;
            }
        }
        let at = (left + pixels(sum) + 16, middle);
        write(area, &(quantity.write)(sum), &style(LABEL, INK, HPos::Left), at)
    }
}
