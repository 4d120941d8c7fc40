//! `ablation`: what each agent scores less than the base agent or more, on equal seeds; a panel an environment.
//!
//! The base is the greater side of the hypothesis or else the first agent of the plan: the whole, of which the others
//! lack a part. Seeds are drawn in pairs.

use std::collections::BTreeMap;

use super::palette::Palette;
use super::rows::{Panel, Row, Rows};
use super::{Entry, Sketch};
use crate::findings::Findings;
use crate::groups::{Group, in_order};
use crate::hypothesis::Difference;
use crate::scores::{Metric, seed_scores};

pub(super) const ENTRY: Entry = Entry {
    name: "ablation",
    summary: "difference of each agent to the hypothesis’s greater (or the first) agent on equal seeds, with 95 % intervals",
    xs: &["return", "performance"],
    picture,
};

fn picture<'a>(findings: &'a Findings, x: &str) -> Sketch<'a> {
    let metric = Metric::named(x);
    let palette = Palette::of(findings);
    let base = findings.base(|(greater, _)| greater).unwrap_or_default();
    let panel = |environment: &str| {
        let here = || findings.groups.iter().filter(move |it| it.environment == environment);
        let whole = here().find(|group| group.agent == base);
        let others = here().filter(|group| group.agent != base);
        let rows = whole.into_iter().flat_map(|whole| {
            others.clone().filter_map(|group| row(findings, metric, group, whole, &palette))
        });
        Panel {
            title: format!("{environment}: difference to {base}"),
            reference: Some(0.0),
            ends: None,
            rows: rows.collect(),
        }
    };
    let environments = in_order(&findings.groups, |group| &group.environment);
    let panels: Vec<Panel> =
        environments.into_iter().map(panel).filter(|panel| !panel.rows.is_empty()).collect();
    if panels.is_empty() {
        return Err(format!("no other agent has finished runs with the seeds of {base}"));
    }
    Ok(Box::new(Rows {
        columns: Rows::columns_for(panels.len()),
        panels,
        caption: format!(
            "Final {} of each agent less that of {base} on the seeds that both have finished: IQM (mean below 4 seeds). \
             Lines: 95 % bootstrap intervals over pairs of runs, from 3 pairs on.",
            metric.name()
        ),
    }))
}

fn row(
    findings: &Findings,
    metric: Metric,
    group: &Group,
    whole: &Group,
    palette: &Palette<'_>,
) -> Option<Row> {
    let scores =
        |group| -> BTreeMap<u64, f64> { seed_scores(group, &findings.runs, metric).collect() };
    let (mut ours, mut wholes) = (scores(group), scores(whole));
    ours.retain(|seed, _| wholes.contains_key(seed));
    wholes.retain(|seed, _| ours.contains_key(seed));
    let difference = Difference::of(&ours, &wholes);
    Some(Row {
        agent: group.agent.clone(),
        line: palette.line(&group.agent),
        value: difference.value?,
        interval: difference.interval,
        runs: ours.len(),
    })
}
