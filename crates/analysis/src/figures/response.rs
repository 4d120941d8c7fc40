//! `response`: measures of an examination against its numeric axis. One panel per environment and measure.
//!
//! Each value of another axis is a line of its own.

use zerolab_metrics::labels::{Axes, agent_label, short_keys};
use zerolab_metrics::{Anchors, Measure};

use super::anchor_lines::{self, AnchorLine};
use super::axis::Axis;
use super::canvas::{Area, DrawResult};
use super::chart::{PanelAxes, PanelGrid};
use super::data::Datum;
use super::kind::{Choice, FigureKind, Picture, PictureResult, Section};
use super::legend::LegendEntry;
use super::lines::{add_tooltip, draw_interval, draw_line, draw_plain_sample};
use super::palette::Palette;
use super::scales::{padded_range, span};
use crate::findings::Findings;
use crate::groups::{Group, find_or_add};
use crate::numbers::{counted, exact, with_interval};
use crate::scores::Estimate;

pub(super) const KIND: FigureKind = FigureKind {
    name: "response",
    summary: "measures of an examination against its numeric axis with 95 % intervals, one panel per environment and \
        measure",
    section: Section::Settings,
    xs: &[],
    has_y: true,
    picture,
};

/// The estimates of a measure in an environment.
struct Panel {
    environment: String,
    measure: Measure,
    lines: Vec<Line>,
    /// The anchors of the examined environments along the axis.
    anchored: Vec<(f64, Anchors)>,
    anchors: Vec<AnchorLine>,
}

/// An agent with the values of the other axes.
struct Line {
    label: String,
    /// The value of the axis and the estimate, in ascending order of the value.
    points: Vec<(f64, Estimate)>,
}

struct Response {
    examination: String,
    axis: String,
    panels: Vec<Panel>,
    labels: Vec<String>,
    palette: Palette,
    grid: PanelGrid,
}

fn picture<'a>(findings: &'a Findings, choice: &Choice) -> PictureResult<'a> {
    let measures: Vec<&Measure> = choice.y.iter().chain(&choice.also).collect();
    let examined = measures.iter().filter_map(|measure| match measure {
        Measure::Examined { label, .. } => Some(label.as_str()),
        _ => None,
    });
    let names: Vec<&str> = examined.collect();
    let [examination, others @ ..] = &names[..] else {
        return Err("`y` must name measures of an examination, as `examination.NAME.return`".into());
    };
    if names.len() < measures.len() || others.iter().any(|other| other != examination) {
        return Err("all measures must be of one examination".to_owned());
    }
    let axis = axis(findings, examination).ok_or_else(|| {
        format!("no finished run has two numeric values of an axis of `{examination}`")
    })?;
    let mut panels = Vec::new();
    for measure in measures {
        panels.extend(panels_of(findings, measure, examination, &axis));
    }
    if panels.is_empty() {
        return Err(format!("no examination `{examination}` is done yet"));
    }
    let mut labels: Vec<String> = Vec::new();
    for line in panels.iter().flat_map(|panel| &panel.lines) {
        if !labels.contains(&line.label) {
            labels.push(line.label.clone());
        }
    }
    let names: Vec<&str> = labels.iter().map(String::as_str).collect();
    let palette = Palette::of_labels(findings, &names);
    let entry = |label: &&str| LegendEntry {
        text: palette.label(label).to_owned(),
        whole: (*label).to_owned(),
    };
    let mut legend: Vec<LegendEntry> = names.iter().map(entry).collect();
    if panels.iter().any(|panel| !panel.anchors.is_empty()) {
        legend.extend(anchor_lines::entries());
    }
    let titles: Vec<&str> = panels.iter().map(|panel| panel.environment.as_str()).collect();
    let grid = PanelGrid::new(&titles, 0, legend);
    let examination = (*examination).to_owned();
    Ok(Box::new(Response { examination, axis, panels, labels, palette, grid }))
}

/// The axis of an examination with the most numeric values, of at least two.
fn axis(findings: &Findings, examination: &str) -> Option<String> {
    let mut values: Vec<(String, Vec<f64>)> = Vec::new();
    let references = findings.runs.iter().flat_map(|run| &run.reference.examinations);
    for reference in references.filter(|reference| reference.name == examination) {
        for (key, value) in &reference.axes {
            let Some(number) = number(value) else { continue };
            let (_, known) =
                find_or_add(&mut values, |it| it.0 == *key, || (key.clone(), Vec::new()));
            if !known.contains(&number) {
                known.push(number);
            }
        }
    }
    let longest = values.into_iter().rev().max_by_key(|(_, values)| values.len())?;
    (longest.1.len() > 1).then_some(longest.0)
}

fn number(written: &str) -> Option<f64> {
    written.replace('_', "").parse().ok().filter(|number: &f64| number.is_finite())
}

