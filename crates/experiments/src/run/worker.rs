//! Trains one run in a process of its own: claims it, trains it, and writes how it ended. Every launcher uses
//! it.
//!
//! From the claim on, all output of the process goes to the run's `log.txt`.

use std::collections::BTreeSet;
use std::io::{self, Write};
use std::os::fd::OwnedFd;
use std::panic::{self, AssertUnwindSafe};
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError};

use rustix::io::{Errno, fcntl_dupfd_cloexec};
use rustix::stdio::{dup2_stderr, dup2_stdout, stderr, stdout};
use zerolab_agents::Device;
use zerolab_metrics::format::{count, counted};
use zerolab_metrics::{CUT_TARGETS, FailureKind, LearningRecord, Record};

use crate::error::RunError;
use crate::plan::forecast;
use crate::plan::resolved::ResolvedRun;
use crate::plan::run_list;
use crate::run::checkpoint::Checkpoints;
use crate::run::claim::{ClaimHolder, ClaimOutcome, claim};
use crate::run::heartbeat::{Claim, RunEnd};
use crate::run::interrupt::StopSignal;
use crate::run::record_writer::RecordsPosition;
use crate::run::resume::TrainingSession;
use crate::run::threads::{self, in_pool};

/// What a worker did.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum WorkerOutcome {
    /// It trained the run to its end.
    Trained,
    /// It was asked to stop, and saved the run.
    Saved,
    /// Nothing: the run was finished already.
    Finished,
    /// Nothing: another process trains the run.
    Elsewhere(ClaimHolder),
    /// Nothing: the run has failed for good, for this reason.
    GivenUp(String),
    /// The run failed, for the reason in its manifest.
    Failed(String),
}

/// Trains the run in row `row` of the file `run_list`. Does nothing if another process trains it, or, without
/// `fresh`, if it is finished or has failed for good. `command` is the command that the user gave. SIGTERM,
/// SIGINT, SIGHUP, SIGUSR1 and SIGUSR2 save the run; a second SIGTERM or SIGINT ends the process at once. With
/// `for_runner` the end of the standard input, whose other end the runner holds, saves the run too.
///
/// # Errors
/// If the run cannot be found or claimed, or its folder cannot be written.
pub fn work(
    results: &Path,
    run_list: &Path,
    row: usize,
    fresh: bool,
    command: &str,
    for_runner: bool,
) -> Result<WorkerOutcome, RunError> {
    let stop = StopSignal::watch()?;
    if for_runner {
        stop.watch_runner();
    }
    let run = run_list::read(run_list, row)?;
    let claim = match claim(results, &run, fresh, command)? {
        ClaimOutcome::Granted(claim) => claim,
        ClaimOutcome::Finished => return Ok(WorkerOutcome::Finished),
        ClaimOutcome::Elsewhere(holder) => return Ok(WorkerOutcome::Elsewhere(holder)),
        ClaimOutcome::GivenUp(reason) => return Ok(WorkerOutcome::GivenUp(reason)),
    };
    let before = redirect_output(&claim, &run)?;
    match finish(&run, claim, &stop) {
        Err(RunError::ClaimLost) => {
            // The log belongs to another process now.
            before.restore()?;
            Err(RunError::ClaimLost)
        }
        finished => finished,
    }
}

/// Trains a claimed run and writes how that ended.
fn finish(run: &ResolvedRun, claim: Claim, stop: &StopSignal) -> Result<WorkerOutcome, RunError> {
    let ownership = claim.ownership().clone();
    match attempt(run, &claim, stop) {
        Ok(Some(records)) => {
            claim.finish(RunEnd::Done(records.seal()))?;
            ownership.write(|| Checkpoints::of(ownership.folder().path()).remove_all())?;
            Ok(WorkerOutcome::Trained)
        }
        Ok(None) => {
            claim.finish(RunEnd::Saved)?;
            log_line("saved; the same command resumes it");
            Ok(WorkerOutcome::Saved)
        }
        Err((kind, reason)) => {
            claim.finish(RunEnd::Failed(kind, reason.clone()))?;
            log_line(&format!("failed: {reason}"));
            Ok(WorkerOutcome::Failed(reason))
        }
    }
}

/// Trains the run, and turns an error or a panic into a reason. Returns `None` if it was saved before its
/// end.
fn attempt(
    run: &ResolvedRun,
    claim: &Claim,
    stop: &StopSignal,
) -> Result<Option<RecordsPosition>, (FailureKind, String)> {
    let last_panic = Arc::new(Mutex::new(None));
    remember_panics(Arc::clone(&last_panic));
    match panic::catch_unwind(AssertUnwindSafe(|| {
        in_pool(threads::allowed_threads(), || train(run, claim, stop))
    })) {
        Ok(trained) => trained.map_err(|error| (error.kind(), error.to_string())),
        Err(_) => {
            let reason = last_panic.lock().unwrap_or_else(PoisonError::into_inner).take();
            Err((FailureKind::Panic, reason.unwrap_or_else(|| "panicked".to_owned())))
        }
    }
}

