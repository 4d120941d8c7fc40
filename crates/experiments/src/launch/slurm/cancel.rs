//! Cancels jobs.

use std::path::Path;

use super::client::{self, SlurmError};
use super::jobs::{JobsFolder, Line};
use super::queue::Queue;

/// What was cancelled.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Cancelled {
    /// How many tasks were in the queue.
    pub tasks: usize,
    /// How many of them were running.
    pub running: usize,
}

/// Cancels the tasks in the queue whose runs `is_chosen` holds for, or with `None` all jobs of the experiment, also that of
/// the report. Running tasks save their runs.
///
/// # Errors
/// If Slurm does not answer.
pub fn cancel(
    results: &Path,
    experiment: &str,
    is_chosen: Option<&dyn Fn(&str) -> bool>,
) -> Result<Cancelled, SlurmError> {
    let folder = JobsFolder::of(results, experiment);
    let queue = Queue::read(&folder, &|_| true)?;
    let mut tasks = Vec::new();
    let mut running = 0;
    let mut asked = Vec::new();
    for job in queue.live() {
        let ids = job.task_ids();
        let runs = |task: usize| job.tasks.get(task).map_or(&[][..], Vec::as_slice);
        let is_meant = |task: usize| {
            is_chosen.is_none_or(|is_chosen| runs(task).iter().any(|run| is_chosen(run)))
        };
        let meant = ids.iter().enumerate().filter(|(task, _)| is_meant(*task));
        let meant: Vec<_> = meant.filter_map(|(_, id)| Some((id, queue.tasks.get(id)?))).collect();
        let runs_now = meant.iter().filter(|(_, task)| !task.waits && !job.is_report());
        running += runs_now.count();
        if !job.is_report() {
            tasks.extend(meant.iter().map(|(id, _)| (*id).clone()));
        }
        match is_chosen {
            None => asked.extend(job.id.clone()),
            Some(_) => asked.extend(meant.iter().map(|(id, _)| (*id).clone())),
        }
    }
    if !asked.is_empty() {
        client::cancel(&asked)?;
        folder.write(&Line::Cancelled { tasks: tasks.clone() })?;
    }
    Ok(Cancelled { tasks: tasks.len(), running })
}
