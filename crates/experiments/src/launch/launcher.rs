//! The interface between the runner and the place where runs are trained.
//!
//! A worker is anything that calls [`crate::run::worker::work`] for one run, such as a process on this machine. The
//! runner reads the state of a run from its manifest. It needs a launcher only to start workers, to stop them, and to
//! learn how a worker ended that could not write its manifest.

use std::io;
use std::path::Path;

use zerolab_metrics::{FailureKind, Manifest};

use crate::plan::resolved::ResolvedRun;

/// Starts workers.
pub trait Launcher {
    /// A worker that was started.
    type Worker: Worker;

    /// Starts a worker for one run.
    ///
    /// # Errors
    /// If it cannot be started.
    fn start(&self, task: &Task<'_>) -> io::Result<Self::Worker>;
}

/// A worker that was started for one run.
pub trait Worker {
    /// Whether this worker wrote `manifest`, rather than a worker of another runner.
    fn wrote(&self, manifest: &Manifest) -> bool;

    /// Asks the worker to save its run and end. Does nothing if it has ended.
    fn ask_to_save(&self);

    /// How the worker ended; `None` while it is running.
    ///
    /// # Errors
    /// If that cannot be found out.
    fn poll(&mut self) -> io::Result<Option<WorkerEnd>>;

    /// Ends the worker at once, and waits for it.
    ///
    /// # Errors
    /// If that is impossible.
    fn kill(&mut self) -> io::Result<()>;

    /// What an ended worker wrote before it had a log: why it could not claim its run.
    fn startup_error(&mut self) -> Option<String>;
}

/// What a worker is to do.
#[derive(Clone, Copy, Debug)]
pub struct Task<'a> {
    /// The folder of results.
    pub results: &'a Path,
    /// The file with the list of runs.
    pub run_list: &'a Path,
    /// The row of the run in this list.
    pub row: usize,
    /// The run.
    pub run: &'a ResolvedRun,
    /// Whether to start the run again.
    pub fresh: bool,
    /// The command that the user gave, for the run's manifest.
    pub command: &'a str,
}

/// How a worker ended.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct WorkerEnd {
    /// Whether it reported success.
    pub succeeded: bool,
    /// The kind of failure of the run, if its manifest does not say so.
    pub kind: FailureKind,
    /// The reason of the failure, if its manifest has none.
    pub reason: String,
}
