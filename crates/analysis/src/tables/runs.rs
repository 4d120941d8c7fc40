//! `runs`: every run of the plan with its status, score and provenance.

use std::collections::BTreeSet;

use polars::prelude::{Column, DataFrame, PolarsResult, df};
use zerolab_metrics::statistics::EventTime;
use zerolab_metrics::{Manifest, Measure};

use crate::event_times::{self, event_time};
use crate::findings::Findings;
use crate::groups::written_axes;
use crate::results::RunResults;

use super::add_measures;

/// One row per run, in the order of the plan. Unknown values are empty. Further measures are those of the last evaluation. A run
/// that never reached the threshold of an event, or of a measure of a phase, has no real step.
pub(super) fn frame(findings: &Findings) -> PolarsResult<DataFrame> {
    let runs = &findings.runs;
    let texts =
        |of: &dyn Fn(&RunResults) -> String| -> Vec<String> { runs.iter().map(of).collect() };
    let numbers = |of: &dyn Fn(&RunResults) -> Option<f64>| -> Vec<Option<f64>> {
        runs.iter().map(of).collect()
    };
    let counts = |of: &dyn Fn(&Manifest) -> Option<u64>| -> Vec<Option<u64>> {
        runs.iter().map(|run| run.manifest.as_ref().and_then(of)).collect()
    };
    let provenance = |of: &dyn Fn(&Manifest) -> Option<String>| -> Vec<Option<String>> {
        runs.iter().map(|run| run.manifest.as_ref().and_then(of)).collect()
    };
    let is_dirty = |run: &RunResults| Some(run.manifest.as_ref()?.provenance.git_dirty);
    let mut frame = df![
        "run" => texts(&|run| run.reference.id.clone()),
        "environment" => texts(&|run| run.reference.environment.clone()),
        "agent" => texts(&|run| run.reference.agent.clone()),
        "axes" => texts(&|run| written_axes(&run.reference)),
        "seed" => runs.iter().map(|run| run.reference.seed).collect::<Vec<_>>(),
        "state" => texts(&|run| run.status.name().to_owned()),
        "reason" => runs.iter().map(|run| run.reason.clone()).collect::<Vec<_>>(),
        "real_steps" => runs.iter().map(RunResults::real_steps).collect::<Vec<_>>(),
        "total_real_steps" => counts(&|manifest| Some(manifest.total_real_steps)),
        "return" => numbers(&|run| run.score(&Measure::Return)),
        "performance" => numbers(&|run| run.score(&Measure::Performance)),
        "area_under_returns" => numbers(&RunResults::area_under_returns),
        "wall_seconds" => numbers(&|run| Some(run.cost()?.wall_seconds)),
        "host" => provenance(&|manifest| Some(manifest.provenance.host.clone())),
        "device" => provenance(&|manifest| Some(manifest.provenance.device.clone())),
        "git_revision" => provenance(&|manifest| manifest.provenance.git_revision.clone()),
        "git_dirty" => runs.iter().map(is_dirty).collect::<Vec<_>>(),
        "started_unix_seconds" => counts(&|manifest| Some(manifest.started_unix_seconds)),
        "finished_unix_seconds" => counts(&|manifest| manifest.finished_unix_seconds),
    ]?;
    add_measures(&mut frame, findings, Measure::is_of_run, |measure| {
        runs.iter().map(|run| run.score(measure)).collect()
    })?;
    let reached = |time: Option<EventTime>| match time? {
        EventTime::Reached(real_steps) => Some(real_steps as u64),
        EventTime::Censored(_) => None,
    };
    for measure in findings.further_measures().into_iter().filter(|it| it.is_time()) {
        let column: Vec<Option<u64>> = runs.iter().map(|run| reached(run.time(measure))).collect();
        frame.with_column(Column::new(measure.name().into(), column))?;
    }
    let events: BTreeSet<&str> = findings.event_times.iter().map(|it| it.event.as_str()).collect();
    for event in events {
        let column: Vec<Option<u64>> =
            runs.iter().map(|run| reached(event_time(run, event))).collect();
        frame.with_column(Column::new(event_times::name(event).into(), column))?;
    }
    Ok(frame)
}
