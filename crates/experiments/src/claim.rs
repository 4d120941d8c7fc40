//! Who may train a run: the process that made its folder, for as long as its heart beats.
//!
//! Making a folder is atomic, so of two that try one succeeds. Taking over a dead run's folder is not:
//! decision and change are made under a lock on `results/runs/.lock`, which the system frees when its
//! holder dies. A claim that was lost (a process frozen for a minute) is noticed by its own heartbeat.

use std::fs::{self, File};
use std::io;
use std::path::Path;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::mpsc::{self, RecvTimeoutError, Sender};
use std::sync::{Arc, Mutex, PoisonError};
use std::thread::{self, JoinHandle};
use std::time::Duration;

use zerolab_metrics::{Manifest, State};

use crate::provenance::{git, host, now_unix_seconds, versions};
use crate::resolved::ResolvedRun;
use crate::run_error::RunError;
use crate::run_folder::RunFolder;

/// Time between two heartbeats.
const HEARTBEAT: Duration = Duration::from_secs(2);

/// The answer to one who wants to train a run.
pub enum Answer {
    /// It is yours: the folder is new and yours alone.
    Granted(Claim),
    /// It is finished.
    Finished,
    /// It is being trained by another process.
    Elsewhere(Holder),
}

/// The process that trains a run.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Holder {
    /// Its machine.
    pub host: String,
    /// Its number there.
    pub process_id: u32,
}

/// The right to train a run, kept by a heartbeat until it is dropped.
pub struct Claim {
    folder: RunFolder,
    shared: Arc<Shared>,
    stop: Option<Sender<()>>,
    heart: Option<JoinHandle<()>>,
}

/// What the training and its heartbeat share.
struct Shared {
    manifest: Mutex<Manifest>,
    real_steps: AtomicU64,
    lost: AtomicBool,
}

/// Asks for a run. A folder that a dead or failed run left is replaced; with `fresh`, a finished one too.
///
/// # Errors
/// If the folder cannot be made or read.
pub fn claim(results: &Path, run: &ResolvedRun, fresh: bool) -> Result<Answer, RunError> {
    let folder = RunFolder::new(results, &run.id);
    let manifest = first_manifest(run);
    let _lock = lock(results)?;
    if folder.path().exists() {
        match occupant(&folder) {
            Ok(Occupant::Alive(holder)) => return Ok(Answer::Elsewhere(holder)),
            Ok(Occupant::Finished) if !fresh => return Ok(Answer::Finished),
            Err(damaged) if !fresh => return Err(damaged),
            _ => remove(results, &folder)?,
        }
    }
    fs::create_dir(folder.path()).map_err(RunError::file("make", folder.path()))?;
    folder.write_manifest(&manifest)?;
    Ok(Answer::Granted(Claim::new(folder, manifest)))
}

/// Whether a run that says it is running is dead: no heartbeat for a minute, or its process is gone
/// from this machine.
pub fn is_dead(manifest: &Manifest) -> bool {
    let here = manifest.host == host();
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
    Gone,
}

fn occupant(folder: &RunFolder) -> Result<Occupant, RunError> {
    let Some(manifest) = folder.manifest()? else { return Ok(newborn(folder)) };
    Ok(match manifest.state {
        State::Done => Occupant::Finished,
        State::Running if !is_dead(&manifest) => Occupant::Alive(Holder::of(&manifest)),
        _ => Occupant::Gone,
    })
}

/// A folder without a manifest: its maker has died in between, unless it works without our lock (on a
/// file system that has none) and was quick.
fn newborn(folder: &RunFolder) -> Occupant {
    let age = fs::metadata(folder.path()).and_then(|data| data.modified()).ok();
    let young = age.and_then(|made| made.elapsed().ok()).is_some_and(|age| age < HEARTBEAT);
    if young {
        Occupant::Alive(Holder { host: "unknown".to_owned(), process_id: 0 })
    } else {
        Occupant::Gone
    }
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
    number
        .is_some_and(|pid| rustix::process::test_kill_process(pid) != Err(rustix::io::Errno::SRCH))
}

