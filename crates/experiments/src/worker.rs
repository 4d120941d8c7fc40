//! One run in a process of its own: claim it, train it, say how it ended. What every launcher calls.
//!
//! From the claim on, all that the process says, its last words included, goes to the run's `log.txt`.

use std::io::{self, Write};
use std::panic::{self, AssertUnwindSafe};
use std::path::Path;
use std::sync::{Arc, Mutex, PoisonError};

use zerolab_agents::Device;
use zerolab_metrics::State;

use crate::claim::{Answer, Holder, claim};
use crate::heartbeat::Claim;
use crate::resolved::ResolvedRun;
use crate::row_list;
use crate::run_error::RunError;
use crate::threads::{self, in_pool};
use crate::training::Training;

/// How the work on a run ended.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Ending {
    /// It was trained to its end.
    Trained,
    /// It was finished already: nothing to do.
    Finished,
    /// Another process trains it: nothing to do.
    Elsewhere(Holder),
    /// It failed, for the reason that its manifest tells.
    Failed(String),
}

/// Trains the run in row `row` of the list `rows`, unless it is finished (and not `fresh`) or trained
/// elsewhere.
///
/// # Errors
/// If the run could not be found or claimed, or its folder could not be written.
pub fn work(results: &Path, rows: &Path, row: usize, fresh: bool) -> Result<Ending, RunError> {
    let run = row_list::read(rows, row)?;
    let claim = match claim(results, &run, fresh)? {
        Answer::Granted(claim) => claim,
        Answer::Finished => return Ok(Ending::Finished),
        Answer::Elsewhere(holder) => return Ok(Ending::Elsewhere(holder)),
    };
    speak_to_log(&claim, &run)?;
    let ending = attempt(&run, &claim);
    match &ending {
        Ok(()) => claim.finish(State::Done, None)?,
        Err(reason) => {
            say(&format!("failed: {reason}"));
            claim.finish(State::Failed, Some(reason.clone()))?;
        }
    }
    Ok(ending.map_or_else(Ending::Failed, |()| Ending::Trained))
}

/// Trains, and turns an error or a panic into a reason.
fn attempt(run: &ResolvedRun, claim: &Claim) -> Result<(), String> {
    let last_panic = Arc::new(Mutex::new(None));
    remember_panics(Arc::clone(&last_panic));
    match panic::catch_unwind(AssertUnwindSafe(|| {
        in_pool(threads::allowed(), || train(run, claim))
    })) {
        Ok(trained) => trained.map_err(|error| error.to_string()),
        Err(_) => {
            let reason = last_panic.lock().unwrap_or_else(PoisonError::into_inner).take();
            Err(reason.unwrap_or_else(|| "panicked".to_owned()))
        }
    }
}

fn train(run: &ResolvedRun, claim: &Claim) -> Result<(), RunError> {
    claim.folder().write_configuration(&run.to_toml())?;
    let device = Device::open(run.device)?;
    if let Some(model) = device.model() {
        say(&format!("computes on {model}, convolutions by {}", device.convolutions()));
    }
    let mut training = Training::new(run, &device)?;
    let mut writer = claim.folder().records()?;
    let mut records = Vec::new();
    while !training.is_finished() {
        training.round(&mut records)?;
        writer.append(&mut records)?;
        claim.progress(training.real_steps())?;
    }
    writer.finish()
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
