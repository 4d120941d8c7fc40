//! `exchange`: how much real experience imagined experience replaces. Real steps of training until the return reaches a
//! level, against imagined steps per real step. One panel per environment, and a line for each level.
//!
//! The caption and the fitted rates are in `exchange_caption.rs`.

use plotters::element::DashedPathElement;
use plotters::style::text_anchor::HPos;
use plotters::style::{FontTransform, RGBColor, ShapeStyle};

use super::axis::Axis;
use super::canvas::{Area, DrawResult};
use super::chart::{Chart, PanelAxes, PanelGrid};
use super::data::Datum;
use super::exchange_caption::{Reference, References, caption, rate_in_words};
use super::kind::{Choice, FigureKind, Picture, PictureResult, Section};
use super::legend::LegendEntry;
use super::lines::{draw_arrow, draw_open_interval, draw_path, draw_plain_sample, pixel};
use super::markers::Marker;
use super::palette::{COLOURS, FAINT, INK, LineStyle, Palette};
use super::shades::shade;
use super::text::style;
use super::tooltip::Tooltip;
use crate::exchange::{Exchange, LEVELS, Level, LevelVariant, exchanges};
use crate::findings::Findings;
use crate::groups::distinct_in_order;
use crate::numbers::{counted, exact, score};
use crate::spending::SpentQuantity;

pub(super) const KIND: FigureKind = FigureKind {
    name: "exchange",
    summary: "real steps until the return reaches a level against imagined steps per real step, with 95 % intervals and \
        the exchange rate, one panel per environment",
    section: Section::Costs,
    xs: &[],
    has_y: false,
    picture,
};

/// The confidence of the intervals of medians.
const CONFIDENCE: f64 = 0.95;
/// The distance in pixels between the points of two levels, so that their intervals do not cover each other.
const ASIDE: i32 = 14;
/// Text size of the names of references: three stand side by side.
const NAME_SIZE: i32 = 34;
const NAME_GAP: i32 = 22;

struct ExchangeFigure<'a> {
    panels: Vec<Exchange<'a>>,
    /// The names of agents, without settings. Each has a marker.
    agents: Vec<&'a str>,
    references: References,
    palette: Palette,
    grid: PanelGrid,
}

fn picture<'a>(findings: &'a Findings, _choice: &Choice) -> PictureResult<'a> {
    let mut panels = exchanges(findings);
    let imagines = |panel: &Exchange<'_>| {
        panel.levels.iter().flat_map(|level| &level.variants).any(|it| it.imagined() > 0.0)
    };
    panels.retain(imagines);
    if panels.is_empty() {
        return Err("no finished run that learns has imagined steps".to_owned());
    }
    panels.retain(|panel| panel.levels.iter().any(|level| points(level).next().is_some()));
    if panels.is_empty() {
        return Err("no variant reaches a level in half of its runs".to_owned());
    }
    let shown = || panels.iter().flat_map(|panel| &panel.levels).flat_map(points);
    let mut agents = distinct_in_order(&findings.groups, |group| &group.agent_name);
    agents.retain(|agent| shown().any(|(it, _)| it.group.agent_name == *agent));
    let palette = Palette::of_labels(findings, &agents);
    let mut legend: Vec<LegendEntry> =
        (0..LEVELS.len()).map(|place| LegendEntry::plain(&level_name(place, &panels))).collect();
    if agents.len() > 1 {
        legend.extend(agents.iter().map(|agent| LegendEntry::plain(agent)));
    }
    let references = References::of(&panels);
    legend.extend(references.legend());
    let titles: Vec<&str> = panels.iter().map(|panel| panel.environment).collect();
    let grid = PanelGrid::new(&titles, 0, legend);
    Ok(Box::new(ExchangeFigure { panels, agents, references, palette, grid }))
}

