//! `probability-of-improvement`: how likely a run of each agent is to beat a run of the base agent. The
//! base agent is the lesser side of the hypothesis, or else the first of the plan. One panel per
//! environment, and one for all.

use super::forest_panel::{ForestPanel, ForestRow};
use super::forest_plot::ForestPlot;
use super::kind::{Choice, FigureKind, PictureResult, Section};
use super::palette::Palette;
use crate::comparisons::PairwiseComparison;
use crate::findings::Findings;
use crate::groups::distinct_in_order;
use zerolab_metrics::statistics::{Interval, MIN_RUNS_TO_JUDGE};

pub(super) const KIND: FigureKind = FigureKind {
    name: "probability-of-improvement",
    summary: "how likely a run of each agent is to beat a run of the hypothesis’s lesser (or the first) \
        agent, with 95 % intervals",
    section: Section::Scores,
    xs: &["return", "performance"],
    has_y: false,
    picture,
};

fn picture<'a>(findings: &'a Findings, choice: &Choice) -> PictureResult<'a> {
    let measure = choice.measure();
    let palette = Palette::of(findings);
    let base = findings.base(|(_, lesser)| lesser).unwrap_or_default();
    let compared = || findings.comparisons.iter().filter(|it| it.measure == measure);
    let panel = |environment: &str| ForestPanel {
        title: title(environment, palette.label(base)),
        reference: Some(0.5),
        ends: Some((0.0, 1.0)),
        rows: compared()
            .filter(|it| it.environment == environment)
            .filter_map(|it| row(it, base, &palette))
            .collect(),
    };
    let environments = distinct_in_order(&findings.comparisons, |it| &it.environment);
    let panels: Vec<ForestPanel> =
        environments.into_iter().map(panel).filter(|panel| !panel.rows.is_empty()).collect();
    if panels.is_empty() {
        return Err(format!("no other agent has finished runs where {base} has"));
    }
    Ok(Box::new(ForestPlot::new(
        panels,
        format!(
            "How likely a run of each agent is to have a higher final {} than a run of {base}; a tie \
             counts half. At 0.5 (dashed) neither is better. All environments have equal weight. Lines: 95 \
             % bootstrap intervals (expanded ends), from {MIN_RUNS_TO_JUDGE} seeds of each environment on; \
             fewer are too few to judge.",
            measure.title()
        ),
    )))
}

fn title(environment: &str, base: &str) -> String {
    let scope =
        if environment == crate::comparisons::ALL { "all environments" } else { environment };
    format!("{scope}: P(better than {base})")
}

/// The row of the agent that is not the base, which can be the first or the second agent of a comparison.
fn row(compared: &PairwiseComparison, base: &str, palette: &Palette) -> Option<ForestRow> {
    let probability = compared.probability_of_improvement;
    let (agent, value, interval, runs) = if compared.second == base {
        (&compared.first, probability, compared.interval, compared.runs.0)
    } else if compared.first == base {
        let mirrored = |it: Interval| Interval { low: 1.0 - it.high, high: 1.0 - it.low };
        (&compared.second, 1.0 - probability, compared.interval.map(mirrored), compared.runs.1)
    } else {
        return None;
    };
    Some(ForestRow::of(palette, agent, value, interval, runs))
}
