//! Plays the examinations of finished runs that are not there yet, several at the same time.
//!
//! A file is written whole when its examination is done. So an interrupted examination is begun again, and gives the same
//! file; other processes can take part.

use std::collections::VecDeque;
use std::panic::{self, AssertUnwindSafe};
use std::path::Path;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::mpsc::{self, RecvTimeoutError};
use std::sync::{Mutex, PoisonError};
use std::thread;
use std::time::Duration;

use crate::error::RunError;
use crate::examine::{examine, is_done};
use crate::plan::Plan;
use crate::plan::examination::PlannedExamination;
use crate::plan::resolved::ResolvedRun;
use crate::run::folder::RunFolder;
use crate::run::interrupt::Interrupt;
use crate::run::threads::{cores, in_pool};
use crate::run::trained_agent::{TrainedAgentError, is_finished};

/// Time between checks for a signal.
const POLL_INTERVAL: Duration = Duration::from_millis(50);

/// An event of one examination.
#[derive(Debug)]
pub enum ExaminationEvent<'a> {
    /// It is done: so many of all are.
    Done(&'a ResolvedRun, &'a PlannedExamination, usize, usize),
    /// It failed for this reason.
    Failed(&'a ResolvedRun, &'a PlannedExamination, &'a TrainedAgentError),
}

/// What became of the examinations of a plan.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ExaminationSummary {
    /// The number that was done before.
    pub reused: usize,
    /// The number that was done now.
    pub done: usize,
    /// The number that failed.
    pub failed: usize,
    /// Whether a signal stopped it.
    pub interrupted: bool,
}

/// Plays what is missing of the examinations of the plan's finished runs, `jobs` at a time. With `fresh` it plays all.
/// A signal that asks the process to stop ends it before the next one.
pub fn run(
    plan: &Plan,
    results: &Path,
    (jobs, fresh): (usize, bool),
    interrupt: &Interrupt,
    on_event: &mut dyn FnMut(ExaminationEvent<'_>),
) -> ExaminationSummary {
    let finished = |run: &&ResolvedRun| is_finished(RunFolder::new(results, &run.id).path());
    let of_run = |run| plan.distinct_examinations_of(run).map(move |planned| (run, planned));
    let all: Vec<_> = plan.runs.iter().filter(finished).flat_map(of_run).collect();
    let is_missing =
        |it: &&(&ResolvedRun, &PlannedExamination)| fresh || !is_done(results, it.0, it.1);
    let waiting: VecDeque<_> = all.iter().filter(is_missing).copied().collect();
    let mut summary =
        ExaminationSummary { reused: all.len() - waiting.len(), ..ExaminationSummary::default() };
    if waiting.is_empty() {
        return summary;
    }
    let stopped = AtomicBool::new(false);
    let total = waiting.len();
    let waiting = Mutex::new(waiting);
    let (sender, receiver) = mpsc::channel();
    let threads = (cores() / jobs.max(1)).max(1);
    thread::scope(|scope| {
        for _ in 0..jobs.clamp(1, total) {
            let (sender, waiting, stopped) = (sender.clone(), &waiting, &stopped);
            scope.spawn(move || {
                let stop = || stopped.load(Ordering::Relaxed);
                loop {
                    let next = waiting.lock().unwrap_or_else(PoisonError::into_inner).pop_front();
                    let Some((run, planned)) = next.filter(|_| !stop()) else { return };
                    // Another process may have played it meanwhile.
                    if !fresh && is_done(results, run, planned) {
                        let _ = sender.send((run, planned, Ok(true)));
                        continue;
                    }
                    let work = || in_pool(threads, || examine(results, run, planned, &stop));
                    // A broken examination must not end the others.
                    let answer = panic::catch_unwind(AssertUnwindSafe(work));
                    let answer = answer.unwrap_or_else(|_| Err(RunError::Panicked.into()));
                    // The receiver outlives all senders.
                    let _ = sender.send((run, planned, answer));
                }
            });
        }
        drop(sender);
        loop {
            match receiver.recv_timeout(POLL_INTERVAL) {
                Ok((run, planned, Ok(true))) => {
                    summary.done += 1;
                    on_event(ExaminationEvent::Done(run, planned, summary.done, total));
                }
                Ok((_, _, Ok(false))) => {}
                Ok((run, planned, Err(error))) => {
                    summary.failed += 1;
                    on_event(ExaminationEvent::Failed(run, planned, &error));
                }
                Err(RecvTimeoutError::Timeout) => {}
                Err(RecvTimeoutError::Disconnected) => return,
            }
            if interrupt.stop_requested() {
                stopped.store(true, Ordering::Relaxed);
            }
        }
    });
    summary.interrupted = interrupt.stop_requested();
    summary
}