/// The legend's name of a level. With its exchange rate if there is one panel.
fn level_name(place: usize, panels: &[Exchange<'_>]) -> String {
    let name = format!("{} % of the way", LEVELS[place]);
    match panels {
        [only] => match &only.levels[place].rate {
            Some(rate) => format!("{name}: χ = {}", rate_in_words(rate)),
            None => name,
        },
        _ => name,
    }
}

/// The variants that reach a level in half of their runs, and the median of their real steps.
fn points<'b, 'a>(level: &'b Level<'a>) -> impl Iterator<Item = (&'b LevelVariant<'a>, f64)> {
    level.variants.iter().filter_map(|it| Some((it, it.median()?)))
}

impl Picture for ExchangeFigure<'_> {
    fn size(&self, available: i32) -> (i32, i32) {
        self.grid.size(available)
    }

    fn min_height(&self, width: i32) -> i32 {
        self.grid.min_height(width)
    }

    fn caption(&self) -> String {
        caption(&self.panels, &self.references)
    }

    fn data(&self) -> Vec<Datum> {
        let of_level = |panel: &Exchange<'_>, level: &Level<'_>| {
            let title = format!(
                "{}: {} % (return {})",
                panel.environment,
                level.percent,
                exact(level.r#return)
            );
            let datum = |agent: &str, x, value, interval, runs| Datum {
                panel: title.clone(),
                agent: agent.to_owned(),
                x,
                value,
                interval,
                runs,
            };
            let of_variant = |it: &LevelVariant<'_>| {
                let median = it.median();
                let interval = median.and_then(|_| it.variant.times().median_interval(CONFIDENCE));
                let (value, runs) = (median.unwrap_or(f64::NAN), it.variant.runs());
                datum(&it.group.agent, Some(it.imagined()), value, interval, runs)
            };
            let rate = level.rate.iter();
            let rate = rate.map(|it| datum("exchange rate χ", None, it.rate, it.interval, it.runs));
            level.variants.iter().map(of_variant).chain(rate).collect::<Vec<_>>()
        };
        let of_panel = |panel: &Exchange<'_>| {
            panel.levels.iter().flat_map(|level| of_level(panel, level)).collect::<Vec<_>>()
        };
        self.panels.iter().flat_map(of_panel).collect()
    }

    fn draw(&self, area: &Area<'_>) -> DrawResult {
        self.grid.draw(
            area,
            |index, title, area| self.draw_panel(&self.panels[index], title, area),
            |area, index, ends, y| self.draw_sample(area, index, ends, y),
        )
    }
}

