//! `worst-seed`: the lowest final score of each agent over its seeds. One panel per environment.

use super::forest_panel::{ForestRow, panels_by_environment};
use super::forest_plot::ForestPlot;
use super::kind::{Choice, FigureKind, NOTHING_FINISHED, PictureResult, Section};
use super::palette::Palette;
use crate::findings::Findings;
use crate::groups::Group;
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
        let lowest = scores.iter().copied().reduce(f64::min)?;
        Some(ForestRow::of(&palette, &group.agent, lowest, None, scores.len()))
    };
    let panels = panels_by_environment(findings, |environment| {
        let groups = findings.groups.iter().filter(|group| group.environment == environment);
        groups.filter_map(row).collect()
    });
    if panels.is_empty() {
        return Err(NOTHING_FINISHED.to_owned());
    }
    Ok(Box::new(ForestPlot::new(
        panels,
        format!("Lowest final {} over finished seeds.", measure.name()),
    )))
}
