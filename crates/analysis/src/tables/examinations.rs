//! `examinations`: every number of every examination of every run.

use polars::prelude::{DataFrame, PolarsResult, df};
use zerolab_metrics::Measure;

use crate::findings::Findings;
use crate::groups::written_axes;
use crate::results::RunResults;

/// A number of an examination.
struct Row<'a> {
    run: &'a RunResults,
    examination: &'a str,
    real_steps: u64,
    measure: String,
    value: f64,
}

/// Whether there is any.
pub(super) fn exist(findings: &Findings) -> bool {
    findings.runs.iter().any(|run| !run.examinations.is_empty())
}

/// One row per number.
pub(super) fn frame(findings: &Findings) -> PolarsResult<DataFrame> {
    let rows: Vec<Row<'_>> = findings.runs.iter().flat_map(rows_of).collect();
    let texts = |of: &dyn Fn(&RunResults) -> String| -> Vec<String> {
        rows.iter().map(|row| of(row.run)).collect()
    };
    df![
        "run" => texts(&|run| run.reference.id.clone()),
        "environment" => texts(&|run| run.reference.environment.clone()),
        "agent" => texts(&|run| run.reference.agent.clone()),
        "axes" => texts(&|run| written_axes(&run.reference)),
        "seed" => rows.iter().map(|row| row.run.reference.seed).collect::<Vec<_>>(),
        "examination" => rows.iter().map(|row| row.examination).collect::<Vec<_>>(),
        "real_steps" => rows.iter().map(|row| row.real_steps).collect::<Vec<_>>(),
        "measure" => rows.iter().map(|row| row.measure.as_str()).collect::<Vec<_>>(),
        "value" => rows.iter().map(|row| row.value).collect::<Vec<_>>(),
    ]
}

fn rows_of(run: &RunResults) -> impl Iterator<Item = Row<'_>> {
    run.examinations.iter().flat_map(move |(label, examination)| {
        let of_events = examination.events.keys().flat_map(|event| Measure::of_event(event));
        let played = Measure::PLAIN.into_iter().chain(of_events).map(|measure| measure.name());
        let names = played.chain(examination.measures.keys().cloned());
        names.filter_map(move |name| {
            let measure = Measure::Examined { label: label.clone(), of: name.clone() };
            let value = run.score(&measure)?;
            let real_steps = examination.real_steps;
            Some(Row { run, examination: label, real_steps, measure: name, value })
        })
    })
}
