//! A granted claim: kept by a heartbeat in the run's manifest, and noticed when it is lost.
//!
//! A process that was frozen for a minute may find its run taken over. Its next heartbeat sees another
//! process in the manifest, and from then on it writes nothing more.

use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::mpsc::{self, RecvTimeoutError, Sender};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::thread::{self, JoinHandle};
use std::time::{Duration, Instant};

use zerolab_metrics::{FailedAttempt, FailureKind, FileSeal, Manifest, State};

use crate::error::RunError;
use crate::run::claim::Holder;
use crate::run::folder::RunFolder;
use crate::run::provenance::now_unix_seconds;

/// Time between two heartbeats.
pub const HEARTBEAT: Duration = Duration::from_secs(2);

/// The right to train a run, kept by a heartbeat until it is dropped.
pub struct Claim {
    folder: RunFolder,
    shared: Arc<Shared>,
    stop: Option<Sender<()>>,
    heart: Option<JoinHandle<()>>,
}

/// How the work on a claimed run ended.
pub enum End {
    /// It is trained; these are its records.
    Done(FileSeal),
    /// It is saved before its end.
    Saved,
    /// It failed, in this way and with these words.
    Failed(FailureKind, String),
}

/// What the training and its heartbeat share.
struct Shared {
    manifest: Mutex<Manifest>,
    /// When `trained_seconds` of the manifest was right.
    counted: Mutex<Instant>,
    real_steps: AtomicU64,
    lost: AtomicBool,
}

impl Claim {
    /// The claim on a folder whose manifest names this process. Its heart begins to beat.
    pub(crate) fn new(folder: RunFolder, manifest: Manifest) -> Self {
        let shared = Arc::new(Shared {
            manifest: Mutex::new(manifest),
            counted: Mutex::new(Instant::now()),
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

    /// When the run's first attempt began.
    pub fn started_unix_seconds(&self) -> u64 {
        self.shared.manifest().started_unix_seconds
    }

    /// Says where the training begins, how long it has been trained by then, and on which GPU, if on one.
    pub fn begins(&self, real_steps: u64, trained_seconds: f64, gpu: Option<String>) {
        let mut manifest = self.shared.manifest();
        manifest.resumed_from = real_steps;
        manifest.trained_seconds = trained_seconds;
        manifest.provenance.gpu = gpu;
        self.shared.real_steps.store(real_steps, Ordering::Relaxed);
        *self.shared.counted.lock().unwrap_or_else(PoisonError::into_inner) = Instant::now();
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
    pub fn finish(mut self, end: End) -> Result<(), RunError> {
        self.stop_heart();
        let mut manifest = self.shared.manifest();
        if !is_held_by(&self.folder, &manifest) {
            return Err(RunError::ClaimLost);
        }
        self.shared.count(&mut manifest);
        manifest.finished_unix_seconds = Some(now_unix_seconds());
        close(&mut manifest, end);
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
    fn manifest(&self) -> MutexGuard<'_, Manifest> {
        self.manifest.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Brings the manifest up to date.
    fn count(&self, manifest: &mut Manifest) {
        let mut counted = self.counted.lock().unwrap_or_else(PoisonError::into_inner);
        manifest.trained_seconds += counted.elapsed().as_secs_f64();
        *counted = Instant::now();
        manifest.heartbeat_unix_seconds = now_unix_seconds();
        manifest.real_steps = self.real_steps.load(Ordering::Relaxed);
    }

    fn beat(&self, folder: &RunFolder) {
        let mut manifest = self.manifest();
        if !is_held_by(folder, &manifest) {
            self.lost.store(true, Ordering::Relaxed);
            return;
        }
        self.count(&mut manifest);
        // A full disk may pass: the next beat tries again, and the records will complain if it does not.
        let _ = folder.write_manifest(&manifest);
    }
}

/// Whether the folder is still that of the process that `manifest` names.
fn is_held_by(folder: &RunFolder, manifest: &Manifest) -> bool {
    folder.manifest().ok().flatten().is_some_and(|found| {
        Holder::of(&found) == Holder::of(manifest) && found.attempt == manifest.attempt
    })
}

/// Writes an end into a manifest.
pub fn close(manifest: &mut Manifest, end: End) {
    manifest.exit_reason = None;
    match end {
        End::Done(records) => {
            manifest.state = State::Done;
            manifest.records = Some(records);
        }
        End::Saved => manifest.state = State::Saved,
        End::Failed(kind, reason) => {
            manifest.state = State::Failed;
            manifest.exit_reason = Some(reason.clone());
            let Manifest { real_steps, resumed_from, .. } = *manifest;
            manifest.failures.push(FailedAttempt { kind, real_steps, resumed_from, reason });
        }
    }
}