impl ExchangeFigure<'_> {
    /// Draws the legend's sample of an entry: first the levels, then agents if there are several, then references.
    fn draw_sample(
        &self,
        area: &Area<'_>,
        entry: usize,
        (left, right): (i32, i32),
        y: i32,
    ) -> DrawResult {
        let line = LineStyle::solid(INK, Marker::Circle);
        let agents = if self.agents.len() > 1 { &self.agents[..] } else { &[] };
        if entry < LEVELS.len() {
            return draw_plain_sample(area, self.line(entry, self.agents[0]), (left, right), y);
        }
        if let Some(agent) = agents.get(entry - LEVELS.len()) {
            let middle = (i32::midpoint(left, right), y);
            return self.palette.line(agent).marker.draw(area, middle, INK);
        }
        let ends = [(left, y), (right, y)];
        if entry - LEVELS.len() - agents.len() < self.references.drawn.len() {
            return area.draw(&DashedPathElement::new(ends.to_vec(), 16, 12, thin(&INK)));
        }
        draw_path(area, line, ends.to_vec())?;
        draw_arrow(area, line, ends[0], ends[1])
    }

    /// A level has a shade, darker for a higher one, and an agent has a marker.
    fn line(&self, place: usize, agent: &str) -> LineStyle {
        let marker = match self.agents.len() {
            1 => Marker::Circle,
            _ => self.palette.line(agent).marker,
        };
        LineStyle::solid(shade(COLOURS[0], place, LEVELS.len()), marker)
    }

    fn draw_panel(&self, panel: &Exchange<'_>, title: &str, area: &Area<'_>) -> DrawResult {
        let shown = || panel.levels.iter().flat_map(points);
        let references = self.references.drawn.iter().map(|reference| reference.imagined);
        let x = Axis::logarithmic(shown().map(|(it, _)| it.imagined()).chain(references));
        let has_zero = shown().any(|(it, _)| it.imagined() == 0.0);
        let x = if has_zero { x.with_zero_column() } else { x };
        let zero_column = x.zero_column();
        let ends = |it: &LevelVariant<'_>| {
            let interval = it.variant.times().median_interval(CONFIDENCE);
            interval.into_iter().flat_map(|it| [it.low, it.high])
        };
        let heights = shown().flat_map(|(it, median)| ends(it).chain([median]));
        let frame = PanelAxes {
            title,
            x,
            x_title: "imagined steps per real step",
            y: Axis::logarithmic(heights.filter(|it| it.is_finite())),
            y_title: "real steps until the return reaches a level",
            right: 0,
        };
        let chart = frame.draw(area)?;
        if let Some(end) = zero_column {
            draw_vertical(&chart, area, end, &FAINT)?;
        }
        for reference in &self.references.drawn {
            draw_reference(reference, &chart, area)?;
        }
        let mut levels = panel.levels.iter().enumerate();
        levels.try_for_each(|(place, level)| self.draw_level(place, level, &chart, area))
    }

    fn draw_level(
        &self,
        place: usize,
        level: &Level<'_>,
        chart: &Chart<'_, '_>,
        area: &Area<'_>,
    ) -> DrawResult {
        let aside = ASIDE * (2 * place as i32 + 1 - LEVELS.len() as i32) / 2;
        let at = |it: &LevelVariant<'_>, steps: f64| {
            let (x, y) = pixel(chart, area, (it.imagined(), steps));
            (x + aside, y)
        };
        let joined = points(level).filter(|(it, _)| it.imagined() > 0.0);
        let joined: Vec<(i32, i32)> = joined.map(|(it, steps)| at(it, steps)).collect();
        if joined.len() > 1 {
            draw_path(area, self.line(place, self.agents[0]), joined)?;
        }
        for (it, steps) in points(level) {
            let line = self.line(place, &it.group.agent_name);
            let interval = it.variant.times().median_interval(CONFIDENCE);
            if let Some(interval) = interval {
                let at = (it.imagined(), steps);
                draw_open_interval(chart, area, line, (at, aside), interval)?;
            }
            line.marker.draw(area, at(it, steps), line.colour)?;
            let imagined = format!("{} imagined steps per real step", score(it.imagined()));
            let steps_to = SpentQuantity::RealSteps.amount(steps);
            let to = format!("{steps_to} to a return of {}", score(level.r#return));
            let runs = counted(it.variant.runs(), "run");
            let reached = format!("{} % of the way, {} of {runs}", level.percent, it.reached);
            let lines = [it.group.agent.as_str(), &imagined, &to, &reached];
            area.draw(&Tooltip::new(at(it, steps), &lines))?;
        }
        Ok(())
    }
}

/// Draws the vertical line of a reference, with its name along it.
fn draw_reference(
    reference: &'static Reference,
    chart: &Chart<'_, '_>,
    area: &Area<'_>,
) -> DrawResult {
    draw_vertical(chart, area, reference.imagined, &INK)?;
    let (x, top) = pixel(chart, area, (reference.imagined, chart.y_range().end));
    let upwards = style(NAME_SIZE, INK, HPos::Right).transform(FontTransform::Rotate270);
    area.draw_text(reference.name, &upwards, (x - NAME_GAP, top))?;
    let imagined = format!("{} imagined steps per real step", exact(reference.imagined));
    area.draw(&Tooltip::new((x, top), &[reference.source, &imagined]))
}

fn draw_vertical(chart: &Chart<'_, '_>, area: &Area<'_>, x: f64, colour: &RGBColor) -> DrawResult {
    let y = chart.y_range();
    let ends = [y.start, y.end].map(|end| pixel(chart, area, (x, end)));
    area.draw(&DashedPathElement::new(ends.to_vec(), 16, 12, thin(colour)))
}

fn thin(colour: &RGBColor) -> ShapeStyle {
    ShapeStyle::from(colour).stroke_width(3)
}
