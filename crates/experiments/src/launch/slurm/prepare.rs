//! The scripts of a submission, and their jobs.

use std::fs::File;
use std::path::{Path, PathBuf};

use zerolab_metrics::files::write_whole;

use super::client::{self, SlurmError};
use super::jobs::{Job, JobsFolder, Line};
use super::queue::Queue;
use super::script::{ArrayJob, JobContext};
use super::submit::SubmitSettings;
use crate::error::RunError;
use crate::plan::Plan;

/// A script and its job.
pub(super) struct Prepared {
    pub path: PathBuf,
    pub text: String,
    pub job: Job,
}

impl Prepared {
    /// Keeps the script, submits it, and writes the job down. It starts when these other jobs have ended. Returns its id.
    pub fn submit(
        &self,
        folder: &JobsFolder,
        after: &[String],
        lock: &File,
    ) -> Result<String, SlurmError> {
        let Self { path, text, job } = self;
        write_whole(path, text.as_bytes()).map_err(RunError::file("write", path))?;
        folder.write(&Line::Job(job.clone()))?;
        let id = client::submit(path, after, lock)?;
        folder.write(&Line::Submitted { name: job.name.clone(), id: id.clone() })?;
        Ok(id)
    }
}

/// The scripts of a submission.
pub(super) struct Scripts {
    /// Those of the arrays.
    pub arrays: Vec<Prepared>,
    /// That of the report.
    pub report: Prepared,
    /// Where the arrays find the list of their runs.
    pub runs: PathBuf,
    /// Where the report finds the spec as it is now.
    pub spec: PathBuf,
    /// That there are more tasks than the site takes.
    pub refused: Option<SlurmError>,
}

/// The scripts of the arrays that train `rest`, and that of the report.
pub(super) fn prepare(
    rest: &Plan,
    settings: &SubmitSettings<'_>,
    folder: &JobsFolder,
    queue: &Queue,
) -> Result<Scripts, SlurmError> {
    let limits = client::limits()?;
    let name =
        |index: usize| format!("{}-{}", rest.experiment.name, queue.list.jobs.len() + 1 + index);
    let folder = nameable(folder.absolute()?)?;
    let results = std::path::absolute(settings.results);
    let here = Path::new(".");
    let context = JobContext {
        settings: settings.slurm,
        program: std::env::current_exe().map_err(RunError::file("find", Path::new("zerolab")))?,
        working_folder: nameable(here.canonicalize().map_err(RunError::file("find", here))?)?,
        run_list: folder.join(format!("{}.jsonl", name(0))),
        results: nameable(results.map_err(RunError::file("find", settings.results))?)?,
        folder: folder.clone(),
        command: settings.command,
        fresh: settings.fresh,
        on_failure: rest.experiment.on_failure,
    };
    let pack = settings.slurm.jobs_per_task.max(1) as usize;
    let ids: Vec<String> = rest.runs.iter().map(|run| run.id.clone()).collect();
    let mut tasks: Vec<Vec<String>> = ids.chunks(pack).map(<[String]>::to_vec).collect();
    // The report is a job too, and Slurm takes one less than its limit.
    let room = limits.jobs.saturating_sub(queue.tasks.len() + 2);
    let left = tasks.len().saturating_sub(room);
    tasks.truncate(room);
    let arrays: Vec<_> = tasks.chunks(limits.array.max(1)).collect();
    let names: Vec<String> = (0..arrays.len()).map(name).collect();
    let mut prepared = Vec::new();
    let mut first_row = 0;
    for (name, tasks) in names.iter().zip(arrays) {
        let array = ArrayJob { name, first_row, tasks: tasks.len(), all_names: &names };
        let job = Job { name: name.clone(), tasks: tasks.to_vec(), id: None };
        let (path, text) = (folder.join(job.script()), context.array(&array));
        prepared.push(Prepared { path, text, job });
        first_row += tasks.len() * pack;
    }
    let name = name(names.len());
    let spec = folder.join(format!("{name}.toml"));
    let text = context.report(&name, &(settings.report)(&spec, &context.results));
    let job = Job { name, tasks: Vec::new(), id: None };
    Ok(Scripts {
        arrays: prepared,
        report: Prepared { path: folder.join(job.script()), text, job },
        runs: context.run_list,
        spec,
        refused: (left > 0).then_some(SlurmError::TooMany { left, most: limits.jobs }),
    })
}

/// A folder that a script can name.
fn nameable(path: PathBuf) -> Result<PathBuf, SlurmError> {
    let has = path.to_string_lossy().contains(['"', '\\', '\n']);
    if has { Err(SlurmError::Path(path)) } else { Ok(path) }
}
