//! What Slurm adds to the states of runs that are neither finished nor in training.

use std::collections::{BTreeMap, HashMap, HashSet};
use std::fs;
use std::path::Path;

use super::client::{self, QueuedTask};
use super::jobs::{Job, JobsFolder};
use super::queue::Queue;
use crate::inspect::status::RunStatus;

/// The last task of each run, by the run's id.
fn last_tasks(jobs: &[Job]) -> HashMap<&str, String> {
    let tasks = jobs.iter().flat_map(|job| job.tasks.iter().zip(job.task_ids()));
    tasks.flat_map(|(runs, id)| runs.iter().map(move |run| (run.as_str(), id.clone()))).collect()
}

/// Adds to the states of an experiment's runs what Slurm knows of those that are neither finished nor in training. Does
/// nothing if no job was ever submitted.
pub fn add_to(runs: &mut [RunStatus], results: &Path, experiment: &str) {
    let folder = JobsFolder::of(results, experiment);
    let is_waiting = |run: &RunStatus| !["done", "running", "unreadable"].contains(&run.state);
    let jobs = match folder.read() {
        Ok(jobs) if jobs.is_empty() || !runs.iter().any(is_waiting) => return,
        Ok(jobs) => jobs,
        Err(error) => {
            for run in runs.iter_mut().filter(|run| is_waiting(run)) {
                run.state = "unknown";
                run.reason = Some(error.to_string());
            }
            return;
        }
    };
    // What the queue does not list is asked for by its id: an answer may be incomplete.
    let waiting: HashSet<String> =
        runs.iter().filter(|run| is_waiting(run)).map(|run| run.id.clone()).collect();
    let queue = Queue::read(&folder).and_then(|mut queue| {
        queue.confirm(&|run| waiting.contains(run))?;
        Ok(queue)
    });
    let jobs = queue.as_ref().map_or(&jobs[..], |queue| &queue.jobs[..]);
    let last = last_tasks(jobs);
    let mut endings = Endings {
        folder: &folder,
        cancelled: folder.cancelled().unwrap_or_default(),
        states: HashMap::new(),
    };
    for run in runs.iter_mut().filter(|run| is_waiting(run)) {
        let Some(task) = last.get(run.id.as_str()) else { continue };
        match &queue {
            // The folder of the run has the reason.
            Err(_) if run.state == "failed" => {}
            Err(error) => {
                run.state = "unknown";
                run.reason = Some(format!("whether job {task} is queued is unknown: {error}"));
            }
            Ok(queue) => match queue.tasks.get(task) {
                Some(queued) => {
                    run.state = "queued";
                    run.reason = Some(format!("job {task}{}", place(queued)));
                }
                None if run.state == "failed" => {}
                None => {
                    let ending = endings.of(task).map(|ending| format!("job {task} {ending}"));
                    run.reason = ending.or(run.reason.take());
                }
            },
        }
    }
}

/// Why a task waits, or where it runs.
fn place(task: &QueuedTask) -> String {
    match (task.waits, task.reason.as_str()) {
        (true, "None") => String::new(),
        (true, reason) => format!(" ({reason})"),
        (false, machine) => format!(" on {machine}"),
    }
}

/// How tasks ended that are not in the queue.
struct Endings<'a> {
    folder: &'a JobsFolder,
    /// Those that `zerolab cancel` cancelled.
    cancelled: HashSet<String>,
    /// The states of the tasks of an array, by the array's id.
    states: HashMap<String, BTreeMap<usize, String>>,
}

impl Endings<'_> {
    /// How a task ended, if Slurm or the files tell.
    fn of(&mut self, task: &str) -> Option<String> {
        let (job, index) = task.split_once('_')?;
        if self.cancelled.contains(task) {
            return Some("was cancelled".to_owned());
        }
        let states = self.states.entry(job.to_owned());
        let states = states.or_insert_with(|| client::states(job).unwrap_or_default());
        let state = index.parse().ok().and_then(|index: usize| states.get(&index));
        let said = match state.map(String::as_str) {
            Some("OUT_OF_MEMORY") => Some("ran out of memory"),
            Some("TIMEOUT" | "DEADLINE") => Some("was killed at its time limit"),
            Some("NODE_FAIL" | "BOOT_FAIL") => Some("ended because its machine failed"),
            Some("PREEMPTED") => Some("was preempted"),
            Some("CANCELLED") => Some("was cancelled"),
            _ => None,
        };
        if let Some(said) = said {
            return Some(said.to_owned());
        }
        let code = fs::read_to_string(self.folder.file(&format!("{task}.exit"))).ok();
        match code.as_deref().map(str::trim) {
            Some("75") => Some("ended before its runs, and was not queued again".to_owned()),
            // The runs' folders say it.
            Some("0") => None,
            Some(code) => Some(format!("ended with code {code}; its log is {}", self.log(task))),
            None => Some(format!("is not in the queue any more; its log is {}", self.log(task))),
        }
    }

    fn log(&self, task: &str) -> String {
        self.folder.file(&format!("{task}.log")).display().to_string()
    }
}
