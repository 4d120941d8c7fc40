//! Trains runs: starts a worker for each, several at the same time.
//!
//! Finished runs are reused. A run that another process trains is waited for. A failed run does not stop the
//! others. The runner reads the state of a run from its files, so it treats runs of other runners like its
//! own.

use std::collections::{HashSet, VecDeque};
use std::path::{Path, PathBuf};
use std::thread;
use std::time::{Duration, Instant};

use rayon::prelude::*;
use zerolab_metrics::{Manifest, RunState};

use crate::error::RunError;
use crate::launch::events::{LaunchSummary, RunEvent, RunFailure};
use crate::launch::launcher::{Launcher, Task};
use crate::launch::local::LocalLauncher;
use crate::plan::forecast::{Forecast, check_memory};
use crate::plan::resolved::ResolvedRun;
use crate::plan::{FailurePolicy, Plan, instantiate, run_list};
use crate::run::checkpoint::Checkpoints;
use crate::run::claim::{self, ClaimHolder};
use crate::run::folder::RunFolder;
use crate::run::interrupt::Interrupt;
use crate::run::retry;

/// Time between checks of the workers.
const WORKER_INTERVAL: Duration = Duration::from_millis(20);
/// Time between checks of the manifests of running runs.
const MANIFEST_INTERVAL: Duration = Duration::from_millis(500);

/// How to carry out a plan.
#[derive(Clone, Debug)]
pub struct LaunchSettings {
    /// The folder of results.
    pub results: PathBuf,
    /// The number of runs that train at the same time.
    pub jobs: usize,
    /// Whether to start every run again, even finished ones.
    pub fresh: bool,
    /// The command that the user gave, for the runs' manifests.
    pub command: String,
}

/// The runs to train: rows of a list that is on the disk.
#[derive(Clone, Debug)]
pub struct Rows<'a> {
    /// The list.
    pub run_list: PathBuf,
    /// The row of the first run. The others follow it.
    pub first: usize,
    /// The runs in these rows.
    pub runs: &'a [ResolvedRun],
    /// What to do when a run fails.
    pub on_failure: FailurePolicy,
}

/// Trains the unfinished runs of a plan, whose costs are in `forecast`, on this machine; see [`train`].
///
/// # Errors
/// If a run does not fit into the memory, and as [`train`].
pub fn run(
    plan: &Plan,
    forecast: &Forecast,
    settings: &LaunchSettings,
    interrupt: &Interrupt,
    on_event: &mut dyn FnMut(RunEvent<'_>),
) -> Result<LaunchSummary, RunError> {
    check_memory(plan, forecast)?;
    let rows = Rows {
        run_list: run_list::write(&settings.results, plan)?,
        first: 0,
        runs: &plan.runs,
        on_failure: plan.experiment.on_failure,
    };
    train(&LocalLauncher { jobs: settings.jobs }, &rows, settings, interrupt, on_event)
}

/// Trains the unfinished runs of some rows with workers of `launcher`.
///
/// Returns when every run is finished or has failed. It also returns after a signal that asks it to stop, or
/// a failure that is to stop the other runs; then all workers have saved their runs and ended.
///
/// # Errors
/// Before anything starts: if a device or an environment is not available, or the results folder cannot be written.
/// Later: if no worker can be started.
pub fn train<L: Launcher>(
    launcher: &L,
    rows: &Rows<'_>,
    settings: &LaunchSettings,
    interrupt: &Interrupt,
    on_event: &mut dyn FnMut(RunEvent<'_>),
) -> Result<LaunchSummary, RunError> {
    rows.runs.iter().try_for_each(|run| run.device.check())?;
    rows.runs.iter().try_for_each(instantiate::check)?;
    claim::prepare(&settings.results)?;
    let mut runner = Runner {
        launcher,
        rows,
        settings,
        waiting: training_order(rows.runs).into(),
        restarted: HashSet::new(),
        workers: Vec::new(),
        elsewhere: Vec::new(),
        summary: LaunchSummary::default(),
        on_event,
    };
    if !settings.fresh {
        runner.skip_finished();
    }
    let carried_out = runner.carry_out(interrupt);
    runner.summary.interrupted = interrupt.stop_requested() || runner.failed_fast();
    runner.stop_workers(interrupt)?;
    carried_out.map(|()| runner.summary)
}

/// The numbers of the runs in the order in which they are trained: every variant has its first seed before one has its
/// second, so that results of half an experiment compare.
pub(super) fn training_order(runs: &[ResolvedRun]) -> Vec<usize> {
    let mut order: Vec<usize> = (0..runs.len()).collect();
    order.sort_by_key(|run| runs[*run].seed);
    order
}

/// Runs are numbered by their place in `rows`.
struct Runner<'a, L: Launcher> {
    launcher: &'a L,
    rows: &'a Rows<'a>,
    settings: &'a LaunchSettings,
    /// Rows to train.
    waiting: VecDeque<usize>,
    /// Rows that this runner has started. With `fresh` only their first worker starts the run again.
    restarted: HashSet<usize>,
    workers: Vec<Started<L::Worker>>,
    /// Rows that other processes train.
    elsewhere: Vec<usize>,
    summary: LaunchSummary,
    on_event: &'a mut dyn FnMut(RunEvent<'_>),
}

/// A worker and the row of its run.
struct Started<W> {
    row: usize,
    worker: W,
}

