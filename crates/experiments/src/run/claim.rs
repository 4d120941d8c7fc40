//! Who may train a run: the process that made its folder, for as long as its heart beats.
//!
//! Making a folder is atomic, so of two that try one succeeds. Taking over the folder of a run that died, failed or
//! was saved is not: decision and change are made under a lock on `results/runs/.lock`, which the system frees when its
//! holder dies; and, since not every shared file system has locks, whoever takes over first makes the file that stands
//! for the attempt, which again only one can. How a granted claim is kept stands in `heartbeat`.

use std::fs::{self, File};
use std::io;
use std::path::{Path, PathBuf};

use zerolab_metrics::{Manifest, Provenance, STALE_AFTER_SECONDS, State};

use crate::error::RunError;
use crate::plan::resolved::ResolvedRun;
use crate::run::folder::RunFolder;
use crate::run::heartbeat::{Claim, HEARTBEAT};
use crate::run::provenance::{self, host, now_unix_seconds};
use crate::run::retry;

/// The answer to one who wants to train a run.
pub enum Answer {
    /// It is yours alone.
    Granted(Claim),
    /// It is finished.
    Finished,
    /// It is being trained by another process.
    Elsewhere(Holder),
    /// It has failed for good, for this reason.
    GivenUp(String),
}

/// The process that trains a run.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Holder {
    /// Its machine.
    pub host: String,
    /// Its number there.
    pub process_id: u32,
}

/// Asks for a run. What a dead, failed or saved run left is taken over; with `fresh` the run begins anew, a finished
/// one too. `command` is what asked for it.
///
/// # Errors
/// If the folder cannot be made or read.
pub fn claim(
    results: &Path,
    run: &ResolvedRun,
    fresh: bool,
    command: &str,
) -> Result<Answer, RunError> {
    let folder = RunFolder::new(results, &run.id);
    let mut manifest = Manifest { provenance: provenance::of(run, command), ..first_manifest(run) };
    let _lock = lock(results)?;
    if folder.path().exists() {
        match occupant(&folder) {
            Ok(Occupant::Alive(holder)) => return Ok(Answer::Elsewhere(holder)),
            Ok(Occupant::Finished) if !fresh => return Ok(Answer::Finished),
            Ok(Occupant::Hopeless(reason)) if !fresh => return Ok(Answer::GivenUp(reason)),
            Ok(Occupant::Gone(before)) if !fresh => {
                if !follow(&folder, &mut manifest, before.as_deref())? {
                    return Ok(Answer::Elsewhere(Holder::unknown()));
                }
            }
            Err(damaged) if !fresh => return Err(damaged),
            _ => remove(results, &folder)?,
        }
    }
    match fs::create_dir(folder.path()) {
        Err(error) if error.kind() != io::ErrorKind::AlreadyExists => {
            return Err(RunError::file("make", folder.path())(error));
        }
        _ => {}
    }
    let written = folder.write_patch(provenance::PATCH);
    if let Err(error) = written.and_then(|()| folder.write_manifest(&manifest)) {
        // It is not ours after all. Where not even that can be told, the others wait a minute.
        let _ = fs::remove_file(attempt_path(&folder, manifest.attempt));
        return Err(error);
    }
    Ok(Answer::Granted(Claim::new(folder, manifest)))
}

/// The file that stands for an attempt to take a run over.
fn attempt_path(folder: &RunFolder, attempt: u32) -> PathBuf {
    folder.path().join(format!(".attempt-{attempt}"))
}

/// Whether a run that says it is running is dead: no heartbeat for a minute, or its process is gone
/// from this machine.
pub fn is_dead(manifest: &Manifest) -> bool {
    let here = manifest.provenance.host == host();
    manifest.is_stale(now_unix_seconds())
        || (manifest.state == State::Running && here && !process_lives(manifest.process_id))
}

/// Makes `results/runs` and tries to write there.
///
/// # Errors
/// If that is impossible.
pub fn prepare(results: &Path) -> Result<(), RunError> {
    lock(results).map(drop)
}

enum Occupant {
    Alive(Holder),
    Finished,
    Hopeless(String),
    /// It left this manifest, if any.
    Gone(Option<Box<Manifest>>),
}

