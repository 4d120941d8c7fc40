//! `cost-by-phase`: what a run of each agent costs, in wall seconds and in FLOPs, stacked by phase.
//!
//! Bars are means over finished runs. The number at the end of a bar is the sum over phases.

use plotters::element::{PathElement, Rectangle};
use plotters::style::text_anchor::HPos;
use plotters::style::{Color, RGBColor, ShapeStyle};
use zerolab_metrics::Phase;

use super::canvas::{Area, DrawResult};
use super::kind::{FigureKind, Picture, PictureResult};
use super::legend::Legend;
use super::palette::{FAINT, INK};
use super::short_labels::{MAX_LABEL, ShortLabels};
use super::text::{LABEL, TITLE, style, write};
use super::tooltip::Tooltip;
use crate::costs::{GroupCost, PhaseMean};
use crate::findings::Findings;
use crate::groups::distinct_in_order;
use crate::numbers::{duration, prefixed};

pub(super) const KIND: FigureKind = FigureKind {
    name: "cost-by-phase",
    summary: "wall seconds and FLOPs of a run, stacked by phase: acting, reanalysis, learning, evaluation",
    xs: &[],
    picture,
};

const MARGIN: i32 = 30;
const HEADER: i32 = 180;
const BAR_ROW: i32 = 78;
const BAR_HEIGHT: i32 = 50;
const COLUMN_WIDTH: i32 = 680;
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
    environments: Vec<&'a str>,
    quantities: Vec<StackedQuantity>,
    phases: Vec<Phase>,
    names: ShortLabels,
    titles: ShortLabels,
    legend: Legend,
}

fn picture<'a>(findings: &'a Findings, _x: &str) -> PictureResult<'a> {
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
    let agents = costs.iter().map(|cost| findings.groups[cost.group].agent.as_str());
    let names = ShortLabels::new(agents, MAX_LABEL, LABEL);
    let environments = distinct_in_order(costs, |cost| &findings.groups[cost.group].environment);
    let labels: Vec<String> = phases.iter().map(|phase| phase.name().to_owned()).collect();
    let figure_width = names.widest() + 3 * MARGIN + quantities.len() as i32 * COLUMN_WIDTH;
    let titles = environments.iter().copied();
    let titles = ShortLabels::new(titles, figure_width - 2 * MARGIN, TITLE);
    Ok(Box::new(CostByPhase {
        findings,
        environments,
        quantities,
        phases,
        names,
        titles,
        legend: Legend::new(&labels, figure_width),
    }))
}

impl Picture for CostByPhase<'_> {
    fn size(&self) -> (u32, u32) {
        let rows = self.findings.costs.len() as i32;
        let headers = self.environments.len() as i32;
        let width = self.names.widest() + 3 * MARGIN + self.quantities.len() as i32 * COLUMN_WIDTH;
        let height = headers * HEADER + rows * BAR_ROW + 2 * MARGIN + self.legend.height();
        (width as u32, height as u32)
    }

    fn caption(&self) -> String {
        "What a run costs, by phase: means over finished runs. FLOPs are 2 × multiply–accumulates of the \
         layers executed."
            .to_owned()
    }

    fn draw(&self, area: &Area<'_>) -> DrawResult {
        let mut y = 0;
        for environment in &self.environments {
            let here =
                |cost: &&GroupCost| self.findings.groups[cost.group].environment == *environment;
            let costs: Vec<&GroupCost> = self.findings.costs.iter().filter(here).collect();
            self.draw_header(area, environment, y)?;
            y += HEADER;
            self.draw_bars(area, &costs, y)?;
            y += costs.len() as i32 * BAR_ROW;
        }
        let (_, legend) = area.split_vertically(y + MARGIN);
        self.legend.draw(&legend, |area, index, (left, right), y| {
            area.draw(&Rectangle::new(
                [(left, y - 20), (right, y + 20)],
                colour(self.phases[index]).filled(),
            ))
        })
    }
}

impl CostByPhase<'_> {
    fn column_left(&self, column: usize) -> i32 {
        self.names.widest() + 2 * MARGIN + column as i32 * COLUMN_WIDTH
    }

    fn draw_header(&self, area: &Area<'_>, environment: &str, y: i32) -> DrawResult {
        let (total, _) = area.dim_in_pixel();
        let title = self.titles.of(environment);
        write(area, title, &style(TITLE, INK, HPos::Center), (total as i32 / 2, y + 70))?;
        for (column, quantity) in self.quantities.iter().enumerate() {
            let at = (self.column_left(column), y + 145);
            write(area, quantity.title, &style(LABEL, INK, HPos::Left), at)?;
        }
        Ok(())
    }

    fn draw_bars(&self, area: &Area<'_>, costs: &[&GroupCost], top: i32) -> DrawResult {
        for (row, cost) in costs.iter().enumerate() {
            let middle = top + row as i32 * BAR_ROW + BAR_ROW / 2;
            let name = self.names.of(&self.findings.groups[cost.group].agent);
            let at = (MARGIN + self.names.widest(), middle);
            write(area, name, &style(LABEL, INK, HPos::Right), at)?;
        }
        for (column, quantity) in self.quantities.iter().enumerate() {
            let left = self.column_left(column);
            let longest = costs.iter().map(|cost| self.total(cost, quantity)).fold(0.0, f64::max);
            let bottom = top + costs.len() as i32 * BAR_ROW;
            for (row, cost) in costs.iter().enumerate() {
                let middle = top + row as i32 * BAR_ROW + BAR_ROW / 2;
                self.draw_bar(area, cost, quantity, (left, middle), longest)?;
            }
            let edge = ShapeStyle::from(&FAINT).stroke_width(3);
            area.draw(&PathElement::new(vec![(left, top), (left, bottom)], edge))?;
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
                (value / longest * f64::from(COLUMN_WIDTH - TOTAL_WIDTH)) as i32
            } else {
                0
            }
        };
        let mut sum = 0.0;
        for phase in &self.phases {
            let spent = cost.phases.get(phase).map_or(0.0, quantity.of);
            let (start, end) = (left + pixels(sum), left + pixels(sum + spent));
            sum += spent;
            if end > start {
                let corners = [(start, middle - BAR_HEIGHT / 2), (end, middle + BAR_HEIGHT / 2)];
                area.draw(&Rectangle::new(corners, colour(*phase).filled()))?;
                let agent = &self.findings.groups[cost.group].agent;
                let spent = format!("{}: {}", phase.name(), (quantity.write)(spent));
                area.draw(&Tooltip::of_bar(start, end, middle, &[agent, &spent]))?;
            }
        }
        let at = (left + pixels(sum) + 16, middle);
        write(area, &(quantity.write)(sum), &style(LABEL, INK, HPos::Left), at)
    }
}
