//! What the runner reports: events of single runs, and a summary at the end.

use std::path::PathBuf;

use crate::plan::resolved::ResolvedRun;
use crate::run::claim::ClaimHolder;

/// An event of one run.
#[derive(Debug)]
pub enum RunEvent<'a> {
    /// It was finished before.
    Reused(&'a ResolvedRun),
    /// It was finished before, but its records are damaged, for this reason. It is trained again.
    Lost(&'a ResolvedRun, &'a str),
    /// Its worker was started.
    Started(&'a ResolvedRun),
    /// Another process trains it. The runner waits for it.
    Elsewhere(&'a ResolvedRun, &'a ClaimHolder),
    /// Its progress in real steps.
    Progress(&'a ResolvedRun, u64),
    /// It is finished, after this many seconds of training.
    Finished(&'a ResolvedRun, u64),
    /// It failed for this reason, and is retried.
    Retried(&'a ResolvedRun, &'a str),
    /// It was asked to stop, and is saved at this real step.
    Saved(&'a ResolvedRun, u64),
    /// It failed for good.
    Failed(&'a ResolvedRun, &'a RunFailure),
}

/// Why a run failed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RunFailure {
    /// The run's id.
    pub run_id: String,
    /// The reason.
    pub reason: String,
    /// The path of its log.
    pub log: PathBuf,
    /// The last line of the log.
    pub last_log_line: Option<String>,
}

/// What became of a plan.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct LaunchSummary {
    /// The number of runs that were finished before.
    pub reused: usize,
    /// The number of runs that were finished now.
    pub finished: usize,
    /// The runs that failed for good.
    pub failed: Vec<RunFailure>,
    /// Whether the user, the scheduler or the first failure stopped it. Other runs may be unfinished then.
    pub interrupted: bool,
}
