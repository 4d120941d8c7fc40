//! Carries out a plan: each run in a process of its own, so many at a time, whatever happens to one.
//!
//! A run that is finished is used as it is; one that another process trains is waited for; one that
//! fails does not stop the others. What the runner knows of a run it reads from the run's files, so runs
//! of another runner look the same as its own.

use std::collections::VecDeque;
use std::path::{Path, PathBuf};
use std::thread;
use std::time::{Duration, Instant};

use zerolab_metrics::{Manifest, State};

use crate::claim::{self, Holder};
use crate::interrupt::Interrupt;
use crate::plan::Plan;
use crate::process::{Worker, exit_reason};
use crate::provenance::now_unix_seconds;
use crate::resolved::ResolvedRun;
use crate::row_list;
use crate::run_error::RunError;
use crate::run_folder::RunFolder;
use crate::threads::threads_of_a_run;

/// Time between two looks at the workers.
const TICK: Duration = Duration::from_millis(20);
/// Time between two looks at the files of running runs.
const LOOK: Duration = Duration::from_millis(500);
/// Time that a worker has to end when asked.
const GRACE: Duration = Duration::from_secs(5);

/// How a plan is carried out.
#[derive(Clone, Debug)]
pub struct Settings {
    /// The folder of results.
    pub results: PathBuf,
    /// Runs trained at the same time.
    pub jobs: usize,
    /// Train finished runs again.
    pub fresh: bool,
}

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
    /// Whether the person stopped it; the other runs are still to be trained.
    pub interrupted: bool,
}

/// Trains what is not finished. Returns when every run is finished or failed, or when Ctrl-C or SIGTERM
/// came and every worker has ended.
///
/// # Errors
/// If a device cannot be had or the results folder cannot be written (nothing is started then), or no process
/// can be started.
pub fn run(
    plan: &Plan,
    settings: &Settings,
    on_event: &mut dyn FnMut(Event<'_>),
) -> Result<Outcome, RunError> {
    plan.runs.iter().try_for_each(|run| run.device.check())?;
    claim::prepare(&settings.results)?;
    let rows = row_list::write(&settings.results, plan)?;
    let interrupt = Interrupt::watch()?;
    let mut runner = Runner {
        plan,
        settings,
        rows,
        waiting: (0..plan.runs.len()).collect(),
        workers: Vec::new(),
        elsewhere: Vec::new(),
        outcome: Outcome::default(),
        on_event,
    };
    if !settings.fresh {
        runner.set_aside_finished();
    }
    let carried_out = runner.carry_out(&interrupt);
    if carried_out.is_err() || interrupt.came() {
        runner.stop_workers(&interrupt)?;
    }
    carried_out.map(|()| runner.outcome)
}

struct Runner<'a> {
    plan: &'a Plan,
    settings: &'a Settings,
    rows: PathBuf,
    /// Rows of the plan that are to be trained.
    waiting: VecDeque<usize>,
    workers: Vec<Worker>,
    /// Rows that other processes train.
    elsewhere: Vec<usize>,
    outcome: Outcome,
    on_event: &'a mut dyn FnMut(Event<'_>),
}

impl<'a> Runner<'a> {
    fn carry_out(&mut self, interrupt: &Interrupt) -> Result<(), RunError> {
        let mut last_look = Instant::now();
        while !(self.waiting.is_empty() && self.workers.is_empty() && self.elsewhere.is_empty()) {
            if interrupt.came() {
                return Ok(());
            }
            self.reap()?;
            self.fill()?;
            if last_look.elapsed() >= LOOK {
                last_look = Instant::now();
                self.look();
            }
            thread::sleep(TICK);
        }
        Ok(())
    }

    fn set_aside_finished(&mut self) {
        for row in std::mem::take(&mut self.waiting) {
            if self.manifest(row).is_some_and(|manifest| manifest.state == State::Done) {
                self.outcome.reused += 1;
                (self.on_event)(Event::Reused(&self.plan.runs[row]));
            } else {
                self.waiting.push_back(row);
            }
        }
    }

    /// Starts workers while there is room for them.
    fn fill(&mut self) -> Result<(), RunError> {
        while self.workers.len() < self.settings.jobs.max(1) {
            let Some(row) = self.waiting.pop_front() else { break };
            match self.manifest(row) {
                Some(manifest)
                    if manifest.state == State::Running && !claim::is_dead(&manifest) =>
                {
                    self.leave(row, &manifest);
                }
                Some(manifest) if manifest.state == State::Done && !self.settings.fresh => {
                    self.finished(row, &manifest);
                }
                _ => {
                    let Settings { results, jobs, fresh } = self.settings;
                    let threads = threads_of_a_run(self.plan.runs[row].device, *jobs);
                    let worker = Worker::start(results, &self.rows, row, *fresh, threads);
                    self.workers.push(worker.map_err(RunError::Launch)?);
                    (self.on_event)(Event::Started(&self.plan.runs[row]));
                }
            }
        }
        Ok(())
    }

