//! One run in a process of its own: claim it, train it, say how it ended. What every launcher calls.
//!
//! From the claim on, all that the process says, its last words included, goes to the run's `log.txt`.

use std::io::{self, Write};
use std::panic::{self, AssertUnwindSafe};
use std::path::Path;
use std::sync::{Arc, Mutex, PoisonError};

use zerolab_agents::Device;
use zerolab_metrics::FailureKind;

use crate::error::RunError;
use crate::plan::resolved::ResolvedRun;
use crate::plan::run_list;
use crate::run::checkpoint::Checkpoints;
use crate::run::claim::{Answer, Holder, claim};
use crate::run::heartbeat::{Claim, End};
use crate::run::interrupt::StopRequest;
use crate::run::record_writer::Mark;
use crate::run::resume::Resumable;
use crate::run::threads::{self, in_pool};

/// How the work on a run ended.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Ending {
    /// It was trained to its end.
    Trained,
    /// It was asked to stop, and is saved to be taken up again.
    Saved,
    /// It was finished already: nothing to do.
    Finished,
    /// Another process trains it: nothing to do.
    Elsewhere(Holder),
    /// It fails wherever it is tried, for this reason: nothing is done.
    GivenUp(String),
    /// It failed, for the reason that its manifest tells.
    Failed(String),
}

/// Trains the run in row `row` of the list `rows`, unless it is finished (and not `fresh`), trained elsewhere or given
/// up. `command` is what asked for it. SIGTERM, SIGINT and SIGUSR1 save it; of the first two a second one ends the process at once.
///
/// # Errors
/// If the run could not be found or claimed, or its folder could not be written.
pub fn work(
    results: &Path,
    rows: &Path,
    row: usize,
    fresh: bool,
    command: &str,
) -> Result<Ending, RunError> {
    let stop = StopRequest::watch()?;
    let run = run_list::read(rows, row)?;
    let claim = match claim(results, &run, fresh, command)? {
        Answer::Granted(claim) => claim,
        Answer::Finished => return Ok(Ending::Finished),
        Answer::Elsewhere(holder) => return Ok(Ending::Elsewhere(holder)),
        Answer::GivenUp(reason) => return Ok(Ending::GivenUp(reason)),
    };
    speak_to_log(&claim, &run)?;
    match attempt(&run, &claim, &stop) {
        Ok(Some(records)) => {
            let checkpoints = Checkpoints::of(claim.folder().path());
            claim.finish(End::Done(records.seal()))?;
            checkpoints.remove_all()?;
            Ok(Ending::Trained)
        }
        Ok(None) => {
            say("saved, to be taken up again");
            claim.finish(End::Saved)?;
            Ok(Ending::Saved)
        }
        Err((kind, reason)) => {
            say(&format!("failed: {reason}"));
            claim.finish(End::Failed(kind, reason.clone()))?;
            Ok(Ending::Failed(reason))
        }
    }
}

/// Trains, and turns an error or a panic into a reason. `None` if the run was saved before its end.
fn attempt(
    run: &ResolvedRun,
    claim: &Claim,
    stop: &StopRequest,
) -> Result<Option<Mark>, (FailureKind, String)> {
    let last_panic = Arc::new(Mutex::new(None));
    remember_panics(Arc::clone(&last_panic));
    match panic::catch_unwind(AssertUnwindSafe(|| {
        in_pool(threads::allowed(), || train(run, claim, stop))
    })) {
        Ok(trained) => trained.map_err(|error| (error.kind(), error.to_string())),
        Err(_) => {
            let reason = last_panic.lock().unwrap_or_else(PoisonError::into_inner).take();
            Err((FailureKind::Panic, reason.unwrap_or_else(|| "panicked".to_owned())))
        }
    }
}

/// `None` if the run was saved before its end.
fn train(run: &ResolvedRun, claim: &Claim, stop: &StopRequest) -> Result<Option<Mark>, RunError> {
    claim.folder().write_configuration(&run.to_toml())?;
    let device = Device::open(run.device)?;
    if let Some(model) = device.model() {
        say(&format!("computes on {model}, convolutions by {}", device.convolutions()));
    }
    let mut resumable =
        Resumable::take_up(run, &device, claim.folder(), claim.started_unix_seconds(), &say)?;
    claim.begins(
        resumable.training.real_steps(),
        resumable.training.wall_seconds(),
        device.model(),
    );
    let mut records = Vec::new();
    while !resumable.training.is_finished() {
        resumable.training.advance(&mut records, &|| stop.came())?;
        resumable.record(&records)?;
        records.clear();
        if let Some(reason) = device.take_refusal() {
            say(&format!("updates are launched operation by operation: {reason}"));
        }
        claim.progress(resumable.training.real_steps())?;
        if stop.came() {
            resumable.save()?;
            return Ok(None);
        }
        if let Err(error) = resumable.save_if_due() {
            // The one before is still there, and there may be room for the next.
            say(&format!("no checkpoint: {error}"));
        }
    }
    resumable.finish(claim.folder()).map(Some)
}

/// Lets the process's two outputs end in the run's log: also what the system says when it aborts.
fn speak_to_log(claim: &Claim, run: &ResolvedRun) -> Result<(), RunError> {
    let path = claim.folder().log_path();
    let log = claim.folder().log()?;
    rustix::stdio::dup2_stdout(&log)
        .and_then(|()| rustix::stdio::dup2_stderr(&log))
        .map_err(|error| RunError::file("write", &path)(error.into()))?;
    say(&format!("zerolab {}: run {}", env!("CARGO_PKG_VERSION"), run.id));
    Ok(())
}

/// A log that cannot be written stops no run: its manifest tells the reason too.
fn say(line: &str) {
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
