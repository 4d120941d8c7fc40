//! What the runner does when a worker ends, by itself or because it is stopped.

use std::thread;
use std::time::{Duration, Instant};

use zerolab_metrics::{FailureKind, Manifest, RunState};

use super::{Runner, Started, WORKER_INTERVAL};
use crate::error::RunError;
use crate::launch::events::RunEvent;
use crate::launch::launcher::{Launcher, Worker, WorkerEnd};
use crate::run::claim::{self, ClaimHolder};
use crate::run::heartbeat::end_dead_attempt;
use crate::run::interrupt::Interrupt;
use crate::run::retry;

/// Time that a worker has to save its run. Slurm kills a job 30 seconds after it asks it to stop.
const SAVE_TIMEOUT: Duration = Duration::from_secs(25);

impl<L: Launcher> Runner<'_, L> {
    /// Handles the workers that have ended.
    pub(super) fn poll_workers(&mut self) -> Result<(), RunError> {
        let mut index = 0;
        while let Some(started) = self.workers.get_mut(index) {
            match started.worker.poll().map_err(RunError::Launch)? {
                Some(end) => {
                    let started = self.workers.remove(index);
                    self.handle_end(started, end);
                }
                None => index += 1,
            }
        }
        Ok(())
    }

    /// Handles the end of a worker. If it could not write its end into the manifest, this does.
    fn handle_end(&mut self, started: Started<L::Worker>, end: WorkerEnd) {
        let Started { row, mut worker } = started;
        match self.manifest(row) {
            Some(manifest) if manifest.state == RunState::Done => self.finished(row, &manifest),
            Some(mut manifest) if worker.wrote(&manifest) => match manifest.state {
                RunState::Running => {
                    // If this fails, the run becomes stale, which has the same effect.
                    let folder = self.folder(row);
                    let _ = end_dead_attempt(&folder, &mut manifest, end.kind, end.reason);
                    self.retry_or_fail(row, &manifest);
                }
                RunState::Failed => self.retry_or_fail(row, &manifest),
                RunState::Saved | RunState::Done => {
                    (self.on_event)(RunEvent::Saved(&self.rows.runs[row], manifest.real_steps));
                    self.waiting.push_front(row);
                }
            },
            // Another process has claimed the run, or the worker could not claim it.
            Some(manifest) if claim::is_alive(&manifest) || end.succeeded => {
                self.wait_for_other(row, &ClaimHolder::of(&manifest));
            }
            // The folder has just been made: its process is about to write the manifest, or was killed before.
            None if end.succeeded => self.wait_for_other(row, &ClaimHolder::unknown()),
            _ => {
                let error = worker.startup_error();
                self.failed(row, error.as_deref().unwrap_or(&end.reason));
            }
        }
    }

    /// Retries a failed run, unless it has failed for good.
    pub(super) fn retry_or_fail(&mut self, row: usize, manifest: &Manifest) {
        match retry::final_reason(manifest, self.rows.on_failure.retries) {
            Some(reason) => self.failed(row, &reason),
            None => {
                let reason = manifest.exit_reason.as_deref().unwrap_or_default();
                (self.on_event)(RunEvent::Retried(&self.rows.runs[row], reason));
                self.waiting.push_front(row);
            }
        }
    }

    /// Asks the workers to save their runs, and kills those that do not: that is a failure. A killed run can be resumed from
    /// its last checkpoint.
    pub(super) fn stop_workers(&mut self, interrupt: &Interrupt) -> Result<(), RunError> {
        self.workers.iter().for_each(|started| started.worker.ask_to_save());
        let asked = Instant::now();
        let mut workers = std::mem::take(&mut self.workers);
        while !workers.is_empty() {
            let mut running = Vec::new();
            for mut started in workers {
                match started.worker.poll().map_err(RunError::Launch)? {
                    Some(end) => self.handle_end(started, end),
                    None if interrupt.stop_now_requested() => {
                        started.worker.kill().map_err(RunError::Launch)?;
                    }
                    None if asked.elapsed() > SAVE_TIMEOUT => {
                        started.worker.kill().map_err(RunError::Launch)?;
                        let reason = format!(
                            "it did not save itself within {} s of being asked, and was killed",
                            SAVE_TIMEOUT.as_secs()
                        );
                        let kind = FailureKind::Killed;
                        self.handle_end(started, WorkerEnd { succeeded: false, kind, reason });
                    }
                    None => running.push(started),
                }
            }
            workers = running;
            thread::sleep(WORKER_INTERVAL);
        }
        Ok(())
    }
}
