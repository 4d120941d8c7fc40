//! `probability-of-improvement`: how likely a run of each agent is to beat one of the base agent, which is the lesser
//! side of the hypothesis or else the first of the plan; a panel an environment, and one for all of them.

use super::palette::Palette;
use super::rows::{Panel, Row, Rows};
use super::{Entry, Sketch};
use crate::comparisons::Comparison;
use crate::findings::Findings;
use crate::groups::in_order;
use crate::scores::Metric;
use zerolab_metrics::statistics::Interval;

pub(super) const ENTRY: Entry = Entry {
    name: "probability-of-improvement",
    summary: "how likely a run of each agent is to beat one of the hypothesis’s lesser (or the first) agent, with 95 % intervals",
    xs: &["return", "performance"],
    picture,
};

fn picture<'a>(findings: &'a Findings, x: &str) -> Sketch<'a> {
    let metric = Metric::named(x);
    let palette = Palette::of(findings);
    let base = findings.base(|(_, lesser)| lesser).unwrap_or_default();
    let compared = || findings.comparisons.iter().filter(|it| it.metric == metric);
    let panel = |environment: &str| Panel {
        title: title(environment, base),
        reference: Some(0.5),
        ends: Some((0.0, 1.0)),
        rows: compared()
            .filter(|it| it.environment == environment)
            .filter_map(|it| row(it, base, &palette))
            .collect(),
    };
    let environments = in_order(&findings.comparisons, |it| &it.environment);
    let panels: Vec<Panel> =
        environments.into_iter().map(panel).filter(|panel| !panel.rows.is_empty()).collect();
    if panels.is_empty() {
        return Err(format!("no other agent has finished runs where {base} has"));
    }
    Ok(Box::new(Rows {
        columns: Rows::columns_for(panels.len()),
        panels,
        caption: format!(
            "How likely a run of each agent is to have a higher final {} than one of {base}, a tie counting half; 0.5 \
             (dashed) says neither. Over all environments each counts alike. Lines: 95 % bootstrap intervals.",
            metric.name()
        ),
    }))
}

fn title(environment: &str, base: &str) -> String {
    let place =
        if environment == crate::comparisons::ALL { "all environments" } else { environment };
    format!("{place}: P(better than {base})")
}

/// The row of the agent that is not the base; a comparison names either first.
fn row(compared: &Comparison, base: &str, palette: &Palette<'_>) -> Option<Row> {
    let probability = compared.probability_of_improvement;
    let (agent, value, interval, runs) = if compared.second == base {
        (&compared.first, probability, compared.interval, compared.runs.0)
    } else if compared.first == base {
        let turned = |it: Interval| Interval { low: 1.0 - it.high, high: 1.0 - it.low };
        (&compared.second, 1.0 - probability, compared.interval.map(turned), compared.runs.1)
    } else {
        return None;
    };
    Some(Row { agent: agent.clone(), line: palette.line(agent), value, interval, runs })
}