fn occupant(folder: &RunFolder) -> Result<Occupant, RunError> {
    let Some(manifest) = folder.manifest()? else { return Ok(newborn(folder)) };
    Ok(match manifest.state {
        State::Done => Occupant::Finished,
        State::Running if !is_dead(&manifest) => Occupant::Alive(Holder::of(&manifest)),
        _ => match retry::given_up(&manifest) {
            Some(reason) => Occupant::Hopeless(reason),
            None => Occupant::Gone(Some(Box::new(manifest))),
        },
    })
}

/// Lets `manifest` be that of the attempt after `before`; false if another process was quicker.
fn follow(
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
            // Of one who died before its manifest was written nothing else is left.
            let age = fs::metadata(&path).and_then(|data| data.modified()).ok();
            let age = age.and_then(|made| made.elapsed().ok()).map_or(0, |age| age.as_secs());
            if age <= STALE_AFTER_SECONDS {
                return Ok(false);
            }
            fs::remove_file(&path).map_err(RunError::file("remove", &path))?;
            follow(folder, manifest, before)
        }
        made => made.map(|_| true).map_err(RunError::file("make", &path)),
    }
}

/// A folder without a manifest: its maker has died in between, unless it works without our lock (on a
/// file system that has none) and was quick.
fn newborn(folder: &RunFolder) -> Occupant {
    let age = fs::metadata(folder.path()).and_then(|data| data.modified()).ok();
    let young = age.and_then(|made| made.elapsed().ok()).is_some_and(|age| age < HEARTBEAT);
    if young { Occupant::Alive(Holder::unknown()) } else { Occupant::Gone(None) }
}

/// Moves a folder aside before its files go, so that no half of a run is ever left under its name.
fn remove(results: &Path, folder: &RunFolder) -> Result<(), RunError> {
    let name = folder.path().file_name().unwrap_or_default().to_string_lossy();
    let aside = results.join("runs").join(format!(".removed-{name}-{}", std::process::id()));
    fs::rename(folder.path(), &aside).map_err(RunError::file("move", folder.path()))?;
    fs::remove_dir_all(&aside).map_err(RunError::file("remove", &aside))
}

/// Held until dropped. Where the file system has no locks, the atomic making of a folder must do.
fn lock(results: &Path) -> Result<File, RunError> {
    let runs = results.join("runs");
    let unusable = |source| RunError::Results { path: runs.clone(), source };
    fs::create_dir_all(&runs).map_err(unusable)?;
    let file = File::create(runs.join(".lock")).map_err(unusable)?;
    match file.lock() {
        Err(error) if error.kind() != io::ErrorKind::Unsupported => Err(unusable(error)),
        _ => Ok(file),
    }
}

fn process_lives(process_id: u32) -> bool {
    let number = i32::try_from(process_id).ok().and_then(rustix::process::Pid::from_raw);
    // Without the right to signal it, it lives all the same.
    let exists = number
        .is_some_and(|pid| rustix::process::test_kill_process(pid) != Err(rustix::io::Errno::SRCH));
    exists && !is_zombie(process_id)
}

/// A process that has ended but whom its parent has not counted yet still has its number.
fn is_zombie(process_id: u32) -> bool {
    let stat = fs::read_to_string(format!("/proc/{process_id}/stat"));
    stat.is_ok_and(|stat| stat.rsplit(") ").next().is_some_and(|state| state.starts_with('Z')))
}

fn first_manifest(run: &ResolvedRun) -> Manifest {
    let now = now_unix_seconds();
    Manifest {
        state: State::Running,
        run_id: run.id.clone(),
        experiment: run.experiment.clone(),
        environment: run.environment.name.clone(),
        agent: run.agent.label.clone(),
        preset: run.agent.preset.clone(),
        seed: run.seed,
        real_steps: 0,
        total_real_steps: run.budget.real_steps,
        attempt: 1,
        resumed_from: 0,
        provenance: Provenance::default(),
        process_id: std::process::id(),
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

impl Holder {
    /// The process that a manifest names.
    pub fn of(manifest: &Manifest) -> Self {
        Self { host: manifest.provenance.host.clone(), process_id: manifest.process_id }
    }

    fn unknown() -> Self {
        Self { host: "unknown".to_owned(), process_id: 0 }
    }
}

#[cfg(test)]
mod tests;
