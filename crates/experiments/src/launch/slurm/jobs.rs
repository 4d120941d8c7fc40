//! The jobs that were submitted for an experiment, in `results/<experiment>/slurm/jobs.jsonl`.
//!
//! A job is written down before it is submitted, and its id after. So no job is forgotten if the process ends in between:
//! its name finds it in the queue.

use std::collections::{BTreeMap, BTreeSet, HashSet};
use std::fs::{self, File, OpenOptions};
use std::io::{self, Write};
use std::path::{Path, PathBuf};

use serde::{Deserialize, Serialize};

use crate::error::RunError;
use crate::run::lock_file;

/// A line of the file.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case", tag = "kind")]
pub(super) enum Line {
    /// A job is about to be submitted.
    Job(Job),
    /// It has this id.
    Submitted {
        /// The name of the job.
        name: String,
        /// Its id.
        id: String,
    },
    /// These tasks were cancelled by the user.
    Cancelled {
        /// Their ids.
        tasks: Vec<String>,
    },
}

/// A job.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Job {
    /// Its name, which no other job of the experiment has.
    pub name: String,
    /// The ids of the runs of each task; none for a report.
    pub tasks: Vec<Vec<String>>,
    /// Its id in Slurm, once it is known.
    #[serde(skip)]
    pub id: Option<String>,
}

/// What the file says.
#[derive(Clone, Debug, Default)]
pub(super) struct JobList {
    /// The jobs, in the order of their submission.
    pub jobs: Vec<Job>,
    /// The ids of the tasks that the user cancelled.
    pub cancelled: HashSet<String>,
}

/// The folder of the jobs of an experiment.
#[derive(Clone, Debug)]
pub(super) struct JobsFolder {
    path: PathBuf,
}

impl Job {
    /// Whether it only writes the report.
    pub fn is_report(&self) -> bool {
        self.tasks.is_empty()
    }

    /// The name of the file of its script.
    pub fn script(&self) -> String {
        format!("{}.sh", self.name)
    }

    /// The ids of its tasks in Slurm.
    pub fn task_ids(&self) -> Vec<String> {
        let Some(id) = &self.id else { return Vec::new() };
        match self.tasks.len() {
            0 => vec![id.clone()],
            tasks => (0..tasks).map(|task| format!("{id}_{task}")).collect(),
        }
    }
}

impl JobsFolder {
    pub fn of(results: &Path, experiment: &str) -> Self {
        Self { path: results.join(experiment).join("slurm") }
    }

    /// Makes the folder.
    pub fn make(&self) -> Result<(), RunError> {
        let made = fs::create_dir_all(&self.path);
        made.map_err(|source| RunError::Results { path: self.path.clone(), source })
    }

    /// The absolute path of the folder.
    pub fn absolute(&self) -> Result<PathBuf, RunError> {
        std::path::absolute(&self.path).map_err(RunError::file("find", &self.path))
    }

    /// A file of the folder.
    pub fn file(&self, name: &str) -> PathBuf {
        self.path.join(name)
    }

    /// The right to submit, held until it is dropped.
    pub fn lock(&self) -> Result<File, RunError> {
        let path = self.file(".lock");
        lock_file::lock(&path).map_err(RunError::file("lock", &path))
    }

    /// The jobs and what was cancelled; nothing if nothing was ever submitted.
    pub fn read(&self) -> Result<JobList, RunError> {
        let mut list = JobList::default();
        let mut ids = BTreeMap::new();
        for line in self.lines()? {
            match line {
                Line::Job(job) => list.jobs.push(job),
                Line::Submitted { name, id } => {
                    ids.insert(name, id);
                }
                Line::Cancelled { tasks } => list.cancelled.extend(tasks),
            }
        }
        list.jobs.iter_mut().for_each(|job| job.id = ids.remove(&job.name));
        Ok(list)
    }

    /// The names of the jobs whose script is in the folder.
    pub fn script_names(&self) -> Result<BTreeSet<String>, RunError> {
        let files = match fs::read_dir(&self.path) {
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(BTreeSet::new()),
            read => read.map_err(RunError::file("read", &self.path))?,
        };
        let names = files.flatten().filter_map(|file| file.file_name().into_string().ok());
        Ok(names.filter_map(|name| name.strip_suffix(".sh").map(str::to_owned)).collect())
    }

    fn lines(&self) -> Result<Vec<Line>, RunError> {
        let path = self.list();
        let text = match fs::read_to_string(&path) {
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(Vec::new()),
            read => read.map_err(RunError::file("read", &path))?,
        };
        // A line that was cut off when its process died is of a job that was not submitted yet.
        Ok(text.lines().filter_map(|line| serde_json::from_str(line).ok()).collect())
    }

    /// Appends a line.
    pub fn write(&self, line: &Line) -> Result<(), RunError> {
        let path = self.list();
        let append = || {
            let mut file = OpenOptions::new().create(true).append(true).open(&path)?;
            let json = serde_json::to_string(line)?;
            // It starts a line of its own, whatever became of the last one.
            file.write_all(format!("\n{json}\n").as_bytes())?;
            file.sync_all()
        };
        append().map_err(RunError::file("write", &path))
    }

    /// The path of the list of jobs.
    pub fn list(&self) -> PathBuf {
        self.file("jobs.jsonl")
    }
}
