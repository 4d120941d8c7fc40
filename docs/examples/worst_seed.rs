//! `worst-seed`: the lowest final score of each agent over its seeds. One panel per environment.

use super::forest_plot::{ForestPanel, ForestPlot, ForestRow};
use super::kind::{Choice, FigureKind, NOTHING_FINISHED, PictureResult, Section};
use super::palette::Palette;
use crate::findings::Findings;
use crate::groups::{Group, distinct_in_order};
use crate::scores::seed_scores;

pub(super) const KIND: FigureKind = FigureKind {
    name: "worst-seed",
    summary: "lowest final score of each agent over its seeds, one panel per environment",
    section: Section::Scores,
    xs: &["return", "performance"],
    has_y: false,
    picture,
};

fn picture<'a>(findings: &'a Findings, choice: &Choice) -> PictureResult<'a> {
    let measure = choice.measure();
    let palette = Palette::of(findings);
    let row = |group: &Group| {
        let scores: Vec<f64> =
            seed_scores(group, &findings.runs, &measure).map(|(_, score)| score).collect();
        Some(ForestRow {
            agent: group.agent.clone(),
            label: palette.label(&group.agent).to_owned(),
            line: palette.line(&group.agent),
            value: scores.iter().copied().reduce(f64::min)?,
            interval: None,
            runs: scores.len(),
            seeds: Vec::new(),
        })
    };
    let panel = |environment: &str| ForestPanel {
        title: environment.to_owned(),
        reference: None,
        ends: None,
        rows: findings
            .groups
            .iter()
            .filter(|group| group.environment == environment)
            .filter_map(row)
            .collect(),
    };
    let environments = distinct_in_order(&findings.groups, |group| &group.environment);
    let panels: Vec<ForestPanel> =
        environments.into_iter().map(panel).filter(|panel| !panel.rows.is_empty()).collect();
    if panels.is_empty() {
        return Err(NOTHING_FINISHED.to_owned());
    }
    Ok(Box::new(ForestPlot::new(
        panels,
        format!("Lowest final {} over finished seeds.", measure.name()),
    )))
}