/// Returns `None` if the run was saved before its end.
fn train(
    run: &ResolvedRun,
    claim: &Claim,
    stop: &StopSignal,
) -> Result<Option<RecordsPosition>, RunError> {
    claim.ownership().write(|| claim.folder().write_configuration(&run.to_toml()))?;
    let device = Device::open(run.device)?;
    if let Some(model) = device.model() {
        log_line(&format!("computes on {model}, convolutions by {}", device.convolutions()));
    }
    forecast::warnings(&[forecast::variant(run)?]).iter().for_each(|it| log_line(it));
    let mut session = TrainingSession::open(
        run,
        &device,
        claim.ownership(),
        claim.started_unix_seconds(),
        &log_line,
    )?;
    claim.set_start(session.training.real_steps(), session.training.wall_seconds(), device.model());
    if session.training.begun_anew() > 0 {
        let (lanes, steps) = (session.training.begun_anew(), session.training.real_steps());
        let lanes = counted(lanes, "environment");
        log_line(&format!("resumed, but not exactly: {lanes} began new episodes"));
        claim.note_inexact_resume(steps);
    }
    let mut records = Vec::new();
    let mut last_checkpoint_failed = false;
    let mut cut_targets = CutTargets::default();
    while !session.training.is_finished() {
        session.training.advance(&mut records, &|| stop.is_requested())?;
        session.record(&records)?;
        cut_targets.note(&records);
        records.clear();
        if let Some(reason) = device.recording_error() {
            log_line(&format!("updates are launched operation by operation: {reason}"));
        }
        claim.progress(session.training.real_steps())?;
        if stop.is_requested() {
            session.save()?;
            return Ok(None);
        }
        match session.save_if_due() {
            Ok(saved) => last_checkpoint_failed &= !saved,
            Err(RunError::ClaimLost) => return Err(RunError::ClaimLost),
            // The previous checkpoint still exists, and there may be space for the next one. It is said once,
            // because each line takes space.
            Err(error) if !last_checkpoint_failed => {
                last_checkpoint_failed = true;
                log_line(&format!("no checkpoint, tried again when the next is due: {error}"));
            }
            Err(_) => {}
        }
    }
    session.finish().map(Some)
}

/// Says once of each kind of targets that some are cut.
#[derive(Default)]
struct CutTargets {
    said: BTreeSet<&'static str>,
}

impl CutTargets {
    fn note(&mut self, records: &[Record]) {
        for record in records {
            let Record::Learning(LearningRecord { real_steps, losses, .. }) = record else {
                continue;
            };
            for (name, loss) in CUT_TARGETS {
                let share = losses.get(loss).copied().unwrap_or(0.0);
                if share > 0.0 && self.said.insert(loss) {
                    let (percent, at) = (100.0 * share, count(*real_steps));
                    log_line(&format!(
                        "at {at} real steps {percent:.2} % of the {name} targets are beyond the support and \
                         are cut; `{loss}` in records.jsonl has the share from then on"
                    ));
                }
            }
        }
    }
}

/// Standard output and standard error as they were before they were redirected.
struct OutputBefore {
    /// The run's log.
    log: PathBuf,
    out: OwnedFd,
    err: OwnedFd,
}

impl OutputBefore {
    fn restore(&self) -> Result<(), RunError> {
        let restored = dup2_stdout(&self.out).and_then(|()| dup2_stderr(&self.err));
        restored.map_err(|error| RunError::file("stop writing to", &self.log)(error.into()))
    }
}

/// Redirects stdout and stderr to the run's log, so that it also has what the system prints when it aborts.
fn redirect_output(claim: &Claim, run: &ResolvedRun) -> Result<OutputBefore, RunError> {
    let path = claim.folder().log_path();
    let log = claim.folder().log()?;
    let redirect = || {
        let before = OutputBefore {
            log: path.clone(),
            out: fcntl_dupfd_cloexec(stdout(), 0)?,
            err: fcntl_dupfd_cloexec(stderr(), 0)?,
        };
        dup2_stdout(&log)?;
        dup2_stderr(&log)?;
        Ok(before)
    };
    let before = redirect().map_err(|error: Errno| RunError::file("write", &path)(error.into()))?;
    log_line(&format!("zerolab {}: run {}", env!("CARGO_PKG_VERSION"), run.id));
    Ok(before)
}

/// Ignores errors: a log that cannot be written must not stop a run, and the manifest has the reason too.
fn log_line(line: &str) {
    let _ = writeln!(io::stderr(), "{line}");
}

fn remember_panics(last: Arc<Mutex<Option<String>>>) {
    let print = panic::take_hook();
    panic::set_hook(Box::new(move |info| {
        print(info);
        let place = info.location().map(|place| format!(" at {}:{}", place.file(), place.line()));
        let message = info.payload_as_str().unwrap_or("no message");
        let reason = format!("panicked{}: {message}", place.unwrap_or_default());
        *last.lock().unwrap_or_else(PoisonError::into_inner) = Some(reason);
    }));
}