impl<L: Launcher> Runner<'_, L> {
    fn carry_out(&mut self, interrupt: &Interrupt) -> Result<(), RunError> {
        let mut last_look = Instant::now();
        while !(self.waiting.is_empty() && self.workers.is_empty() && self.elsewhere.is_empty()) {
            if interrupt.stop_requested() || self.failed_fast() {
                return Ok(());
            }
            self.poll_workers()?;
            self.start_waiting()?;
            if last_look.elapsed() >= MANIFEST_INTERVAL {
                last_look = Instant::now();
                self.check_manifests();
            }
            thread::sleep(WORKER_INTERVAL);
        }
        Ok(())
    }

    /// Whether a failure is to stop the other runs.
    fn failed_fast(&self) -> bool {
        let fail_fast = self.rows.on_failure.fail_fast;
        fail_fast && !self.summary.failed.is_empty()
    }

    fn skip_finished(&mut self) {
        let results: &Path = &self.settings.results;
        let read = |run: &ResolvedRun| RunFolder::new(results, &run.id).verified_manifest(run);
        let manifests: Vec<_> = self.rows.runs.par_iter().map(read).collect();
        let mut finished = HashSet::new();
        for (row, manifest) in manifests.into_iter().enumerate() {
            match manifest {
                Ok(Some(manifest)) if manifest.state == RunState::Done => {
                    self.remove_checkpoints(row);
                    self.summary.reused += 1;
                    (self.on_event)(RunEvent::Reused(&self.rows.runs[row]));
                    finished.insert(row);
                }
                Err(error) if error.is_lost_result() => {
                    (self.on_event)(RunEvent::Lost(&self.rows.runs[row], &error.to_string()));
                }
                _ => {}
            }
        }
        self.waiting.retain(|row| !finished.contains(row));
    }

    /// Starts workers until `jobs` are running.
    fn start_waiting(&mut self) -> Result<(), RunError> {
        while self.workers.len() < self.settings.jobs.max(1) && !self.failed_fast() {
            let Some(row) = self.waiting.pop_front() else { break };
            let fresh = self.settings.fresh && !self.restarted.contains(&row);
            let manifest = self.manifest(row);
            match manifest.as_ref().filter(|_| !fresh) {
                Some(manifest) if manifest.state == RunState::Done => self.finished(row, manifest),
                Some(manifest) if claim::is_alive(manifest) => {
                    self.wait_for_other(row, &ClaimHolder::of(manifest));
                }
                Some(manifest) if let Some(reason) = retry::reason_to_give_up(manifest) => {
                    self.failed(row, &reason);
                }
                _ => self.start(row, fresh)?,
            }
        }
        Ok(())
    }

    fn start(&mut self, row: usize, fresh: bool) -> Result<(), RunError> {
        let LaunchSettings { results, command, .. } = self.settings;
        let run = &self.rows.runs[row];
        let Rows { run_list, first, .. } = self.rows;
        let task = Task { results, run_list, row: first + row, run, fresh, command };
        let worker = self.launcher.start(&task).map_err(RunError::Launch)?;
        self.workers.push(Started { row, worker });
        self.restarted.insert(row);
        (self.on_event)(RunEvent::Started(run));
        Ok(())
    }

    /// Reads the manifests of the runs in training, here and elsewhere.
    fn check_manifests(&mut self) {
        let rows: Vec<usize> = self.workers.iter().map(|started| started.row).collect();
        for row in rows {
            self.progress(row);
        }
        for row in std::mem::take(&mut self.elsewhere) {
            match self.manifest(row) {
                Some(manifest) if manifest.state == RunState::Done => self.finished(row, &manifest),
                Some(manifest) if manifest.state == RunState::Failed => {
                    self.retry_or_fail(row, &manifest);
                }
                Some(manifest) if claim::is_alive(&manifest) => {
                    self.elsewhere.push(row);
                    self.progress(row);
                }
                // Saved or dead: this runner resumes it.
                _ => self.waiting.push_back(row),
            }
        }
    }

    fn progress(&mut self, row: usize) {
        if let Some(manifest) = self.manifest(row) {
            (self.on_event)(RunEvent::Progress(&self.rows.runs[row], manifest.real_steps));
        }
    }

    fn wait_for_other(&mut self, row: usize, holder: &ClaimHolder) {
        self.elsewhere.push(row);
        (self.on_event)(RunEvent::Elsewhere(&self.rows.runs[row], holder));
    }

    fn finished(&mut self, row: usize, manifest: &Manifest) {
        self.remove_checkpoints(row);
        self.summary.finished += 1;
        let seconds = manifest.trained_seconds.round() as u64;
        (self.on_event)(RunEvent::Finished(&self.rows.runs[row], seconds));
    }

    /// Removes the checkpoints of a finished run, in case its process was killed before it did so. They only
    /// take space, so an error does not matter.
    fn remove_checkpoints(&self, row: usize) {
        let _ = Checkpoints::of(self.folder(row).path()).remove_all();
    }

    fn failed(&mut self, row: usize, reason: &str) {
        let run = &self.rows.runs[row];
        let folder = self.folder(row);
        let failure = RunFailure {
            run_id: run.id.clone(),
            reason: reason.to_owned(),
            last_log_line: folder.last_log_line(),
            log: folder.log_path(),
        };
        (self.on_event)(RunEvent::Failed(run, &failure));
        self.summary.failed.push(failure);
    }

    /// The manifest of a run; `None` also if its files are damaged or those of another run, which its next
    /// worker reports.
    fn manifest(&self, row: usize) -> Option<Manifest> {
        self.folder(row).verified_manifest(&self.rows.runs[row]).ok().flatten()
    }

    fn folder(&self, row: usize) -> RunFolder {
        let results: &Path = &self.settings.results;
        RunFolder::new(results, &self.rows.runs[row].id)
    }
}

mod worker_ends;

#[cfg(test)]
mod tests;
