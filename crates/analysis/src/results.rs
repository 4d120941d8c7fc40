//! Reading what an experiment left: its file, and the manifest and records of each of its runs.
//!
//! A run that is missing, half finished or unreadable is a state of that run, never an error of the report.

use std::collections::BTreeMap;
use std::fs;
use std::io::ErrorKind;
use std::path::Path;

use rayon::prelude::*;
use zerolab_metrics::statistics::{area_under_curve, mean};
use zerolab_metrics::{
    CostRecord, EvaluationRecord, ExperimentFile, Manifest, Record, RecordsError, RunReference,
    RunState, read_records,
};

use crate::error::ReportError;
use crate::spending::Spent;

/// An experiment and all of its runs.
pub(crate) struct Results {
    pub experiment: ExperimentFile,
    pub runs: Vec<Run>,
}

/// One run of the plan, and what there is of it.
pub(crate) struct Run {
    pub reference: RunReference,
    pub status: Status,
    /// Why it is in that state, where there is a reason.
    pub reason: Option<String>,
    pub manifest: Option<Manifest>,
    pub records: Vec<Record>,
}

/// The state of a run as a reader of the files sees it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Status {
    Done,
    Running,
    Saved,
    Missing,
    Stale,
    Failed,
    Unreadable,
}

impl Status {
    pub fn name(self) -> &'static str {
        match self {
            Status::Done => "done",
            Status::Running => "running",
            Status::Saved => "saved",
            Status::Missing => "missing",
            Status::Stale => "stale",
            Status::Failed => "failed",
            Status::Unreadable => "unreadable",
        }
    }
}

impl Run {
    /// The run's evaluations, in order.
    pub fn evaluations(&self) -> impl Iterator<Item = &EvaluationRecord> {
        self.records.iter().filter_map(|record| match record {
            Record::Evaluation(evaluation) if !evaluation.returns.is_empty() => Some(evaluation),
            _ => None,
        })
    }

    /// The run's evaluations, each with the account written behind it.
    pub fn spent(&self) -> impl Iterator<Item = Spent<'_>> {
        let costs: BTreeMap<u64, &CostRecord> = self
            .records
            .iter()
            .filter_map(|record| match record {
                Record::Cost(cost) => Some((cost.real_steps, cost)),
                _ => None,
            })
            .collect();
        self.evaluations().map(move |evaluation| Spent {
            run: self,
            evaluation,
            cost: costs.get(&evaluation.real_steps).copied(),
        })
    }

    /// The run's account when it was last written.
    pub fn cost(&self) -> Option<&CostRecord> {
        self.records.iter().rev().find_map(|record| match record {
            Record::Cost(cost) => Some(cost),
            _ => None,
        })
    }

    /// The mean of `values` over the episodes of the last evaluation, if there was one.
    pub fn score(&self, values: impl Fn(&EvaluationRecord) -> &[f64]) -> Option<f64> {
        self.evaluations().last().map(|evaluation| mean(values(evaluation)))
    }

    /// The mean height of the curve of evaluation returns over real steps.
    pub fn area_under_returns(&self) -> Option<f64> {
        let points: Vec<(f64, f64)> = self
            .evaluations()
            .map(|evaluation| (evaluation.real_steps as f64, mean(&evaluation.returns)))
            .collect();
        Some(area_under_curve(&points)).filter(|area| area.is_finite())
    }

    /// Real steps taken, as the manifest or else the last record says.
    pub fn real_steps(&self) -> u64 {
        let recorded = self.records.last().map_or(0, Record::real_steps);
        self.manifest.as_ref().map_or(recorded, |manifest| manifest.real_steps.max(recorded))
    }
}

/// Reads an experiment and, side by side, its runs.
pub(crate) fn read(
    results: &Path,
    experiment: &str,
    now_unix_seconds: u64,
) -> Result<Results, ReportError> {
    let path = results.join(experiment).join("experiment.json");
    let text =
        fs::read(&path).map_err(|source| ReportError::Read { path: path.clone(), source })?;
    let experiment: ExperimentFile =
        serde_json::from_slice(&text).map_err(|source| ReportError::Parse { path, source })?;
    let folder = results.join("runs");
    let runs = experiment
        .runs
        .par_iter()
        .map(|reference| read_run(&folder, reference, now_unix_seconds))
        .collect();
    Ok(Results { experiment, runs })
}

fn read_run(runs: &Path, reference: &RunReference, now_unix_seconds: u64) -> Run {
    let folder = runs.join(&reference.id);
    let mut run = Run {
        reference: reference.clone(),
        status: Status::Missing,
        reason: None,
        manifest: None,
        records: Vec::new(),
    };
    match read_manifest(&folder.join("manifest.json")) {
        Ok(Some(manifest)) => {
            (run.status, run.reason) = status(&manifest, now_unix_seconds);
            run.manifest = Some(manifest);
        }
        Ok(None) => return run,
        Err(message) => {
            run.status = Status::Unreadable;
            run.reason = Some(message);
        }
    }
    let seal = run.manifest.as_ref().and_then(|manifest| manifest.records.as_ref());
    match read_records(&folder.join("records.jsonl"), seal) {
        Ok(records) => run.records = records,
        Err(RecordsError::Read { source, .. })
            if source.kind() == ErrorKind::NotFound && seal.is_none() => {}
        Err(error) => {
            run.status = Status::Unreadable;
            run.reason = Some(error.to_string());
        }
    }
    run
}

fn read_manifest(path: &Path) -> Result<Option<Manifest>, String> {
    match fs::read(path) {
        Ok(text) => Manifest::from_json(&text)
            .map(Some)
            .map_err(|error| format!("{}: {error}", path.display())),
        Err(error) if error.kind() == ErrorKind::NotFound => Ok(None),
        Err(error) => Err(format!("{}: {error}", path.display())),
    }
}

fn status(manifest: &Manifest, now_unix_seconds: u64) -> (Status, Option<String>) {
    let status = match manifest.state {
        RunState::Done => Status::Done,
        RunState::Running if manifest.is_stale(now_unix_seconds) => Status::Stale,
        RunState::Running => Status::Running,
        RunState::Saved => Status::Saved,
        RunState::Failed => Status::Failed,
    };
    let reason = match status {
        Status::Stale => {
            Some("its heartbeat stopped; run the experiment again to take it up".to_owned())
        }
        _ => manifest.exit_reason.clone(),
    };
    (status, reason)
}
