//! `curves`: every evaluation of every run, whatever the run's status.

use polars::prelude::{DataFrame, PolarsResult, df};
use zerolab_metrics::statistics::mean;
use zerolab_metrics::{EvaluationRecord, Measure, RunReference};

use crate::findings::Findings;
use crate::groups::written_axes;
use crate::results::RunResults;
use crate::spending::{EvaluationCost, evaluation_costs};

use super::add_measures;

/// One row per evaluation; `return`, `performance`, `length` and further measures are means over its episodes.
pub(super) fn frame(findings: &Findings) -> PolarsResult<DataFrame> {
    let costs: Vec<EvaluationCost<'_>> = findings.runs.iter().flat_map(evaluation_costs).collect();
    let rows: Vec<(&RunResults, &EvaluationRecord)> =
        costs.iter().map(|it| (it.run, it.evaluation)).collect();
    let texts = |of: &dyn Fn(&RunReference) -> String| -> Vec<String> {
        rows.iter().map(|(run, _)| of(&run.reference)).collect()
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
    let mut frame = df![
        "run" => texts(&|run| run.id.clone()),
        "environment" => texts(&|run| run.environment.clone()),
        "agent" => texts(&|run| run.agent.clone()),
        "axes" => texts(&written_axes),
        "seed" => rows.iter().map(|(run, _)| run.reference.seed).collect::<Vec<_>>(),
        "phase" => costs.iter().map(|it| it.phase).collect::<Vec<_>>(),
        "real_steps" => counts(&|row| row.real_steps),
        "updates" => counts(&|row| row.updates),
        "wall_seconds" => numbers(&|row| row.wall_seconds),
        "episodes" => counts(&|row| row.returns.len() as u64),
        "return" => numbers(&|row| mean(&row.returns)),
        "performance" => numbers(&|row| mean(&row.performances)),
        "length" => numbers(&|row| mean(&lengths(row))),
    ]?;
    let measured = |measure: &Measure| {
        rows.iter().map(|(run, evaluation)| run.measured(measure, evaluation)).collect()
    };
    add_measures(&mut frame, findings, Measure::is_of_evaluation, measured)?;
    Ok(frame)
}
