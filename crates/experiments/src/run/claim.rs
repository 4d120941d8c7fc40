//! The claim on a run: only one process may train a run, as long as its heartbeat goes on.
//!
//! Creating a folder is atomic, so only one process can create that of a new run. Taking over the folder of a
//! run that died, failed or was saved is not atomic. So the decision and the change are made under a lock on
//! `results/runs/.lock`, which the system releases when its owner dies, and under the lock of the folder
//! (`ownership`). Not every shared file system has locks, so a take-over also creates a file for the attempt,
//! which again only one process can. `heartbeat` keeps a granted claim.

use std::fs::{self, File};
use std::path::{Path, PathBuf};
use std::{fmt, io};

use zerolab_metrics::{Manifest, Provenance, RunState, STALE_AFTER_SECONDS};

use crate::error::RunError;
use crate::plan::resolved::ResolvedRun;
use crate::run::folder::RunFolder;
use crate::run::heartbeat::{Claim, HEARTBEAT};
use crate::run::lock_file;
use crate::run::process;
use crate::run::provenance::{self, now_unix_seconds};
use crate::run::retry;

/// The result of claiming a run.
pub enum ClaimOutcome {
    /// This process may train the run.
    Granted(Claim),
    /// The run is finished.
    Finished,
    /// Another process trains it.
    Elsewhere(ClaimHolder),
    /// It has failed for good, for this reason.
    GivenUp(String),
}

/// The process that trains a run.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ClaimHolder {
    /// The name of its machine.
    pub host: String,
    /// Its process id on that machine.
    pub process_id: u32,
}

/// Claims a run. A dead, failed or saved run is taken over. With `fresh` the run starts again, even if it is
/// finished. `command` is the command that the user gave, for the manifest.
///
/// # Errors
/// If the folder cannot be created or read.
pub fn claim(
    results: &Path,
    run: &ResolvedRun,
    fresh: bool,
    command: &str,
) -> Result<ClaimOutcome, RunError> {
    let folder = RunFolder::new(results, &run.id);
    let mut manifest = Manifest { provenance: provenance::of(run, command), ..new_manifest(run) };
    let _lock = lock(results)?;
    // Held until the new manifest is written, so that the attempt before writes nothing in between.
    let _folder_lock = if folder.path().exists() {
        // The lock is a file in the folder, which makes it young.
        let is_young = is_young(folder.path());
        let Some(folder_lock) = folder.try_lock()? else {
            return Ok(ClaimOutcome::Elsewhere(holder(&folder)));
        };
        match folder_state(&folder, run, is_young) {
            Ok(FolderState::Running(holder)) => return Ok(ClaimOutcome::Elsewhere(holder)),
            Ok(FolderState::Finished) if !fresh => return Ok(ClaimOutcome::Finished),
            Ok(FolderState::GivenUp(reason)) if !fresh => return Ok(ClaimOutcome::GivenUp(reason)),
            Ok(FolderState::Abandoned(before)) if !fresh => {
                if !take_over(&folder, &mut manifest, before.as_deref())? {
                    return Ok(ClaimOutcome::Elsewhere(ClaimHolder::unknown()));
                }
            }
            Err(error @ RunError::OtherRun { .. }) => return Err(error),
            Err(error) if !fresh && !error.is_lost_result() => return Err(error),
            _ => remove(results, &folder)?,
        }
        Some(folder_lock)
    } else {
        None
    };
    match fs::create_dir(folder.path()) {
        Err(error) if error.kind() != io::ErrorKind::AlreadyExists => {
            return Err(RunError::file("make", folder.path())(error));
        }
        _ => {}
    }
    let written = folder.write_patch(provenance::PATCH);
    if let Err(error) = written.and_then(|()| folder.write_manifest(&manifest)) {
        // The claim failed. If this file stays, other processes wait a minute for the attempt to become
        // stale.
        let _ = fs::remove_file(attempt_path(&folder, manifest.attempt));
        return Err(error);
    }
    Ok(ClaimOutcome::Granted(Claim::new(folder, manifest)))
}

/// The process that trains the run in a folder, as far as its manifest tells.
fn holder(folder: &RunFolder) -> ClaimHolder {
    let manifest = folder.manifest().ok().flatten();
    manifest.map_or_else(ClaimHolder::unknown, |manifest| ClaimHolder::of(&manifest))
}

/// The file of an attempt to take over a run.
fn attempt_path(folder: &RunFolder, attempt: u32) -> PathBuf {
    folder.path().join(format!(".attempt-{attempt}"))
}

/// Whether a process trains the run now.
pub fn is_alive(manifest: &Manifest) -> bool {
    manifest.state == RunState::Running && !is_dead(manifest)
}

/// Whether a run in state `running` is dead: it had no heartbeat for a minute, or its process is gone from
/// this machine.
pub fn is_dead(manifest: &Manifest) -> bool {
    manifest.is_stale(now_unix_seconds())
        || (manifest.state == RunState::Running
            && process::is_gone(manifest.process_id, &manifest.process_namespace))
}

/// Creates `results/runs` and checks that it can be written.
///
/// # Errors
/// If that is impossible.
pub fn prepare(results: &Path) -> Result<(), RunError> {
    lock(results).map(drop)
}

/// The state of a run's folder that exists already.
enum FolderState {
    Running(ClaimHolder),
    Finished,
    GivenUp(String),
    /// No process works on it. It has this manifest, if any.
    Abandoned(Option<Box<Manifest>>),
}

