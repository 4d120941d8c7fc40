//! `per-task`: the final score of each agent in each environment, with its interval. One panel per
//! environment.

use super::forest_panel::{ForestRow, panels_by_environment};
use super::forest_plot::ForestPlot;
use super::kind::{Choice, FigureKind, PictureResult, Section};
use super::measures::{definition, undefined};
use super::palette::Palette;
use crate::findings::Findings;
use crate::scores::{Estimate, FinalScore, seed_scores};

pub(super) const KIND: FigureKind = FigureKind {
    name: "per-task",
    summary: "final score of each agent in each environment with its 95 % interval and each seed, one panel \
        per environment",
    section: Section::Scores,
    xs: &["return", "performance"],
    has_y: true,
    picture,
};

fn picture<'a>(findings: &'a Findings, choice: &Choice) -> PictureResult<'a> {
    let measure = choice.measure();
    let palette = Palette::of(findings);
    let panels = panels_by_environment(findings, |environment| {
        let row = |score: &FinalScore| {
            let group = &findings.groups[score.group];
            let Estimate { value, interval, seeds, .. } = score.estimate?;
            (score.measure == measure && group.environment == environment).then(|| ForestRow {
                seeds: seed_scores(group, &findings.runs, &measure).collect(),
                ..ForestRow::of(&palette, &group.agent, value, interval, seeds)
            })
        };
        findings.scores.iter().filter_map(row).collect()
    });
    if panels.is_empty() {
        return Err(undefined(&measure));
    }
    Ok(Box::new(ForestPlot::new(
        panels,
        format!(
            "Final {} in each environment: IQM over seeds (mean below 4 seeds). Lines: 95 % bootstrap \
             intervals. Dots: seeds.{}",
            measure.title(),
            definition(findings, &measure),
        ),
    )))
}
