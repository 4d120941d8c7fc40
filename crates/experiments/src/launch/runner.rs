//! Carries out a plan: each run in a process of its own, so many at a time, whatever happens to one.
//!
//! A run that is finished is used as it is; one that another process trains is waited for; one that
//! fails does not stop the others. What the runner knows of a run it reads from the run's files, so runs
//! of another runner look the same as its own.

use std::collections::{HashSet, VecDeque};
use std::path::{Path, PathBuf};
use std::process::ExitStatus;
use std::thread;
use std::time::{Duration, Instant};

use zerolab_metrics::{FailureKind, Manifest, State};

use crate::error::RunError;
use crate::launch::events::{Event, Failure, Outcome};
use crate::launch::local::{self, Task, Worker};
use crate::plan::Plan;
use crate::plan::forecast::forecast;
use crate::plan::instantiate;
use crate::plan::run_list;
use crate::run::checkpoint::Checkpoints;
use crate::run::claim::{self, Holder};
use crate::run::folder::RunFolder;
use crate::run::heartbeat::{End, close};
use crate::run::interrupt::Interrupt;
use crate::run::provenance::now_unix_seconds;
use crate::run::retry;
use crate::run::threads::threads_of_a_run;

/// Time between two looks at the workers.
const TICK: Duration = Duration::from_millis(20);
/// Time between two looks at the files of running runs.
const LOOK: Duration = Duration::from_millis(500);
/// Time that a worker has to save its run when asked. Slurm kills half a minute after it has asked.
const GRACE: Duration = Duration::from_secs(25);

/// How a plan is carried out.
#[derive(Clone, Debug)]
pub struct Settings {
    /// The folder of results.
    pub results: PathBuf,
    /// Runs trained at the same time.
    pub jobs: usize,
    /// Begin every run anew, finished ones too.
    pub fresh: bool,
    /// The command that asks for it, as a person would give it.
    pub command: String,
}

