//! What the queue says about the runs of an experiment. It is advice: the folders of the runs decide.
//!
//! No answer means that the state is unknown, never that a run failed.

use std::collections::{BTreeMap, HashMap, HashSet};
use std::fs;
use std::path::Path;

use super::client::{self, QueuedTask, SlurmError};
use super::jobs::{Job, JobsFolder, Line};
use crate::inspect::status::RunStatus;

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
    let jobs = folder.read().unwrap_or_default();
    if jobs.is_empty() || !runs.iter().any(is_waiting) {
        return;
    }
    let queue = Queue::read(&folder);
    let jobs = queue.as_ref().map_or(&jobs[..], |queue| &queue.jobs[..]);
    let last = last_tasks(jobs);
    let mut endings = Endings {
        folder: &folder,
        cancelled: folder.cancelled().unwrap_or_default(),
        states: HashMap::new(),
    };
    for run in runs.iter_mut().filter(|run| is_waiting(run)) {
        let Some(task) = last.get(run.id.as_str()) else { continue };
        let queued = match &queue {
            Err(error) if run.state == "failed" => Err(error),
            Err(error) => {
                run.state = "unknown";
                run.reason = Some(format!("whether job {task} is queued is unknown: {error}"));
                continue;
            }
            Ok(queue) => Ok(queue.tasks.get(task)),
        };
        match queued {
            Ok(Some(QueuedTask { waits, reason })) => {
                let place = match (waits, reason.as_str()) {
                    (true, "None") => String::new(),
                    (true, reason) => format!(" ({reason})"),
                    (false, machine) => format!(" on {machine}"),
                };
                run.state = "queued";
                run.reason = Some(format!("job {task}{place}"));
            }
            // The folder of the run has the reason.
            _ if run.state == "failed" => {}
            _ => {
                let ending = endings.of(task);
                let before = run.reason.take().filter(|_| ending.is_none());
                run.reason = ending.map(|ending| format!("job {task} {ending}")).or(before);
            }
        }
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
            Some("75") => Some("was queued again as often as `restarts` allows".to_owned()),
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
    if folder.read()?.is_empty() {
        return Ok(Cancelled { tasks: 0, running: 0 });
    }
    let queue = Queue::read(&folder)?;
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
