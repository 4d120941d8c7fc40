//! What Slurm adds to the states of runs that are neither finished nor in training.

use std::collections::{HashMap, HashSet};
use std::fs;
use std::path::Path;

use super::client::{QueuedTask, SlurmError};
use super::jobs::{JobList, JobsFolder};
use super::queue::Queue;
use crate::inspect::status::RunStatus;
use crate::launch::EXIT_SAVED;

/// Adds to the states of an experiment's runs what Slurm knows of those that are neither finished nor in training. Does
/// nothing if no job was ever submitted.
pub fn add_to(runs: &mut [RunStatus], results: &Path, experiment: &str) {
    look(runs, &JobsFolder::of(results, experiment));
}

/// As [`add_to`]. Returns the queue, if it was asked and answered.
pub(super) fn look(runs: &mut [RunStatus], folder: &JobsFolder) -> Option<Queue> {
    let is_waiting = |run: &RunStatus| !["done", "running", "unreadable"].contains(&run.state);
    let waiting: HashSet<String> =
        runs.iter().filter(|run| is_waiting(run)).map(|run| run.id.clone()).collect();
    if waiting.is_empty() {
        return None;
    }
    let mut last = HashMap::new();
    let queue = folder.read().map_err(SlurmError::from).and_then(|list| {
        last = last_tasks(&list);
        // What the queue does not list is asked for by its id: an answer may be incomplete.
        Queue::ask(folder, list, &|run| waiting.contains(run))
    });
    if let Ok(queue) = &queue {
        // Slurm knows jobs whose ids were not written down.
        last = last_tasks(&queue.list);
    }
    for run in runs.iter_mut().filter(|run| is_waiting(run)) {
        match (&queue, last.get(&run.id)) {
            // The folder of the run has the reason.
            (Err(_), _) if run.state == "failed" => {}
            (Err(error @ (SlurmError::Files(_) | SlurmError::Unlisted { .. })), _) => {
                run.state = "unknown";
                run.reason = Some(error.to_string());
            }
            (_, None) => {}
            (Err(error), Some(task)) => {
                run.state = "unknown";
                run.reason = Some(format!("whether job {task} is queued is unknown: {error}"));
            }
            (Ok(queue), Some(task)) => match queue.tasks.get(task) {
                Some(queued) => {
                    run.state = "queued";
                    run.reason = Some(format!("job {task}{}", place(queued)));
                }
                None if run.state == "failed" => {}
                None => {
                    let ending = ending(queue, folder, task);
                    run.reason = ending.map(|it| format!("job {task} {it}")).or(run.reason.take());
                }
            },
        }
    }
    queue.ok()
}

/// The last task of each run, by the run's id.
fn last_tasks(list: &JobList) -> HashMap<String, String> {
    let tasks = list.jobs.iter().flat_map(|job| job.tasks.iter().zip(job.task_ids()));
    tasks.flat_map(|(runs, id)| runs.iter().map(move |run| (run.clone(), id.clone()))).collect()
}

/// Why a task waits, or where it runs.
fn place(task: &QueuedTask) -> String {
    match (task.waits, task.reason.as_str()) {
        (true, "None") => String::new(),
        (true, reason) => format!(" ({reason})"),
        (false, machine) => format!(" on {machine}"),
    }
}

/// How a task ended that is not in the queue, if Slurm or the files tell.
fn ending(queue: &Queue, folder: &JobsFolder, task: &str) -> Option<String> {
    let (job, index) = task.split_once('_')?;
    if queue.list.cancelled.contains(task) {
        return Some("was cancelled".to_owned());
    }
    let state = queue.states.get(job).and_then(|states| states.get(&index.parse().ok()?));
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
    let code = fs::read_to_string(folder.file(&format!("{task}.exit"))).ok();
    let log = folder.file(&format!("{task}.log"));
    match code.as_deref().map(str::trim) {
        // The runs' folders say it.
        Some("0") => None,
        Some(code) if code.parse() == Ok(EXIT_SAVED) => {
            Some("ended before its runs, and was not queued again".to_owned())
        }
        Some(code) => Some(format!("ended with code {code}; its log is {}", log.display())),
        None => Some(format!("is not in the queue any more; its log is {}", log.display())),
    }
}
