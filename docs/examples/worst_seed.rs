//! `worst-seed`: the lowest final score of each agent over its seeds; one panel an environment.

use super::palette::Palette;
use super::rows::{Panel, Row, Rows};
use super::{Entry, NOTHING_FINISHED, Sketch};
use crate::findings::Findings;
use crate::groups::{Group, in_order};
use crate::scores::{Metric, seed_scores};

pub(super) const ENTRY: Entry = Entry {
    name: "worst-seed",
    summary: "lowest final score of each agent over its seeds, one panel an environment",
    xs: &["return", "performance"],
    picture,
};

fn picture<'a>(findings: &'a Findings, x: &str) -> Sketch<'a> {
    let metric = Metric::named(x);
    let palette = Palette::of(findings);
    let row = |group: &Group| {
        let scores: Vec<f64> =
            seed_scores(group, &findings.runs, metric).map(|(_, score)| score).collect();
        Some(Row {
            agent: group.agent.clone(),
            line: palette.line(&group.agent),
            value: scores.iter().copied().reduce(f64::min)?,
            interval: None,
            runs: scores.len(),
        })
    };
    let panel = |environment: &str| Panel {
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
    let environments = in_order(&findings.groups, |group| &group.environment);
    let panels: Vec<Panel> =
        environments.into_iter().map(panel).filter(|panel| !panel.rows.is_empty()).collect();
    if panels.is_empty() {
        return Err(NOTHING_FINISHED.to_owned());
    }
    Ok(Box::new(Rows {
        columns: Rows::columns_for(panels.len()),
        panels,
        caption: format!("Lowest final {} over finished seeds.", metric.name()),
    }))
}
