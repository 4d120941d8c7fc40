//! `ablation`: the difference in mean score of each agent to the base agent, on equal seeds, per environment.
//!
//! The base agent is the complete one: the greater side of the hypothesis, or else the first agent of the
//! plan. Runs are compared in pairs of equal seeds.

use std::collections::BTreeMap;

use zerolab_metrics::Measure;
use zerolab_metrics::statistics::MIN_RUNS_TO_JUDGE;

use super::forest_panel::{ForestPanel, ForestRow};
use super::forest_plot::ForestPlot;
use super::kind::{Choice, FigureKind, PictureResult, Section};
use super::palette::Palette;
use crate::findings::Findings;
use crate::groups::{Group, distinct_in_order};
use crate::hypothesis::mean_difference;
use crate::scores::seed_scores;

pub(super) const KIND: FigureKind = FigureKind {
    name: "ablation",
    summary: "difference of each agent to the hypothesis’s greater (or the first) agent on equal seeds, \
        with 95 % intervals",
    section: Section::Scores,
    xs: &["return", "performance"],
    has_y: false,
    picture,
};

fn picture<'a>(findings: &'a Findings, choice: &Choice) -> PictureResult<'a> {
    let measure = choice.measure();
    let palette = Palette::of(findings);
    let base = findings.base(|(greater, _)| greater).unwrap_or_default();
    let panel = |environment: &str| {
        let here = || findings.groups.iter().filter(move |it| it.environment == environment);
        let base_group = here().find(|group| group.agent == base);
        let others = here().filter(|group| group.agent != base);
        let rows = base_group.into_iter().flat_map(|base_group| {
            others.clone().filter_map(|group| row(findings, &measure, group, base_group, &palette))
        });
        ForestPanel {
            title: format!("{environment}: difference to {}", palette.label(base)),
            reference: Some(0.0),
            ends: None,
            rows: rows.collect(),
        }
    };
    let environments = distinct_in_order(&findings.groups, |group| &group.environment);
    let panels: Vec<ForestPanel> =
        environments.into_iter().map(panel).filter(|panel| !panel.rows.is_empty()).collect();
    if panels.is_empty() {
        return Err(format!("no other agent has finished runs with the seeds of {base}"));
    }
    Ok(Box::new(ForestPlot::new(
        panels,
        format!(
            "Mean final {} of each agent minus that of {base} on the seeds that both have finished. Lines: 95 \
             % intervals (Student’s t over pairs of runs), from {MIN_RUNS_TO_JUDGE} pairs on; fewer are too \
             few to judge.",
            measure.title()
        ),
    )))
}

fn row(
    findings: &Findings,
    measure: &Measure,
    group: &Group,
    base: &Group,
    palette: &Palette,
) -> Option<ForestRow> {
    let scores =
        |group| -> BTreeMap<u64, f64> { seed_scores(group, &findings.runs, measure).collect() };
    let (mut agent_scores, mut base_scores) = (scores(group), scores(base));
    agent_scores.retain(|seed, _| base_scores.contains_key(seed));
    base_scores.retain(|seed, _| agent_scores.contains_key(seed));
    let difference = mean_difference(&agent_scores, &base_scores)?;
    let (value, interval) = (difference.value, difference.interval());
    Some(ForestRow::of(palette, &group.agent, value, interval, agent_scores.len()))
}
