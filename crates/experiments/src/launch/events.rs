//! What a runner tells of the runs while they go on, and how it ended.

use std::path::PathBuf;

use crate::plan::resolved::ResolvedRun;
use crate::run::claim::Holder;

/// Something happened to a run.
#[derive(Debug)]
pub enum Event<'a> {
    /// It was finished before.
    Reused(&'a ResolvedRun),
    /// Its process was started.
    Started(&'a ResolvedRun),
    /// Another process trains it; it is waited for.
    Elsewhere(&'a ResolvedRun, &'a Holder),
    /// It has come so far, in real steps.
    Progress(&'a ResolvedRun, u64),
    /// It is finished now, after so many seconds.
    Finished(&'a ResolvedRun, u64),
    /// It failed and is tried again.
    Retried(&'a ResolvedRun, &'a str),
    /// It was asked to stop and is saved.
    Saved(&'a ResolvedRun, u64),
    /// It failed.
    Failed(&'a ResolvedRun, &'a Failure),
}

/// Why a run failed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Failure {
    /// The run's id.
    pub run_id: String,
    /// The reason.
    pub reason: String,
    /// Where all that it said is kept.
    pub log: PathBuf,
    /// The last line of the log.
    pub last_words: Option<String>,
}

/// How it ended.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Outcome {
    /// Runs that were finished before.
    pub reused: usize,
    /// Runs that were finished now.
    pub finished: usize,
    /// Runs that failed.
    pub failed: Vec<Failure>,
    /// Whether the person, the scheduler or the first failure stopped it; the other runs are still to be trained.
    pub interrupted: bool,
}
