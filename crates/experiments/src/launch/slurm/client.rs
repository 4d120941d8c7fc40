//! The commands of Slurm: `sbatch`, `squeue`, `scontrol`, `scancel`.

use std::collections::BTreeMap;
use std::io;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use super::script::line_of;

/// What Slurm could not do.
#[derive(Debug, thiserror::Error)]
pub enum SlurmError {
    /// There is no Slurm.
    #[error(
        "Slurm is not installed on this machine (there is no `sbatch`): use `--launcher slurm` where jobs are submitted"
    )]
    Missing,
    /// `sbatch` refused a script.
    #[error("sbatch refused {}: {message}{}", script.display(), place.as_ref().map(|place| format!("\n  {place}")).unwrap_or_default())]
    Refused {
        /// The script.
        script: PathBuf,
        /// What `sbatch` said.
        message: String,
        /// The line of the script that this concerns, if it is known, as `NUMBER: LINE`.
        place: Option<String>,
    },
    /// A command failed.
    #[error("`{command}` failed: {message}")]
    Failed {
        /// The command.
        command: String,
        /// What it said.
        message: String,
    },
    /// The plan has more tasks than the site takes.
    #[error(
        "the runs need {tasks} tasks, and this site takes {most} jobs in all (MaxJobCount): raise `jobs_per_task`, or choose \
         fewer runs with --only or --seeds"
    )]
    TooMany {
        /// The tasks.
        tasks: usize,
        /// The most jobs in the queue.
        most: usize,
    },
    /// It is unknown which runs are queued.
    #[error(
        "nothing is submitted, because it is unknown what is still queued: {0}; try again later"
    )]
    Unknown(String),
    /// The files of the jobs cannot be read or written.
    #[error(transparent)]
    Files(#[from] crate::error::RunError),
}

/// The task of an array in the queue.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct QueuedTask {
    /// Whether it waits to start; otherwise it runs or is about to end.
    pub waits: bool,
    /// Why it waits, or on which machine it runs.
    pub reason: String,
}

/// The limits of a site.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Limits {
    /// The most tasks of an array.
    pub array: usize,
    /// The most jobs in the queue; each task counts.
    pub jobs: usize,
}

/// Checks that jobs can be submitted here.
///
/// # Errors
/// If there is no Slurm.
pub fn check() -> Result<(), SlurmError> {
    output("sbatch", &["--version"]).map(drop)
}

/// Submits a script and returns the job's id.
pub(super) fn submit(script: &Path, dependencies: &[String]) -> Result<String, SlurmError> {
    let mut command = Command::new("sbatch");
    command.arg("--parsable");
    if !dependencies.is_empty() {
        command.arg(format!("--dependency=afterany:{}", dependencies.join(":")));
    }
    let refused = |message: String| {
        let place = line_of(script, &message);
        SlurmError::Refused { script: script.to_owned(), message, place }
    };
    let output = command.arg(script).stdin(Stdio::null()).output().map_err(missing)?;
    if !output.status.success() {
        return Err(refused(said(&output.stderr)));
    }
    // `ID` or `ID;CLUSTER`.
    let printed = String::from_utf8_lossy(&output.stdout).into_owned();
    let id = printed.trim().split(';').next().unwrap_or_default().to_owned();
    if id.is_empty() || !id.bytes().all(|byte| byte.is_ascii_digit()) {
        return Err(refused(format!("it printed {printed:?} where the id of a job was expected")));
    }
    Ok(id)
}

/// The jobs in the queue that have one of these names, of any user, by their id or `ARRAY_TASK`, with the path of their
/// script.
pub(super) fn queue(names: &[&str]) -> Result<BTreeMap<String, (QueuedTask, PathBuf)>, SlurmError> {
    // Every version has these options. Asking for ids would be an error once they are forgotten.
    let names = format!("--name={}", names.join(","));
    let printed = output("squeue", &["-h", "-r", &names, "-o", "%i|%t|%o|%R"])?;
    let task = |line: &str| {
        let mut cells = line.splitn(4, '|');
        let (id, state, script) = (cells.next()?, cells.next()?, cells.next()?);
        let reason = cells.next()?.trim_matches(['(', ')']).to_owned();
        let waits = WAITING.contains(&state);
        Some((id.to_owned(), (QueuedTask { waits, reason }, PathBuf::from(script))))
    };
    Ok(printed.lines().filter_map(task).collect())
}

/// Short states of tasks that wait to start.
const WAITING: [&str; 7] = ["PD", "CF", "RQ", "RH", "RF", "RD", "SE"];

/// The states of the tasks of an array, such as `TIMEOUT`, by their index, as far as Slurm remembers them.
pub(super) fn states(array: &str) -> Result<BTreeMap<usize, String>, SlurmError> {
    let shown = match output("scontrol", &["-o", "show", "job", array]) {
        Err(SlurmError::Failed { message, .. }) if message.contains("Invalid job id") => {
            return Ok(BTreeMap::new());
        }
        shown => shown?,
    };
    let mut states = BTreeMap::new();
    for line in shown.lines() {
        let value = |key: &str| line.split_whitespace().find_map(|word| word.strip_prefix(key));
        if let (Some(tasks), Some(state)) = (value("ArrayTaskId="), value("JobState=")) {
            states.extend(indices(tasks).map(|task| (task, state.to_owned())));
        }
    }
    Ok(states)
}

/// The indices in `7`, or in `3,5-9%4`, which is how tasks that wait are listed.
fn indices(list: &str) -> impl Iterator<Item = usize> {
    let list = list.split('%').next().unwrap_or_default().split(',');
    list.filter_map(|part| {
        let (first, last) = part.split_once('-').unwrap_or((part, part));
        Some(first.parse().ok()?..=last.parse().ok()?)
    })
    .flatten()
}

/// The limits of this site.
pub(super) fn limits() -> Result<Limits, SlurmError> {
    let shown = output("scontrol", &["show", "config"])?;
    let value = |key: &str| {
        let lines = shown.lines().filter_map(|line| line.split_once('='));
        let value = lines.map(|(name, value)| (name.trim(), value.trim()));
        let found = value.into_iter().find(|(name, _)| *name == key);
        found.and_then(|(_, value)| value.parse::<usize>().ok()).filter(|&value| value > 0)
    };
    // Slurm's own defaults.
    Ok(Limits {
        array: value("MaxArraySize").unwrap_or(1001),
        jobs: value("MaxJobCount").unwrap_or(10_000),
    })
}

/// Cancels jobs or tasks.
pub(super) fn cancel(jobs: &[String]) -> Result<(), SlurmError> {
    let words: Vec<&str> = jobs.iter().map(String::as_str).collect();
    output("scancel", &words).map(drop)
}

/// What a command prints.
fn output(program: &str, words: &[&str]) -> Result<String, SlurmError> {
    let output =
        Command::new(program).args(words).stdin(Stdio::null()).output().map_err(missing)?;
    if output.status.success() {
        return Ok(String::from_utf8_lossy(&output.stdout).into_owned());
    }
    Err(SlurmError::Failed { command: program.to_owned(), message: said(&output.stderr) })
}

fn missing(error: io::Error) -> SlurmError {
    match error.kind() {
        io::ErrorKind::NotFound => SlurmError::Missing,
        _ => SlurmError::Failed { command: "sbatch".to_owned(), message: error.to_string() },
    }
}

/// What a command said on standard error, in one line for each of its lines.
fn said(bytes: &[u8]) -> String {
    let text = String::from_utf8_lossy(bytes);
    let lines = text.lines().map(str::trim).filter(|line| !line.is_empty());
    lines.collect::<Vec<_>>().join("; ")
}