fn panels_of(findings: &Findings, measure: &Measure, examination: &str, axis: &str) -> Vec<Panel> {
    let mut panels: Vec<Panel> = Vec::new();
    for group in &findings.groups {
        let Some(first) = group.finished(&findings.runs).next() else { continue };
        let references = first.reference.examinations.iter();
        for reference in references.filter(|it| it.name == examination) {
            let Some(x) = reference.axes.get(axis).and_then(|value| number(value)) else {
                continue;
            };
            let point = measure.at_point(reference.label());
            let Some(estimate) = estimate(findings, group, &point) else { continue };
            let panel = find_or_add(
                &mut panels,
                |panel| panel.environment == group.environment,
                || Panel {
                    environment: group.environment.clone(),
                    measure: measure.clone(),
                    lines: Vec::new(),
                    anchored: Vec::new(),
                    anchors: Vec::new(),
                },
            );
            panel.anchored.extend(reference.anchors.map(|anchors| (x, anchors)));
            let label = line_label(group, &reference.axes, axis);
            let line = find_or_add(
                &mut panel.lines,
                |line| line.label == label,
                || Line { label: label.clone(), points: Vec::new() },
            );
            line.points.push((x, estimate));
        }
    }
    for panel in &mut panels {
        for line in &mut panel.lines {
            line.points.sort_by(|(first, _), (second, _)| first.total_cmp(second));
        }
        // Where another axis changes what is possible, there is no single line.
        let is_single = panel.anchored.iter().all(|(x, anchors)| {
            panel.anchored.iter().all(|(other, known)| other != x || known == anchors)
        });
        if let Measure::Examined { of, .. } = measure
            && let Some(played) = Measure::from_name(of).filter(|_| is_single)
        {
            panel.anchors = anchor_lines::lines(&played, &panel.anchored);
        }
    }
    panels
}

fn estimate(findings: &Findings, group: &Group, measure: &Measure) -> Option<Estimate> {
    let scores = group.finished(&findings.runs).filter_map(|run| run.score(measure));
    Estimate::of(&scores.collect::<Vec<f64>>())
}

/// The agent with its swept settings, and the values of the other axes.
fn line_label(group: &Group, axes: &Axes, axis: &str) -> String {
    let others = axes.iter().filter(|(key, _)| *key != axis);
    // A setting that the sweep varies too would stand there twice.
    let is_swept = |key: &str| group.axes.contains(&format!("{key}="));
    let name = |key: &str| if is_swept(key) { format!("examined.{key}") } else { key.to_owned() };
    let others: Axes =
        others.map(|(key, value)| (format!("agents.*.{}", name(key)), value.clone())).collect();
    match (others.is_empty(), group.agent.strip_suffix(']')) {
        (true, _) => group.agent.clone(),
        (false, None) => agent_label(&group.agent, &others, &[]),
        (false, Some(open)) => {
            let added = agent_label("", &others, &[]);
            format!("{open}, {}", added.trim_start_matches([' ', '[']))
        }
    }
}

impl Picture for Response {
    fn size(&self, available: i32) -> (i32, i32) {
        self.grid.size(available)
    }

    fn min_height(&self, width: i32) -> i32 {
        self.grid.min_height(width)
    }

    fn caption(&self) -> String {
        let exact = match self.panels.iter().any(|panel| !panel.anchors.is_empty()) {
            true => {
                " Thin lines: what random actions and the best policy for the paid reward reach, exactly."
            }
            false => "",
        };
        format!(
            "The examination {} of the finished runs against {}: IQM over seeds (mean below 4 seeds). Vertical lines: \
             95 % bootstrap intervals. The axis is logarithmic if values span a decade or more.{exact}",
            self.examination, self.axis
        )
    }

    fn data(&self) -> Vec<Datum> {
        let of_panel = |panel: &Panel| {
            let of_line = |line: &Line| {
                let datum = |(x, estimate): &(f64, Estimate)| Datum {
                    panel: format!("{}: {}", panel.environment, panel.measure.title_within()),
                    agent: line.label.clone(),
                    x: Some(*x),
                    value: estimate.value,
                    interval: estimate.interval,
                    runs: estimate.seeds,
                };
                line.points.iter().map(datum).collect::<Vec<_>>()
            };
            panel.lines.iter().flat_map(of_line).collect::<Vec<_>>()
        };
        self.panels.iter().flat_map(of_panel).collect()
    }

    fn draw(&self, area: &Area<'_>) -> DrawResult {
        self.grid.draw(
            area,
            |index, title, area| self.draw_panel(&self.panels[index], title, area),
            |area, index, ends, y| match self.labels.get(index) {
                Some(label) => draw_plain_sample(area, self.palette.line(label), ends, y),
                None => anchor_lines::draw_sample(area, index - self.labels.len(), ends, y),
            },
        )
    }
}

impl Response {
    fn draw_panel(&self, panel: &Panel, title: &str, area: &Area<'_>) -> DrawResult {
        let points = || panel.lines.iter().flat_map(|line| &line.points);
        let spans = points().map(|(_, it)| span(it.value, it.interval));
        let anchors = panel.anchors.iter().flat_map(AnchorLine::values).map(|value| (value, value));
        let frame = PanelAxes {
            title,
            x: Axis::around(points().map(|(x, _)| *x)),
            x_title: &short_keys(&[&self.axis])[0],
            y: padded_range(spans.chain(anchors)).into(),
            y_title: &panel.measure.title_within(),
            right: 0,
        };
        let chart = frame.draw(area)?;
        panel.anchors.iter().try_for_each(|line| line.draw(&chart, area))?;
        for Line { label, points } in &panel.lines {
            let style = self.palette.line(label);
            for (x, Estimate { value, interval, seeds, .. }) in points {
                if let Some(interval) = interval {
                    draw_interval(&chart, area, style, *x, *interval)?;
                }
                let at = format!("{} = {}, {}", self.axis, exact(*x), counted(*seeds, "run"));
                let lines = [label, &at, &with_interval(*value, *interval, exact)];
                add_tooltip(&chart, area, (*x, *value), &lines.map(String::as_str))?;
            }
            let values: Vec<(f64, f64)> = points.iter().map(|(x, it)| (*x, it.value)).collect();
            draw_line(&chart, area, style, &values)?;
        }
        Ok(())
    }
}
