//! Submits the unfinished runs of a plan.

use std::collections::HashSet;
use std::fs;
use std::path::{Path, PathBuf};

use rayon::prelude::*;
use zerolab_metrics::{Manifest, RunState};

use super::client::{self, SlurmError};
use super::jobs::JobsFolder;
use super::prepare::{Scripts, prepare};
use super::queue::Queue;
use crate::error::RunError;
use crate::examine::is_done;
use crate::plan::resolved::ResolvedRun;
use crate::plan::slurm::SlurmSettings;
use crate::plan::{Plan, instantiate, run_list};
use crate::run::claim;
use crate::run::folder::RunFolder;
use crate::run::retry;

/// What to submit, and how.
pub struct SubmitSettings<'a> {
    /// The settings of Slurm.
    pub slurm: &'a SlurmSettings,
    /// The folder of results.
    pub results: &'a Path,
    /// The command that the user gave.
    pub command: &'a str,
    /// The words after `zerolab` of the command that examines finished runs and writes the report, for the path of a spec
    /// and the folder of results.
    pub report: &'a dyn Fn(&Path, &Path) -> String,
    /// Whether to train every run from its start, also finished ones.
    pub fresh: bool,
}

/// What was submitted, and what was not.
#[derive(Debug, Default)]
pub struct Submission {
    /// The number of runs that are finished.
    pub finished: usize,
    /// The number of runs in training.
    pub running: usize,
    /// The number of runs that wait in the queue.
    pub queued: usize,
    /// The runs that failed for good, and why. They are not submitted.
    pub failed: Vec<(String, String)>,
    /// The number of runs that were submitted.
    pub submitted: usize,
    /// The number of runs that were not submitted, for the reason in `refused`.
    pub left: usize,
    /// The arrays that were submitted: their scripts, ids and numbers of tasks.
    pub arrays: Vec<(PathBuf, String, usize)>,
    /// The id of the job that writes the report; `None` if there is nothing for it to wait for and to examine.
    pub report: Option<String>,
    /// Why the rest was not submitted. What was submitted before goes on.
    pub refused: Option<SlurmError>,
}

/// The scripts that [`submit`] would submit now, with their paths. Writes and submits nothing.
///
/// # Errors
/// As [`submit`].
pub fn dry_run(
    plan: &Plan,
    settings: &SubmitSettings<'_>,
) -> Result<Vec<(PathBuf, String)>, SlurmError> {
    let folder = JobsFolder::of(settings.results, &plan.experiment.name);
    let (rest, queue, _) = unfinished(plan, settings, &folder)?;
    let scripts = prepare(&rest, settings, &folder, &queue)?;
    let all = scripts.arrays.into_iter().chain([scripts.report]);
    Ok(all.map(|script| (script.path, script.text)).collect())
}

/// Submits the runs of a plan that are neither finished, nor in training, nor queued, and a job that writes the report when
/// they have ended. The scripts are kept in `results/<experiment>/slurm/`.
///
/// # Errors
/// If Slurm is missing or does not answer, or the files cannot be written. If it refuses a script, see
/// [`Submission::refused`].
pub fn submit(plan: &Plan, settings: &SubmitSettings<'_>) -> Result<Submission, SlurmError> {
    plan.runs.iter().try_for_each(instantiate::check)?;
    claim::prepare(settings.results)?;
    let folder = JobsFolder::of(settings.results, &plan.experiment.name);
    folder.make()?;
    let lock = folder.lock()?;
    let (rest, queue, mut submission) = unfinished(plan, settings, &folder)?;
    let Scripts { arrays, report, runs, spec, refused } =
        prepare(&rest, settings, &folder, &queue)?;
    if !arrays.is_empty() {
        run_list::write_to(&runs, &rest.runs)?;
    }
    submission.refused = refused;
    let live = |is_report: bool| {
        let jobs = queue.live().filter(move |job| job.is_report() == is_report);
        jobs.filter_map(|job| job.id.clone()).collect::<Vec<_>>()
    };
    let (mut ids, reports) = (live(false), live(true));
    for array in arrays {
        match array.submit(&folder, &[], &lock) {
            Err(error) => {
                submission.refused = Some(error);
                break;
            }
            Ok(id) => {
                submission.submitted += array.job.tasks.iter().map(Vec::len).sum::<usize>();
                ids.push(id.clone());
                submission.arrays.push((array.path, id, array.job.tasks.len()));
            }
        }
    }
    submission.left = rest.runs.len() - submission.submitted;
    submission.report = match reports.first() {
        Some(id) if submission.arrays.is_empty() => Some(id.clone()),
        _ if ids.is_empty() && !lacks_examinations(plan, settings.results) => None,
        // Nothing was accepted, so neither would this be.
        _ if ids.is_empty() && submission.refused.is_some() => None,
        _ => {
            // Those would not wait for the new runs.
            if !reports.is_empty() {
                client::cancel(&reports)?;
            }
            fs::copy(&plan.spec_path, &spec).map_err(RunError::file("copy", &plan.spec_path))?;
            Some(report.submit(&folder, &ids, &lock)?)
        }
    };
    Ok(submission)
}

/// The plan of the runs to submit, the queue, and what became of the other runs.
fn unfinished(
    plan: &Plan,
    settings: &SubmitSettings<'_>,
    folder: &JobsFolder,
) -> Result<(Plan, Queue, Submission), SlurmError> {
    let read = |run: &ResolvedRun| RunFolder::new(settings.results, &run.id).verified_manifest(run);
    let manifests: Vec<_> = plan.runs.par_iter().map(read).collect();
    let is_done = |manifest: &Result<Option<Manifest>, RunError>| matches!(manifest, Ok(Some(manifest)) if manifest.state == RunState::Done);
    let runs = plan.runs.iter().zip(&manifests);
    let mut open: HashSet<&str> = HashSet::new();
    open.extend(runs.filter(|(_, it)| !is_done(it)).map(|(run, _)| run.id.as_str()));
    let queue = Queue::read(folder, &|run| open.contains(run)).map_err(unknown)?;
    let queued = queue.runs();
    let mut submission = Submission::default();
    let mut rest = Plan { runs: Vec::new(), ..plan.clone() };
    for (run, manifest) in plan.runs.iter().zip(manifests) {
        let manifest = match manifest {
            Err(error) if !error.is_lost_result() => return Err(error.into()),
            manifest => manifest.ok().flatten(),
        };
        let given_up = manifest.as_ref().and_then(retry::reason_to_give_up);
        match manifest {
            Some(manifest) if manifest.state == RunState::Done && !settings.fresh => {
                submission.finished += 1;
            }
            Some(manifest) if claim::is_alive(&manifest) => submission.running += 1,
            _ if queued.contains(run.id.as_str()) => submission.queued += 1,
            _ => match given_up.filter(|_| !settings.fresh) {
                Some(reason) => submission.failed.push((run.id.clone(), reason)),
                None => rest.runs.push(run.clone()),
            },
        }
    }
    Ok((rest, queue, submission))
}

/// Whether a finished run has an examination that was not played.
fn lacks_examinations(plan: &Plan, results: &Path) -> bool {
    plan.runs.iter().any(|run| {
        plan.distinct_examinations_of(run).any(|planned| !is_done(results, run, planned))
    })
}

/// An error of a question about the queue.
fn unknown(error: SlurmError) -> SlurmError {
    match error {
        SlurmError::Failed { .. } => SlurmError::Unknown(error.to_string()),
        error => error,
    }
}
