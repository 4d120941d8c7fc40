//! `curves`: every evaluation of every run, whatever the run's status.

use polars::prelude::{DataFrame, PolarsResult, df};
use zerolab_metrics::statistics::mean;
use zerolab_metrics::{EvaluationRecord, RunReference};

use crate::findings::Findings;
use crate::groups::written_axes;

/// One row per evaluation; `return`, `performance` and `length` are means over its episodes.
pub(super) fn frame(findings: &Findings) -> PolarsResult<DataFrame> {
    let rows: Vec<(&RunReference, &EvaluationRecord)> = findings
        .runs
        .iter()
        .flat_map(|run| run.evaluations().map(|evaluation| (&run.reference, evaluation)))
        .collect();
    let texts = |of: &dyn Fn(&RunReference) -> String| -> Vec<String> {
        rows.iter().map(|(run, _)| of(run)).collect()
    };
    let counts = |of: &dyn Fn(&EvaluationRecord) -> u64| -> Vec<u64> {
        rows.iter().map(|(_, row)| of(row)).collect()
    };
    let numbers = |of: &dyn Fn(&EvaluationRecord) -> f64| -> Vec<f64> {
        rows.iter().map(|(_, row)| of(row)).collect()
    };
    let lengths = |row: &EvaluationRecord| -> Vec<f64> {
        row.lengths.iter().map(|length| f64::from(*length)).collect()
    };
    df![
        "run" => texts(&|run| run.id.clone()),
        "environment" => texts(&|run| run.environment.clone()),
        "agent" => texts(&|run| run.agent.clone()),
        "axes" => texts(&written_axes),
        "seed" => rows.iter().map(|(run, _)| run.seed).collect::<Vec<_>>(),
        "real_steps" => counts(&|row| row.real_steps),
        "updates" => counts(&|row| row.updates),
        "wall_seconds" => numbers(&|row| row.wall_seconds),
        "episodes" => counts(&|row| row.returns.len() as u64),
        "return" => numbers(&|row| mean(&row.returns)),
        "performance" => numbers(&|row| mean(&row.performances)),
        "length" => numbers(&|row| mean(&lengths(row))),
    ]
}
