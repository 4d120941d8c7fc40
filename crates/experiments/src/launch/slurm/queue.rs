//! What the queue says about the runs of an experiment. It is advice: the folders of the runs decide.
//!
//! No answer means that the state is unknown, never that a run failed.

use std::collections::{BTreeMap, BTreeSet, HashMap, HashSet};

use super::client::{self, QueuedTask, SlurmError};
use super::jobs::{Job, JobList, JobsFolder, Line};

/// The jobs of an experiment, and those of their tasks that are in the queue.
#[derive(Default)]
pub(super) struct Queue {
    pub list: JobList,
    /// By the task's id.
    pub tasks: BTreeMap<String, QueuedTask>,
    /// The states of the tasks of those arrays that were asked about, by the array's id and the task's index.
    pub states: HashMap<String, BTreeMap<usize, String>>,
}

impl Queue {
    /// Asks Slurm about the jobs of the experiment. Also asks about tasks that are not in the queue although `is_open`
    /// holds for one of their runs: an answer can be incomplete, and runs must not be submitted twice.
    pub fn read(folder: &JobsFolder, is_open: &dyn Fn(&str) -> bool) -> Result<Self, SlurmError> {
        Self::ask(folder, folder.read()?, is_open)
    }

    /// The same for a list that was read.
    pub fn ask(
        folder: &JobsFolder,
        list: JobList,
        is_open: &dyn Fn(&str) -> bool,
    ) -> Result<Self, SlurmError> {
        let mut names = folder.script_names()?;
        names.extend(list.jobs.iter().map(|job| job.name.clone()));
        let mut queue = Self { list, ..Self::default() };
        if !names.is_empty() {
            queue.find_tasks(folder, &names.into_iter().collect::<Vec<_>>())?;
            queue.confirm(is_open)?;
        }
        Ok(queue)
    }

    /// Finds the tasks of the jobs, and writes down the ids of jobs whose submission was cut off.
    fn find_tasks(&mut self, folder: &JobsFolder, names: &[String]) -> Result<(), SlurmError> {
        let mut queued = client::queue(names)?;
        let scripts = folder.absolute()?;
        for job in self.list.jobs.iter_mut().filter(|job| job.id.is_none()) {
            // Another experiment may have a job of this name.
            let script = scripts.join(job.script());
            let own = queued.iter().find(|(_, (_, path))| *path == script);
            let Some((task, _)) = own else { continue };
            let id = job_of(task).to_owned();
            folder.write(&Line::Submitted { name: job.name.clone(), id: id.clone() })?;
            job.id = Some(id);
        }
        for id in self.list.jobs.iter().flat_map(Job::task_ids) {
            if let Some((task, _)) = queued.remove(&id) {
                self.tasks.insert(id, task);
            }
        }
        // What is left with a script of this experiment is in no list: somebody has changed it.
        queued.retain(|_, (_, path)| path.parent() == Some(&scripts));
        let jobs: BTreeSet<&str> = queued.keys().map(|task| job_of(task)).collect();
        if jobs.is_empty() {
            return Ok(());
        }
        let jobs = jobs.into_iter().collect::<Vec<_>>().join(" ");
        Err(SlurmError::Unlisted { jobs, list: folder.list() })
    }

    fn confirm(&mut self, is_open: &dyn Fn(&str) -> bool) -> Result<(), SlurmError> {
        for job in self.list.jobs.iter().filter(|job| !job.is_report()) {
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
            self.states.insert(id.clone(), states);
        }
        Ok(())
    }

    /// The runs whose task is in the queue.
    pub fn runs(&self) -> HashSet<&str> {
        let mut runs = HashSet::new();
        for job in &self.list.jobs {
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
        let is_live = |job: &&Job| job.task_ids().iter().any(|id| self.tasks.contains_key(id));
        self.list.jobs.iter().filter(is_live)
    }
}

/// The id of the job of a task, which may be the job itself.
fn job_of(task: &str) -> &str {
    task.split('_').next().unwrap_or(task)
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
