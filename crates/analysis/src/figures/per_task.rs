//! `per-task`: the final score of each agent in each environment, with its interval. One panel per
//! environment.

use super::forest_plot::{ForestPanel, ForestPlot, ForestRow};
use super::kind::{Choice, FigureKind, PictureResult, Section};
use super::measures::{definition, undefined};
use super::palette::Palette;
use crate::findings::Findings;
use crate::groups::distinct_in_order;
use crate::scores::{FinalScore, seed_scores};

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
    let panel = |environment: &str| {
        let row = |score: &FinalScore| {
            let group = &findings.groups[score.group];
            let estimate = score.estimate?;
            (score.measure == measure && group.environment == environment).then(|| ForestRow {
                agent: group.agent.clone(),
                label: palette.label(&group.agent).to_owned(),
                line: palette.line(&group.agent),
                value: estimate.value,
                interval: estimate.interval,
                runs: estimate.seeds,
                seeds: seed_scores(group, &findings.runs, &measure).collect(),
            })
        };
        ForestPanel {
            title: environment.to_owned(),
            reference: None,
            ends: None,
            rows: findings.scores.iter().filter_map(row).collect(),
        }
    };
    let environments = distinct_in_order(&findings.groups, |group| &group.environment);
    let panels: Vec<ForestPanel> =
        environments.into_iter().map(panel).filter(|panel| !panel.rows.is_empty()).collect();
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
