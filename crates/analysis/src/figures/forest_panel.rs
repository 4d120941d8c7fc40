//! The panels of a forest plot, before they are drawn: rows of a value and its interval.

use zerolab_metrics::statistics::Interval;

use super::palette::{LineStyle, Palette};
use crate::findings::Findings;
use crate::groups::distinct_in_order;

/// The row of one agent.
pub(super) struct ForestRow {
    pub agent: String,
    /// The agent's name in the figure.
    pub label: String,
    pub line: LineStyle,
    pub value: f64,
    pub interval: Option<Interval>,
    pub runs: usize,
    /// The score of each seed. If there are several, each is drawn as a dot.
    pub seeds: Vec<(u64, f64)>,
}

impl ForestRow {
    /// The row of an agent as the palette shows it, without seeds.
    pub fn of(
        palette: &Palette,
        agent: &str,
        value: f64,
        interval: Option<Interval>,
        runs: usize,
    ) -> Self {
        let (label, line) = (palette.label(agent).to_owned(), palette.line(agent));
        Self { agent: agent.to_owned(), label, line, value, interval, runs, seeds: Vec::new() }
    }
}

/// Rows on one x axis.
pub(super) struct ForestPanel {
    pub title: String,
    /// A dashed vertical line at this value, which is always inside the axis.
    pub reference: Option<f64>,
    /// The ends of the axis; by default they follow from the values.
    pub ends: Option<(f64, f64)>,
    pub rows: Vec<ForestRow>,
}

/// A panel for each environment that has rows.
pub(super) fn panels_by_environment(
    findings: &Findings,
    rows: impl Fn(&str) -> Vec<ForestRow>,
) -> Vec<ForestPanel> {
    let panel = |environment: &str| ForestPanel {
        title: environment.to_owned(),
        reference: None,
        ends: None,
        rows: rows(environment),
    };
    let environments = distinct_in_order(&findings.groups, |group| &group.environment);
    environments.into_iter().map(panel).filter(|panel| !panel.rows.is_empty()).collect()
}
