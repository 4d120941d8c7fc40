//! A granted claim. A heartbeat in the run's manifest keeps it, and notices when it is lost.
//!
//! If a process was suspended for a minute, another one may have taken over its run. It then writes nothing
//! more (`ownership`), and ends after its current round.

use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::mpsc::{self, RecvTimeoutError, Sender};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::thread::{self, JoinHandle};
use std::time::{Duration, Instant};

use zerolab_metrics::{FailedAttempt, FailureKind, FileChecksum, Manifest, RunState};

use crate::error::RunError;
use crate::run::folder::RunFolder;
use crate::run::ownership::Ownership;
use crate::run::provenance::now_unix_seconds;

/// Time between heartbeats.
pub const HEARTBEAT: Duration = Duration::from_secs(2);

/// The right to train a run. A heartbeat keeps it until it is dropped.
pub struct Claim {
    ownership: Ownership,
    shared: Arc<ClaimState>,
    stop: Option<Sender<()>>,
    heartbeat: Option<JoinHandle<()>>,
}

/// How the training of a claimed run ended.
pub enum RunEnd {
    /// The run is finished and has these records.
    Done(FileChecksum),
    /// The run was saved before its end.
    Saved,
    /// The run failed, with this kind and reason.
    Failed(FailureKind, String),
}

/// The state that the training and its heartbeat share.
struct ClaimState {
    manifest: Mutex<Manifest>,
    /// The time up to which `trained_seconds` of the manifest counts.
    counted_until: Mutex<Instant>,
    real_steps: AtomicU64,
    lost: AtomicBool,
}

impl Claim {
    /// The claim on a folder whose manifest names this process. Starts the heartbeat.
    pub(crate) fn new(folder: RunFolder, manifest: Manifest) -> Self {
        let ownership = Ownership::of(folder, &manifest);
        let shared = Arc::new(ClaimState {
            manifest: Mutex::new(manifest),
            counted_until: Mutex::new(Instant::now()),
            real_steps: AtomicU64::new(0),
            lost: AtomicBool::new(false),
        });
        let (stop, stopped) = mpsc::channel();
        let (thread_state, thread_ownership) = (Arc::clone(&shared), ownership.clone());
        let heartbeat = thread::spawn(move || {
            while stopped.recv_timeout(HEARTBEAT) == Err(RecvTimeoutError::Timeout) {
                thread_state.beat(&thread_ownership);
            }
        });
        Self { ownership, shared, stop: Some(stop), heartbeat: Some(heartbeat) }
    }

    /// The right to write into the run's folder.
    pub fn ownership(&self) -> &Ownership {
        &self.ownership
    }

    /// The run's folder, for reading.
    pub fn folder(&self) -> &RunFolder {
        self.ownership.folder()
    }

    /// The start of the run's first attempt.
    pub fn started_unix_seconds(&self) -> u64 {
        self.shared.manifest().started_unix_seconds
    }

    /// Notes where this attempt starts, how long the run was trained before, and its GPU, if any.
    pub fn set_start(&self, real_steps: u64, trained_seconds: f64, gpu: Option<String>) {
        let mut manifest = self.shared.manifest();
        manifest.resumed_from = real_steps;
        manifest.trained_seconds = trained_seconds;
        manifest.provenance.gpu = gpu;
        self.shared.real_steps.store(real_steps, Ordering::Relaxed);
        *self.shared.counted_until.lock().unwrap_or_else(PoisonError::into_inner) = Instant::now();
    }

    /// Notes that the run was not resumed exactly.
    pub fn note_inexact_resume(&self, real_steps: u64) {
        self.shared.manifest().inexact_resumes.push(real_steps);
    }

    /// Notes the progress. The next heartbeat writes it.
    ///
    /// # Errors
    /// If another process has taken over the run. Then this one must write nothing more.
    pub fn progress(&self, real_steps: u64) -> Result<(), RunError> {
        self.shared.real_steps.store(real_steps, Ordering::Relaxed);
        if self.shared.lost.load(Ordering::Relaxed) { Err(RunError::ClaimLost) } else { Ok(()) }
    }

    /// Writes how the training ended, and releases the claim.
    ///
    /// # Errors
    /// If that cannot be written, or another process has taken over the run.
    pub fn finish(mut self, end: RunEnd) -> Result<(), RunError> {
        self.stop_heartbeat();
        let mut manifest = self.shared.manifest();
        self.shared.count(&mut manifest);
        manifest.finished_unix_seconds = Some(now_unix_seconds());
        set_end(&mut manifest, end);
        self.ownership.write(|| self.folder().write_manifest(&manifest))
    }

    fn stop_heartbeat(&mut self) {
        drop(self.stop.take());
        if let Some(heartbeat) = self.heartbeat.take() {
            // A panic of the heartbeat thread is in the log; there is nothing left to stop.
            let _ = heartbeat.join();
        }
    }
}

impl Drop for Claim {
    fn drop(&mut self) {
        self.stop_heartbeat();
    }
}

impl ClaimState {
    /// The manifest is complete at any time, so a panic while it was locked did no harm.
    fn manifest(&self) -> MutexGuard<'_, Manifest> {
        self.manifest.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Updates the times and the progress in the manifest.
    fn count(&self, manifest: &mut Manifest) {
        let mut counted_until = self.counted_until.lock().unwrap_or_else(PoisonError::into_inner);
        manifest.trained_seconds += counted_until.elapsed().as_secs_f64();
        *counted_until = Instant::now();
        manifest.heartbeat_unix_seconds = now_unix_seconds();
        manifest.real_steps = self.real_steps.load(Ordering::Relaxed);
    }

    fn beat(&self, ownership: &Ownership) {
        let mut manifest = self.manifest();
        self.count(&mut manifest);
        // The disk may be full for a while. The next heartbeat tries again; writing records reports the
        // error.
        if let Err(RunError::ClaimLost) =
            ownership.write(|| ownership.folder().write_manifest(&manifest))
        {
            self.lost.store(true, Ordering::Relaxed);
        }
    }
}

/// Ends the attempt in `manifest`, whose process is gone: writes into its folder that it failed.
///
/// # Errors
/// If that cannot be written, or another process has taken over the run.
pub fn end_dead_attempt(
    folder: &RunFolder,
    manifest: &mut Manifest,
    kind: FailureKind,
    reason: String,
) -> Result<(), RunError> {
    manifest.finished_unix_seconds = Some(now_unix_seconds());
    set_end(manifest, RunEnd::Failed(kind, reason));
    Ownership::of(folder.clone(), manifest).write(|| folder.write_manifest(manifest))
}

/// Writes the end of an attempt into its manifest.
fn set_end(manifest: &mut Manifest, end: RunEnd) {
    manifest.exit_reason = None;
    match end {
        RunEnd::Done(records) => {
            manifest.state = RunState::Done;
            manifest.records = Some(records);
        }
        RunEnd::Saved => manifest.state = RunState::Saved,
        RunEnd::Failed(kind, reason) => {
            manifest.state = RunState::Failed;
            manifest.exit_reason = Some(reason.clone());
            let Manifest { real_steps, resumed_from, .. } = *manifest;
            manifest.failures.push(FailedAttempt { kind, real_steps, resumed_from, reason });
        }
    }
}
