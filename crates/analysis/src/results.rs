//! Reads the results of an experiment: its file, and the manifest and records of each of its runs.
//!
//! A missing, unfinished or unreadable run is no error. The report shows it with its status.

use std::collections::{BTreeMap, HashMap};
use std::fs;
use std::io::ErrorKind;
use std::path::Path;

use rayon::prelude::*;
use zerolab_metrics::statistics::{EventTime, area_under_curve, mean};
use zerolab_metrics::{
    CostRecord, EvaluationRecord, Examination, ExaminationReference, ExperimentFile, Included,
    Manifest, Measure, Record, RecordsError, RunReference, RunState, read_records,
};

use crate::error::ReportError;
use crate::labels::environment_label;
use crate::training_episodes::TrainingEpisodes;

/// The page of a run, in its folder.
pub(crate) const RUN_PAGE: &str = "run.html";

/// An experiment and all of its runs.
pub(crate) struct ExperimentResults {
    pub experiment: ExperimentFile,
    pub runs: Vec<RunResults>,
    /// What the experiment includes from others and is not there, each in a sentence.
    pub not_included: Vec<String>,
}

/// One run of the plan, with as much as there is of its results.
pub(crate) struct RunResults {
    pub reference: RunReference,
    pub status: RunStatus,
    /// The reason for its status, if there is one.
    pub reason: Option<String>,
    pub manifest: Option<Manifest>,
    pub records: Vec<Record>,
    /// The training episodes of its last phase.
    pub training: TrainingEpisodes,
    /// What its examinations measured, by their labels; those that are done.
    pub examinations: BTreeMap<String, Examination>,
    /// Whether its folder has a page.
    pub has_page: bool,
}

/// The status of a run, as its files show it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum RunStatus {
    Done,
    Running,
    Saved,
    Pending,
    Stale,
    Failed,
    Unreadable,
}

impl RunStatus {
    pub fn name(self) -> &'static str {
        match self {
            RunStatus::Done => "done",
            RunStatus::Running => "running",
            RunStatus::Saved => "saved",
            RunStatus::Pending => "pending",
            RunStatus::Stale => "stale",
            RunStatus::Failed => "failed",
            RunStatus::Unreadable => "unreadable",
        }
    }

    /// Whether the run neither trains nor waits to be trained.
    pub fn is_final(self) -> bool {
        matches!(self, RunStatus::Done | RunStatus::Failed | RunStatus::Unreadable)
    }
}

impl RunResults {
    /// The run's evaluations, in order.
    pub fn evaluations(&self) -> impl Iterator<Item = &EvaluationRecord> {
        self.records.iter().filter_map(|record| match record {
            Record::Evaluation(evaluation) if !evaluation.returns.is_empty() => Some(evaluation),
            _ => None,
        })
    }

    /// The evaluations of the last phase, each with its real steps since the phase began. Of two at the same real steps,
    /// before and after updates without new experience, the later one.
    pub fn last_phase(&self) -> Vec<(u64, &EvaluationRecord)> {
        let mut of_phase: Vec<(u64, &EvaluationRecord)> = Vec::new();
        let mut begin = 0;
        for record in &self.records {
            match record {
                Record::Phase(phase) => {
                    of_phase.clear();
                    begin = phase.real_steps;
                }
                Record::Evaluation(evaluation) if !evaluation.returns.is_empty() => {
                    let at = evaluation.real_steps.saturating_sub(begin);
                    of_phase.pop_if(|(last, _)| *last == at);
                    of_phase.push((at, evaluation));
                }
                _ => {}
            }
        }
        of_phase
    }

    /// The run's last cost record.
    pub fn cost(&self) -> Option<&CostRecord> {
        self.records.iter().rev().find_map(|record| match record {
            Record::Cost(cost) => Some(cost),
            _ => None,
        })
    }

    /// A measure of one of the run's evaluations; nothing where it is not defined.
    pub fn measured(&self, measure: &Measure, evaluation: &EvaluationRecord) -> Option<f64> {
        measure.of(&evaluation.episodes(), self.reference.anchors.as_ref())
    }

    /// A measure of an examination, of the last phase or its training episodes, or of the last evaluation, if there was one.
    pub fn score(&self, measure: &Measure) -> Option<f64> {
        if let Measure::Examined { label, of } = measure {
            let references = self.reference.examinations.iter();
            let anchors = references.filter(|it| it.label() == *label).find_map(|it| it.anchors);
            return self.examinations.get(label)?.measured(of, anchors.as_ref());
        }
        if let Measure::Training(of) = measure {
            let anchors = self.reference.anchors.as_ref();
            return Measure::from_name(of)?.of(&self.training.episodes(), anchors);
        }
        if measure.is_time() {
            // Of a censored run it is the least that it can be.
            return Some(self.time(measure)?.least());
        }
        self.measured(measure, self.evaluations().last()?)
    }

    /// The time of a measure of the last phase.
    pub fn time(&self, measure: &Measure) -> Option<EventTime> {
        let evaluations = self.last_phase();
        let evaluations: Vec<_> =
            evaluations.iter().map(|(at, evaluation)| (*at, evaluation.episodes())).collect();
        measure.time(&evaluations, self.reference.anchors.as_ref())
    }

    /// The area under the curve of the evaluation returns of the last phase over real steps, divided by its length.
    pub fn area_under_returns(&self) -> Option<f64> {
        let point =
            |(at, evaluation): (u64, &EvaluationRecord)| (at as f64, mean(&evaluation.returns));
        let points: Vec<(f64, f64)> = self.last_phase().into_iter().map(point).collect();
        Some(area_under_curve(&points)).filter(|area| area.is_finite())
    }