    /// Takes note of the workers that have ended.
    fn reap(&mut self) -> Result<(), RunError> {
        let mut index = 0;
        while let Some(worker) = self.workers.get_mut(index) {
            match worker.ended().map_err(RunError::Launch)? {
                Some(status) => {
                    let worker = self.workers.remove(index);
                    self.settle(worker, &exit_reason(status));
                }
                None => index += 1,
            }
        }
        Ok(())
    }

    /// A worker is no more. Its run's manifest tells why, or, if it had no time for that, we tell it.
    fn settle(&mut self, mut worker: Worker, exit_reason: &str) {
        let row = worker.row();
        match self.manifest(row) {
            Some(manifest) if manifest.state == State::Done => self.finished(row, &manifest),
            Some(manifest) if manifest.process_id == worker.process_id() => {
                if manifest.state == State::Running {
                    self.close(row, manifest.clone(), State::Failed, exit_reason);
                }
                self.failed(row, manifest.exit_reason.as_deref().unwrap_or(exit_reason));
            }
            Some(manifest) if manifest.state == State::Running => self.leave(row, &manifest),
            _ => {
                let words = worker.words_before_claim();
                self.failed(row, words.as_deref().unwrap_or(exit_reason));
            }
        }
    }

    /// Looks at the files of the runs that are being trained, here and elsewhere.
    fn look(&mut self) {
        let rows: Vec<usize> = self.workers.iter().map(Worker::row).collect();
        for row in rows {
            self.progress(row);
        }
        for row in std::mem::take(&mut self.elsewhere) {
            match self.manifest(row) {
                Some(manifest) if manifest.state == State::Done => self.finished(row, &manifest),
                Some(manifest) if manifest.state == State::Failed => {
                    self.failed(row, manifest.exit_reason.as_deref().unwrap_or_default());
                }
                Some(manifest)
                    if manifest.state == State::Running && !claim::is_dead(&manifest) =>
                {
                    self.elsewhere.push(row);
                    self.progress(row);
                }
                _ => self.waiting.push_back(row),
            }
        }
    }

    fn progress(&mut self, row: usize) {
        if let Some(manifest) = self.manifest(row) {
            (self.on_event)(Event::Progress(&self.plan.runs[row], manifest.real_steps));
        }
    }

    /// Asks the workers to end, ends those that do not, and says in their manifests what happened.
    fn stop_workers(&mut self, interrupt: &Interrupt) -> Result<(), RunError> {
        self.outcome.interrupted = interrupt.came();
        self.workers.iter().for_each(Worker::ask_to_end);
        let asked = Instant::now();
        let mut workers = std::mem::take(&mut self.workers);
        for worker in &mut workers {
            while worker.ended().map_err(RunError::Launch)?.is_none() {
                if asked.elapsed() > GRACE || interrupt.came_twice() {
                    worker.end().map_err(RunError::Launch)?;
                }
                thread::sleep(TICK);
            }
            if let Some(manifest) = self.manifest(worker.row())
                && manifest.state == State::Running
                && manifest.process_id == worker.process_id()
            {
                let reason = "stopped before its end; run the experiment again to train it";
                self.close(worker.row(), manifest, State::Interrupted, reason);
            }
        }
        Ok(())
    }

    /// Writes the end of a run whose worker is no more. Where that cannot be written, the run is shown
    /// as stale, which is as true.
    fn close(&self, row: usize, mut manifest: Manifest, state: State, reason: &str) {
        manifest.state = state;
        manifest.exit_reason = Some(reason.to_owned());
        manifest.finished_unix_seconds = Some(now_unix_seconds());
        let _ = self.folder(row).write_manifest(&manifest);
    }

    fn leave(&mut self, row: usize, manifest: &Manifest) {
        self.elsewhere.push(row);
        (self.on_event)(Event::Elsewhere(&self.plan.runs[row], &Holder::of(manifest)));
    }

    fn finished(&mut self, row: usize, manifest: &Manifest) {
        let end = manifest.finished_unix_seconds.unwrap_or(manifest.started_unix_seconds);
        let seconds = end.saturating_sub(manifest.started_unix_seconds);
        self.outcome.finished += 1;
        (self.on_event)(Event::Finished(&self.plan.runs[row], seconds));
    }

    fn failed(&mut self, row: usize, reason: &str) {
        let run = &self.plan.runs[row];
        let folder = self.folder(row);
        let failure = Failure {
            run_id: run.id.clone(),
            reason: reason.to_owned(),
            last_words: folder.last_words(),
            log: folder.log_path(),
        };
        (self.on_event)(Event::Failed(run, &failure));
        self.outcome.failed.push(failure);
    }

    /// `None` also where it is damaged: the worker that claims the run will say so.
    fn manifest(&self, row: usize) -> Option<Manifest> {
        self.folder(row).manifest().ok().flatten()
    }

    fn folder(&self, row: usize) -> RunFolder {
        let results: &Path = &self.settings.results;
        RunFolder::new(results, &self.plan.runs[row].id)
    }
}
