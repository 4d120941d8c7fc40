//! What the queue says about the runs of an experiment. It is advice: the folders of the runs decide.
//!
//! No answer means that the state is unknown, never that a run failed.

use std::collections::{BTreeMap, HashSet};

use super::client::{self, QueuedTask, SlurmError};
use super::jobs::{Job, JobsFolder, Line};

/// The jobs of an experiment, and those of their tasks that are in the queue.
pub(super) struct Queue {
    pub jobs: Vec<Job>,
    /// By the task's id.
    pub tasks: BTreeMap<String, QueuedTask>,
}

impl Queue {
    /// Asks Slurm about the jobs of the experiment. Writes down the ids of jobs whose submission was cut off.
    pub fn read(folder: &JobsFolder) -> Result<Self, SlurmError> {
        let mut jobs = folder.read()?;
        if jobs.is_empty() {
            return Ok(Self { jobs, tasks: BTreeMap::new() });
        }
        let names: Vec<&str> = jobs.iter().map(|job| job.name.as_str()).collect();
        let mut queued = client::queue(&names)?;
        for job in jobs.iter_mut().filter(|job| job.id.is_none()) {
            // Another experiment may have a job of this name.
            let script = folder.absolute()?.join(job.script());
            let own = queued.iter().find(|(_, (_, path))| *path == script);
            let Some((task, _)) = own else { continue };
            let id = task.split('_').next().unwrap_or(task).to_owned();
            folder.write(&Line::Submitted { name: job.name.clone(), id: id.clone() })?;
            job.id = Some(id);
        }
        let mut tasks = BTreeMap::new();
        for id in jobs.iter().flat_map(Job::task_ids) {
            if let Some((task, _)) = queued.remove(&id) {
                tasks.insert(id, task);
            }
        }
        Ok(Self { jobs, tasks })
    }

    /// Also asks about tasks that are not in the queue although `is_open` holds for one of their runs: an answer can be
    /// incomplete, and runs must not be submitted twice.
    pub fn confirm(&mut self, is_open: &dyn Fn(&str) -> bool) -> Result<(), SlurmError> {
        for job in self.jobs.iter().filter(|job| !job.is_report()) {
            let Some(id) = &job.id else { continue };
            let missing: Vec<usize> = (0..job.tasks.len())
                .filter(|task| job.tasks[*task].iter().any(|run| is_open(run)))
                .filter(|task| !self.tasks.contains_key(&format!("{id}_{task}")))
                .collect();
            if missing.is_empty() {
                continue;
            }
            let states = client::states(id)?;
            for task in missing {
                let state = states.get(&task).map_or("", String::as_str);
                if LIVE.contains(&state) {
                    let reason = state.to_lowercase();
                    let queued = QueuedTask { waits: state != "RUNNING", reason };
                    self.tasks.insert(format!("{id}_{task}"), queued);
                }
            }
        }
        Ok(())
    }

    /// The runs whose task is in the queue.
    pub fn runs(&self) -> HashSet<&str> {
        let mut runs = HashSet::new();
        for job in &self.jobs {
            for (task, id) in job.tasks.iter().zip(job.task_ids()) {
                if self.tasks.contains_key(&id) {
                    runs.extend(task.iter().map(String::as_str));
                }
            }
        }
        runs
    }

    /// The jobs that have a task in the queue.
    pub fn live(&self) -> impl Iterator<Item = &Job> {
        self.jobs.iter().filter(|job| job.task_ids().iter().any(|id| self.tasks.contains_key(id)))
    }
}

/// States of a task that may still train.
const LIVE: [&str; 8] = [
    "PENDING",
    "RUNNING",
    "REQUEUED",
    "REQUEUE_HOLD",
    "SUSPENDED",
    "CONFIGURING",
    "COMPLETING",
    "SPECIAL_EXIT",
];