    /// Real steps taken, from the manifest or the last record, whichever has more.
    pub fn real_steps(&self) -> u64 {
        let recorded = self.records.last().map_or(0, Record::real_steps);
        self.manifest.as_ref().map_or(recorded, |manifest| manifest.real_steps.max(recorded))
    }
}

/// Reads an experiment and, in parallel, its runs.
pub(crate) fn read(
    results: &Path,
    experiment: &str,
    now_unix_seconds: u64,
) -> Result<ExperimentResults, ReportError> {
    let mut experiment = read_experiment(results, experiment)?;
    let mut not_included = Vec::new();
    for include in &experiment.includes {
        let Included { runs, missing } = include.find(results);
        experiment.runs.extend(runs);
        let without = |why| format!("Without an included experiment or agent: {why}.");
        not_included.extend(missing.map(without));
    }
    sort(&mut experiment.runs);
    let folder = results.join("runs");
    let runs = experiment
        .runs
        .par_iter()
        .map(|reference| read_run(&folder.join(&reference.id), reference, now_unix_seconds))
        .collect();
    Ok(ExperimentResults { experiment, runs, not_included })
}

/// Runs of an environment stand together, and in it the variants of an agent. A plan has them in the order of the
/// sweep's combinations.
fn sort(runs: &mut [RunReference]) {
    let (mut environments, mut agents) = (HashMap::new(), HashMap::new());
    for (place, run) in runs.iter().enumerate() {
        environments.entry(environment_label(run, &[])).or_insert(place);
        agents.entry(run.agent.clone()).or_insert(place);
    }
    runs.sort_by_cached_key(|run| {
        let environment = environments.get(&environment_label(run, &[])).copied();
        (environment, agents.get(&run.agent).copied())
    });
}

fn read_experiment(results: &Path, experiment: &str) -> Result<ExperimentFile, ReportError> {
    let path = results.join(experiment).join("experiment.json");
    let text =
        fs::read(&path).map_err(|source| ReportError::Read { path: path.clone(), source })?;
    serde_json::from_slice(&text).map_err(|source| ReportError::Parse { path, source })
}

/// Reads a run from its folder.
pub(crate) fn read_run(
    folder: &Path,
    reference: &RunReference,
    now_unix_seconds: u64,
) -> RunResults {
    let mut run = RunResults {
        reference: reference.clone(),
        status: RunStatus::Pending,
        reason: None,
        manifest: None,
        records: Vec::new(),
        training: TrainingEpisodes::default(),
        examinations: BTreeMap::new(),
        has_page: folder.join(RUN_PAGE).exists(),
    };
    match read_manifest(&folder.join("manifest.json")) {
        Ok(Some(manifest)) if is_other(&manifest, reference) => {
            run.status = RunStatus::Unreadable;
            run.reason = Some(format!("{} holds another run with the same id", folder.display()));
            return run;
        }
        Ok(Some(manifest)) => {
            (run.status, run.reason) = status(&manifest, now_unix_seconds);
            run.manifest = Some(manifest);
        }
        Ok(None) => return run,
        Err(message) => {
            run.status = RunStatus::Unreadable;
            run.reason = Some(message);
        }
    }
    let seal = run.manifest.as_ref().and_then(|manifest| manifest.records.as_ref());
    match read_records(&folder.join("records.jsonl"), seal) {
        Ok(records) => {
            run.training = TrainingEpisodes::of_last_phase(&records);
            run.records = records;
        }
        Err(RecordsError::Read { source, .. })
            if source.kind() == ErrorKind::NotFound && seal.is_none() => {}
        Err(error) => {
            run.status = RunStatus::Unreadable;
            run.reason = Some(error.to_string());
        }
    }
    run.examinations = read_examinations(folder, reference);
    run
}

/// The examinations of the run whose folder is `folder`. One that is not there, is damaged or is of another run is left
/// out: `zerolab run` plays it again.
fn read_examinations(folder: &Path, reference: &RunReference) -> BTreeMap<String, Examination> {
    let results = folder.parent().and_then(Path::parent).unwrap_or(Path::new(""));
    let of_run = results.join("examinations").join(&reference.id);
    let read = |it: &ExaminationReference| {
        let found = Examination::from_json(&fs::read(of_run.join(&it.file)).ok()?).ok()?;
        let is_of_run = found.settings_hash == reference.settings_hash;
        is_of_run.then(|| (it.label(), found))
    };
    reference.examinations.iter().filter_map(read).collect()
}

/// Whether the manifest is that of another run. Files of older versions have no hash.
fn is_other(manifest: &Manifest, reference: &RunReference) -> bool {
    let (found, expected) = (&manifest.settings_hash, &reference.settings_hash);
    !found.is_empty() && !expected.is_empty() && found != expected
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

fn status(manifest: &Manifest, now_unix_seconds: u64) -> (RunStatus, Option<String>) {
    let status = match manifest.state {
        RunState::Done => RunStatus::Done,
        RunState::Running if manifest.is_stale(now_unix_seconds) => RunStatus::Stale,
        RunState::Running => RunStatus::Running,
        RunState::Saved => RunStatus::Saved,
        RunState::Failed => RunStatus::Failed,
    };
    let reason = match status {
        RunStatus::Stale => {
            Some("its heartbeat stopped; run the experiment again to resume it".to_owned())
        }
        _ => manifest.exit_reason.clone(),
    };
    (status, reason)
}