/// Trains what is not finished. Returns when every run is finished or failed, or when Ctrl-C, SIGTERM or SIGUSR1 came,
/// or a run failed that is to stop the others, and every worker has saved its run and ended.
///
/// # Errors
/// If a device or an environment cannot be had, an agent cannot play its environment or the results folder cannot be written
/// (nothing is started then), or no process can be started.
pub fn run(
    plan: &Plan,
    settings: &Settings,
    on_event: &mut dyn FnMut(Event<'_>),
) -> Result<Outcome, RunError> {
    plan.runs.iter().try_for_each(|run| run.device.check())?;
    plan.runs.iter().try_for_each(instantiate::check)?;
    forecast(plan)?;
    claim::prepare(&settings.results)?;
    let rows = run_list::write(&settings.results, plan)?;
    let interrupt = Interrupt::watch()?;
    let mut runner = Runner {
        plan,
        settings,
        rows,
        waiting: (0..plan.runs.len()).collect(),
        begun_anew: HashSet::new(),
        workers: Vec::new(),
        elsewhere: Vec::new(),
        outcome: Outcome::default(),
        on_event,
    };
    if !settings.fresh {
        runner.set_aside_finished();
    }
    let carried_out = runner.carry_out(&interrupt);
    runner.outcome.interrupted = interrupt.came() || runner.is_over();
    runner.stop_workers(&interrupt)?;
    carried_out.map(|()| runner.outcome)
}

struct Runner<'a> {
    plan: &'a Plan,
    settings: &'a Settings,
    rows: PathBuf,
    /// Rows of the plan that are to be trained.
    waiting: VecDeque<usize>,
    /// Rows that were begun anew: what is left to do there is to go on.
    begun_anew: HashSet<usize>,
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
            if interrupt.came() || self.is_over() {
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

    /// Whether a failure ends it all.
    fn is_over(&self) -> bool {
        let fail_fast = self.plan.experiment.on_failure.fail_fast;
        fail_fast && !self.outcome.failed.is_empty()
    }

    fn set_aside_finished(&mut self) {
        for row in std::mem::take(&mut self.waiting) {
            if self.manifest(row).is_some_and(|manifest| manifest.state == State::Done) {
                self.clear(row);
                self.outcome.reused += 1;
                (self.on_event)(Event::Reused(&self.plan.runs[row]));
            } else {
                self.waiting.push_back(row);
            }
        }
    }

    /// Starts workers while there is room for them.
    fn fill(&mut self) -> Result<(), RunError> {
        while self.workers.len() < self.settings.jobs.max(1) && !self.is_over() {
            let Some(row) = self.waiting.pop_front() else { break };
            let fresh = self.settings.fresh && !self.begun_anew.contains(&row);
            let manifest = self.manifest(row);
            match manifest.as_ref().filter(|_| !fresh) {
                Some(manifest) if manifest.state == State::Done => self.finished(row, manifest),
                Some(manifest) if is_trained(manifest) => self.leave(row, manifest),
                Some(manifest) if let Some(reason) = retry::given_up(manifest) => {
                    self.failed(row, &reason);
                }
                _ => self.start(row, fresh)?,
            }
        }
        Ok(())
    }

    fn start(&mut self, row: usize, fresh: bool) -> Result<(), RunError> {
        let Settings { results, jobs, command, .. } = self.settings;
        let threads = threads_of_a_run(self.plan.runs[row].device, *jobs);
        let task = Task { results, rows: &self.rows, row, fresh, threads, command };
        self.workers.push(Worker::start(&task).map_err(RunError::Launch)?);
        self.begun_anew.insert(row);
        (self.on_event)(Event::Started(&self.plan.runs[row]));
        Ok(())
    }

    /// Takes note of the workers that have ended.
    fn reap(&mut self) -> Result<(), RunError> {
        let mut index = 0;
        while let Some(worker) = self.workers.get_mut(index) {
            match worker.ended().map_err(RunError::Launch)? {
                Some(status) => {
                    let worker = self.workers.remove(index);
                    self.settle(worker, status);
                }
                None => index += 1,
            }
        }
        Ok(())
    }

    /// A worker is no more. Its run's manifest tells why, or, if it had no time for that, we tell it.
    fn settle(&mut self, mut worker: Worker, status: ExitStatus) {
        let row = worker.row();
        let (kind, reason) = local::failure(&worker, status);
        match self.manifest(row) {
            Some(manifest) if manifest.state == State::Done => self.finished(row, &manifest),
            Some(manifest) if manifest.process_id == worker.process_id() => match manifest.state {
                State::Running => {
                    let manifest = self.close(row, manifest, kind, reason);
                    self.failed_or_tried_again(row, &manifest);
                }
                State::Failed => self.failed_or_tried_again(row, &manifest),
                State::Saved | State::Done => {
                    (self.on_event)(Event::Saved(&self.plan.runs[row], manifest.real_steps));
                    self.waiting.push_front(row);
                }
            },
            // It found that another process had claimed the run, or could not claim it.
            Some(manifest) if is_trained(&manifest) || status.success() => {
                self.leave(row, &manifest);
            }
            _ => {
                let words = worker.words_before_claim();
                self.failed(row, words.as_deref().unwrap_or(&reason));
            }
        }
    }

    /// A run has failed: whether it is worth another try is the policy's affair.
    fn failed_or_tried_again(&mut self, row: usize, manifest: &Manifest) {
        let reason = manifest.exit_reason.as_deref().unwrap_or_default();
        let retries = self.plan.experiment.on_failure.retries;
        match retry::given_up(manifest) {
            Some(reason) => self.failed(row, &reason),
            None if retry::in_a_row(&manifest.failures) > retries => self.failed(row, reason),
            None => {
                (self.on_event)(Event::Retried(&self.plan.runs[row], reason));
                self.waiting.push_front(row);
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
                    self.failed_or_tried_again(row, &manifest);
                }
                Some(manifest) if is_trained(&manifest) => {
                    self.elsewhere.push(row);
                    self.progress(row);
                }
                // Saved or dead: ours to go on with.
                _ => self.waiting.push_back(row),
            }
        }
    }

    fn progress(&mut self, row: usize) {
        if let Some(manifest) = self.manifest(row) {
            (self.on_event)(Event::Progress(&self.plan.runs[row], manifest.real_steps));
        }
    }

    /// Asks the workers to save their runs and ends those that do not. The run of one that was ended is stale; it goes
    /// on from its last checkpoint, whoever takes it up.
    fn stop_workers(&mut self, interrupt: &Interrupt) -> Result<(), RunError> {
        self.workers.iter().for_each(Worker::ask_to_save);
        let asked = Instant::now();
        let mut workers = std::mem::take(&mut self.workers);
        while !workers.is_empty() {
            let mut going_on = Vec::new();
            for mut worker in workers {
                match worker.ended().map_err(RunError::Launch)? {
                    Some(status) => self.settle(worker, status),
                    None if asked.elapsed() > GRACE || interrupt.came_twice() => {
                        worker.end().map_err(RunError::Launch)?;
                    }
                    None => going_on.push(worker),
                }
            }
            workers = going_on;
            thread::sleep(TICK);
        }
        Ok(())
    }

    /// Writes the end of a run whose worker is no more. Where that cannot be written, the run is shown
    /// as stale, which is as true.
    fn close(
        &self,
        row: usize,
        mut manifest: Manifest,
        kind: FailureKind,
        reason: String,
    ) -> Manifest {
        manifest.finished_unix_seconds = Some(now_unix_seconds());
        close(&mut manifest, End::Failed(kind, reason));
        let _ = self.folder(row).write_manifest(&manifest);
        manifest
    }

    fn leave(&mut self, row: usize, manifest: &Manifest) {
        self.elsewhere.push(row);
        (self.on_event)(Event::Elsewhere(&self.plan.runs[row], &Holder::of(manifest)));
    }

    fn finished(&mut self, row: usize, manifest: &Manifest) {
        self.clear(row);
        self.outcome.finished += 1;
        let seconds = manifest.trained_seconds.round() as u64;
        (self.on_event)(Event::Finished(&self.plan.runs[row], seconds));
    }

    /// Removes the checkpoints of a finished run whose process was killed before it came to that. They take room and do
    /// no other harm.
    fn clear(&self, row: usize) {
        let _ = Checkpoints::of(self.folder(row).path()).remove_all();
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

/// Whether some process trains the run now.
fn is_trained(manifest: &Manifest) -> bool {
    manifest.state == State::Running && !claim::is_dead(manifest)
}