fn first_manifest(run: &ResolvedRun) -> Manifest {
    let (git_revision, git_dirty) =
        git().map_or((None, false), |(revision, dirty)| (Some(revision), dirty));
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
        versions: versions(),
        git_revision,
        git_dirty,
        host: host(),
        process_id: std::process::id(),
        device: "cpu".to_owned(),
        started_unix_seconds: now,
        finished_unix_seconds: None,
        heartbeat_unix_seconds: now,
        exit_reason: None,
    }
}

impl Holder {
    /// The process that a manifest names.
    pub fn of(manifest: &Manifest) -> Self {
        Self { host: manifest.host.clone(), process_id: manifest.process_id }
    }
}

impl Claim {
    fn new(folder: RunFolder, manifest: Manifest) -> Self {
        let shared = Arc::new(Shared {
            manifest: Mutex::new(manifest),
            real_steps: AtomicU64::new(0),
            lost: AtomicBool::new(false),
        });
        let (stop, stopped) = mpsc::channel();
        let (of_heart, in_heart) = (Arc::clone(&shared), folder.clone());
        let heart = thread::spawn(move || {
            while stopped.recv_timeout(HEARTBEAT) == Err(RecvTimeoutError::Timeout) {
                of_heart.beat(&in_heart);
            }
        });
        Self { folder, shared, stop: Some(stop), heart: Some(heart) }
    }

    /// The run's folder.
    pub fn folder(&self) -> &RunFolder {
        &self.folder
    }

    /// Says how far the training has come; the next heartbeat writes it down.
    ///
    /// # Errors
    /// If another process has taken the run over: this one must write nothing more.
    pub fn progress(&self, real_steps: u64) -> Result<(), RunError> {
        self.shared.real_steps.store(real_steps, Ordering::Relaxed);
        if self.shared.lost.load(Ordering::Relaxed) { Err(RunError::ClaimLost) } else { Ok(()) }
    }

    /// Writes down how the run ended, and gives the claim up.
    ///
    /// # Errors
    /// If that cannot be written, or the run was taken over meanwhile.
    pub fn finish(mut self, state: State, reason: Option<String>) -> Result<(), RunError> {
        self.stop_heart();
        let mut manifest = self.shared.manifest();
        if !is_held_by(&self.folder, &manifest) {
            return Err(RunError::ClaimLost);
        }
        manifest.state = state;
        manifest.real_steps = self.shared.real_steps.load(Ordering::Relaxed);
        manifest.exit_reason = reason;
        manifest.finished_unix_seconds = Some(now_unix_seconds());
        self.folder.write_manifest(&manifest)
    }

    fn stop_heart(&mut self) {
        drop(self.stop.take());
        if let Some(heart) = self.heart.take() {
            // A heart that panicked has said so in the log; there is nothing left to stop.
            let _ = heart.join();
        }
    }
}

impl Drop for Claim {
    fn drop(&mut self) {
        self.stop_heart();
    }
}

impl Shared {
    /// The manifest is whole at any moment, so one who panicked while holding it did no harm.
    fn manifest(&self) -> std::sync::MutexGuard<'_, Manifest> {
        self.manifest.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn beat(&self, folder: &RunFolder) {
        let mut manifest = self.manifest();
        if !is_held_by(folder, &manifest) {
            self.lost.store(true, Ordering::Relaxed);
            return;
        }
        manifest.heartbeat_unix_seconds = now_unix_seconds();
        manifest.real_steps = self.real_steps.load(Ordering::Relaxed);
        // A full disk may pass: the next beat tries again, and the records will complain if it does not.
        let _ = folder.write_manifest(&manifest);
    }
}

/// Whether the folder is still that of the process that `manifest` names.
fn is_held_by(folder: &RunFolder, manifest: &Manifest) -> bool {
    folder.manifest().ok().flatten().is_some_and(|found| {
        Holder::of(&found) == Holder::of(manifest)
            && found.started_unix_seconds == manifest.started_unix_seconds
    })
}