/// `is_young` says whether the folder has just changed.
fn folder_state(
    folder: &RunFolder,
    run: &ResolvedRun,
    is_young: bool,
) -> Result<FolderState, RunError> {
    let Some(manifest) = folder.verified_manifest(run)? else {
        // Its process died before it wrote a manifest, or the file system has no locks and the process is
        // about to write it.
        return Ok(match is_young {
            true => FolderState::Running(ClaimHolder::unknown()),
            false => FolderState::Abandoned(None),
        });
    };
    Ok(match manifest.state {
        RunState::Done => FolderState::Finished,
        RunState::Running if is_alive(&manifest) => {
            FolderState::Running(ClaimHolder::of(&manifest))
        }
        _ => match retry::reason_to_give_up(&manifest) {
            Some(reason) => FolderState::GivenUp(reason),
            None => FolderState::Abandoned(Some(Box::new(manifest))),
        },
    })
}

/// Makes `manifest` that of the attempt after `before`. Returns false if another process was faster.
fn take_over(
    folder: &RunFolder,
    manifest: &mut Manifest,
    before: Option<&Manifest>,
) -> Result<bool, RunError> {
    if let Some(before) = before {
        manifest.attempt = before.attempt + 1;
        manifest.experiment.clone_from(&before.experiment);
        manifest.started_unix_seconds = before.started_unix_seconds;
        manifest.failures.clone_from(&before.failures);
        manifest.real_steps = before.real_steps;
        manifest.trained_seconds = before.trained_seconds;
    }
    let path = attempt_path(folder, manifest.attempt);
    match File::create_new(&path) {
        Err(error) if error.kind() == io::ErrorKind::AlreadyExists => {
            // If the process died before it wrote its manifest, only this file tells how old the attempt is.
            let age = fs::metadata(&path).and_then(|data| data.modified()).ok();
            let age = age.and_then(|made| made.elapsed().ok()).map_or(0, |age| age.as_secs());
            if age <= STALE_AFTER_SECONDS {
                return Ok(false);
            }
            fs::remove_file(&path).map_err(RunError::file("remove", &path))?;
            take_over(folder, manifest, before)
        }
        made => made.map(|_| true).map_err(RunError::file("make", &path)),
    }
}

/// Whether a process trains the run in a folder, or is about to write its manifest.
pub fn is_trained(folder: &RunFolder) -> bool {
    match folder.manifest() {
        Ok(Some(manifest)) => is_alive(&manifest),
        Ok(None) => is_young(folder.path()),
        Err(_) => false,
    }
}

/// Removes the folder of a run.
///
/// # Errors
/// If that is impossible, or a process trains the run.
pub fn remove_untrained(results: &Path, folder: &RunFolder) -> Result<(), RunError> {
    let _lock = lock(results)?;
    // Nobody can claim it now. The lock would make a folder without a manifest young.
    let in_use = RunError::InUse { folder: folder.path().to_owned() };
    if is_trained(folder) {
        return Err(in_use);
    }
    let Some(_folder_lock) = folder.try_lock()? else { return Err(in_use) };
    remove(results, folder)
}

/// Whether a folder changed so recently that a process may be about to write its manifest.
fn is_young(folder: &Path) -> bool {
    let changed = fs::metadata(folder).and_then(|data| data.modified()).ok();
    changed.and_then(|changed| changed.elapsed().ok()).is_some_and(|age| age < HEARTBEAT)
}

/// Renames a folder before its files are deleted, so that a partly deleted run is never found under its name.
fn remove(results: &Path, folder: &RunFolder) -> Result<(), RunError> {
    let name = folder.path().file_name().unwrap_or_default().to_string_lossy();
    let aside = results.join("runs").join(format!(".removed-{name}-{}", std::process::id()));
    fs::rename(folder.path(), &aside).map_err(RunError::file("move", folder.path()))?;
    fs::remove_dir_all(&aside).map_err(RunError::file("remove", &aside))
}

/// The lock on the runs, held until it is dropped. Without locks in the file system, creating folders is
/// still atomic.
fn lock(results: &Path) -> Result<File, RunError> {
    let runs = results.join("runs");
    let unusable = |source| RunError::Results { path: runs.clone(), source };
    fs::create_dir_all(&runs).map_err(unusable)?;
    lock_file::lock(&runs.join(".lock")).map_err(unusable)
}

/// The manifest of a run's first attempt.
fn new_manifest(run: &ResolvedRun) -> Manifest {
    let now = now_unix_seconds();
    Manifest {
        state: RunState::Running,
        run_id: run.id.clone(),
        settings_hash: run.settings_hash(),
        experiment: run.experiment.clone(),
        environment: run.environment.name.clone(),
        agent: run.agent.label.clone(),
        preset: run.agent.preset.clone(),
        seed: run.seed,
        real_steps: 0,
        total_real_steps: run.budget.real_steps,
        attempt: 1,
        resumed_from: 0,
        inexact_resumes: Vec::new(),
        provenance: Provenance::default(),
        process_id: std::process::id(),
        process_namespace: process::namespace(),
        started_unix_seconds: now,
        attempt_started_unix_seconds: now,
        trained_seconds: 0.0,
        finished_unix_seconds: None,
        heartbeat_unix_seconds: now,
        exit_reason: None,
        failures: Vec::new(),
        records: None,
    }
}

impl ClaimHolder {
    /// The process in a manifest.
    pub fn of(manifest: &Manifest) -> Self {
        Self { host: manifest.provenance.host.clone(), process_id: manifest.process_id }
    }

    /// A process that has not written its manifest yet.
    pub fn unknown() -> Self {
        Self { host: "unknown".to_owned(), process_id: 0 }
    }
}

impl fmt::Display for ClaimHolder {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.process_id {
            0 => write!(formatter, "another process"),
            id => write!(formatter, "process {id} on {}", self.host),
        }
    }
}

#[cfg(test)]
mod tests;
