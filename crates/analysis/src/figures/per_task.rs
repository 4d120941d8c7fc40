//! `per-task`: the final score of each agent in each environment, with its interval; a panel an environment.

use super::palette::Palette;
use super::rows::{Panel, Row, Rows};
use super::{Entry, NOTHING_FINISHED, Sketch};
use crate::findings::Findings;
use crate::groups::in_order;
use crate::scores::{Metric, Score};

pub(super) const ENTRY: Entry = Entry {
    name: "per-task",
    summary: "final score of each agent in each environment with its 95 % interval, one panel an environment",
    xs: &["return", "performance"],
    picture,
};

fn picture<'a>(findings: &'a Findings, x: &str) -> Sketch<'a> {
    let metric = Metric::named(x);
    let palette = Palette::of(findings);
    let panel = |environment: &str| {
        let row = |score: &Score| {
            let group = &findings.groups[score.group];
            let estimate = score.estimate?;
            (score.metric == metric && group.environment == environment).then(|| Row {
                agent: group.agent.clone(),
                line: palette.line(&group.agent),
                value: estimate.value,
                interval: estimate.interval,
                runs: estimate.seeds,
            })
        };
        Panel {
            title: environment.to_owned(),
            reference: None,
            ends: None,
            rows: findings.scores.iter().filter_map(row).collect(),
        }
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
        caption: format!(
            "Final {} in each environment: IQM over seeds (mean below 4 seeds). Lines: 95 % bootstrap intervals.",
            metric.name()
        ),
    }))
}
