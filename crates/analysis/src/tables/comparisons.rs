//! `comparisons`: how likely a run of one agent is to beat a run of another agent.

use polars::prelude::{DataFrame, PolarsResult, df};

use crate::comparisons::PairwiseComparison;
use crate::findings::Findings;

/// One row per pair of agents, environment (or all of them) and metric.
pub(super) fn frame(findings: &Findings) -> PolarsResult<DataFrame> {
    let rows = &findings.comparisons;
    let texts = |of: &dyn Fn(&PairwiseComparison) -> &str| -> Vec<String> {
        rows.iter().map(|row| of(row).to_owned()).collect()
    };
    df![
        "environment" => texts(&|row| &row.environment),
        "first" => texts(&|row| &row.first),
        "second" => texts(&|row| &row.second),
        "metric" => rows.iter().map(|row| row.measure.name()).collect::<Vec<_>>(),
        "probability_of_improvement" =>
            rows.iter().map(|row| row.probability_of_improvement).collect::<Vec<_>>(),
        "low" => rows.iter().map(|row| row.interval.map(|interval| interval.low)).collect::<Vec<_>>(),
        "high" => rows.iter().map(|row| row.interval.map(|interval| interval.high)).collect::<Vec<_>>(),
        "first_runs" => rows.iter().map(|row| row.runs.0 as u64).collect::<Vec<_>>(),
        "second_runs" => rows.iter().map(|row| row.runs.1 as u64).collect::<Vec<_>>(),
    ]
}
