//! Trains some rows of a list of runs together, for a scheduler that starts tasks: a pack.
//!
//! A task is a process that starts a worker for each of its runs, retries those that fail, and outlives the signals that
//! save them. A scheduler sends such a signal to all processes of a task; the workers may hear it twice.

use std::path::Path;

use zerolab_metrics::{FailureKind, RunState};

use super::events::{LaunchSummary, RunEvent};
use super::local::LocalLauncher;
use super::runner::{LaunchSettings, Rows, train};
use crate::error::RunError;
use crate::plan::resolved::ResolvedRun;
use crate::plan::{FailurePolicy, run_list};
use crate::run::claim;
use crate::run::folder::RunFolder;
use crate::run::heartbeat::end_dead_attempt;
use crate::run::interrupt::Interrupt;
use crate::run::retry;

/// Rows of a list of runs, which train at the same time.
#[derive(Clone, Copy, Debug)]
pub struct Pack<'a> {
    /// The list.
    pub run_list: &'a Path,
    /// The first row.
    pub first_row: usize,
    /// The number of rows; there are fewer at the end of the list.
    pub size: usize,
    /// What to do when a run fails.
    pub on_failure: FailurePolicy,
    /// Whether to start every run again, even finished ones.
    pub fresh: bool,
}

/// How a task ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum PackEnd {
    /// Every run is finished.
    Finished,
    /// A run is unfinished: the task is to be started again.
    Unfinished,
    /// Every run is finished or has failed for good, or the first failure stopped the others.
    Failed,
}

impl Pack<'_> {
    /// Trains the runs; a signal saves them.
    ///
    /// # Errors
    /// As [`train`], or if the list cannot be read.
    pub fn train(
        &self,
        results: &Path,
        command: &str,
        interrupt: &Interrupt,
        on_event: &mut dyn FnMut(RunEvent<'_>),
    ) -> Result<PackEnd, RunError> {
        let runs = self.runs()?;
        let settings = LaunchSettings {
            results: results.to_owned(),
            jobs: runs.len(),
            fresh: self.fresh,
            command: command.to_owned(),
        };
        let launcher = LocalLauncher { jobs: runs.len() };
        let rows = Rows {
            run_list: self.run_list.to_owned(),
            first: self.first_row,
            runs: &runs,
            on_failure: self.on_failure,
        };
        let LaunchSummary { reused, finished, failed, .. } =
            train(&launcher, &rows, &settings, interrupt, on_event)?;
        let is_over = reused + finished + failed.len() == runs.len();
        Ok(match failed.is_empty() {
            true if is_over => PackEnd::Finished,
            false if is_over || self.on_failure.fail_fast => PackEnd::Failed,
            _ => PackEnd::Unfinished,
        })
    }

    /// Notes in the folders of the runs that their processes were killed, with this kind and reason, after they were: also
    /// the process that had started them, which otherwise does this. Tells whether any of them is to be tried again.
    ///
    /// # Errors
    /// If the list or a folder cannot be read or written.
    pub fn note_killed(
        &self,
        results: &Path,
        kind: FailureKind,
        reason: &str,
    ) -> Result<PackEnd, RunError> {
        let mut end = PackEnd::Finished;
        for run in self.runs()? {
            end = match self.note_killed_run(results, &run, (kind, reason))? {
                PackEnd::Finished => end,
                PackEnd::Failed if end == PackEnd::Unfinished => end,
                other => other,
            };
        }
        Ok(end)
    }

    fn note_killed_run(
        &self,
        results: &Path,
        run: &ResolvedRun,
        (kind, reason): (FailureKind, &str),
    ) -> Result<PackEnd, RunError> {
        let folder = RunFolder::new(results, &run.id);
        let Some(mut manifest) = folder.verified_manifest(run)? else {
            return Ok(PackEnd::Unfinished);
        };
        if manifest.state == RunState::Running && claim::is_dead(&manifest) {
            end_dead_attempt(&folder, &mut manifest, kind, reason.to_owned())?;
        }
        let is_final = || retry::final_reason(&manifest, self.on_failure.retries).is_some();
        Ok(match manifest.state {
            RunState::Done => PackEnd::Finished,
            RunState::Failed if is_final() => PackEnd::Failed,
            _ => PackEnd::Unfinished,
        })
    }

    fn runs(&self) -> Result<Vec<ResolvedRun>, RunError> {
        run_list::read_from(self.run_list, self.first_row, self.size)
    }
}
