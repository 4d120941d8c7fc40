//! The commands of Slurm: `sbatch`, `squeue`, `scontrol`, `scancel`.

use std::collections::BTreeMap;
use std::fs::File;
use std::io::{self, BufRead, BufReader, Write};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use super::script::line_of;
use crate::error::RunError;

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
        "tasks that were not submitted: {left}, because this site takes {most} jobs in all (MaxJobCount): give the same command \
         again when these have ended, or raise `jobs_per_task`"
    )]
    TooMany {
        /// The tasks that were not submitted.
        left: usize,
        /// The most jobs in the queue.
        most: usize,
    },
    /// A script cannot name a folder.
    #[error("{}: Slurm's scripts cannot name a folder with `\"`, `\\` or a line break in its path", .0.display())]
    Path(PathBuf),
    /// It is unknown which runs are queued.
    #[error(
        "nothing is submitted, because it is unknown what is still queued: {0}; try again later"
    )]
    Unknown(String),
    /// Somebody has changed the list of jobs.
    #[error(
        "the queue has jobs of this experiment that {} does not list: {jobs}; restore the file, or cancel them with \
         `scancel {jobs}`",
        list.display()
    )]
    Unlisted {
        /// The ids of the jobs.
        jobs: String,
        /// The list.
        list: PathBuf,
    },
    /// The files of the jobs cannot be read or written.
    #[error(transparent)]
    Files(#[from] RunError),
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

/// Submits a script, which starts when the jobs `after` have ended, and returns the job's id. `lock` stays held as long as
/// `sbatch` works, even if this process is killed.
pub(super) fn submit(script: &Path, after: &[String], lock: &File) -> Result<String, SlurmError> {
    let mut command = command("sbatch");
    command.arg("--parsable");
    if !after.is_empty() {
        command.arg(format!("--dependency=afterany:{}", after.join(":")));
    }
    let lock = lock.try_clone().map_err(RunError::file("lock", script))?;
    command.arg(script).stdin(lock).stdout(Stdio::piped()).stderr(Stdio::piped());
    let failed = |error| missing("sbatch", error);
    let mut child = command.spawn().map_err(failed)?;
    let mut lines = Vec::new();
    for line in child.stderr.take().into_iter().flat_map(|it| BufReader::new(it).lines()) {
        let line = line.map_err(failed)?;
        if line.contains("retrying") {
            // It may take minutes, and somebody may wait.
            let _ = writeln!(io::stderr(), "{line}");
        }
        lines.push(line);
    }
    let output = child.wait_with_output().map_err(failed)?;
    let refused = |message: String| {
        let place = line_of(script, &message);
        SlurmError::Refused { script: script.to_owned(), message, place }
    };
    if !output.status.success() {
        return Err(refused(said(&lines.join("\n"))));
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
pub(super) fn queue(
    names: &[String],
) -> Result<BTreeMap<String, (QueuedTask, PathBuf)>, SlurmError> {
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

/// A command of Slurm. Variables that change what it does or prints are left out, except those with options for jobs.
fn command(program: &str) -> Command {
    let mut command = Command::new(program);
    for (name, _) in std::env::vars_os() {
        let text = name.to_string_lossy();
        if UNWANTED.iter().any(|prefix| text.starts_with(prefix)) {
            command.env_remove(&name);
        }
    }
    command
}

/// The first letters of such variables. A job that submits has a count of restarts, which is not that of the new jobs.
const UNWANTED: [&str; 5] =
    ["SQUEUE_", "SCANCEL_", "SBATCH_WAIT", "SBATCH_ARRAY", "SLURM_RESTART_COUNT"];

/// What a command prints.
fn output(program: &str, words: &[&str]) -> Result<String, SlurmError> {
    let output = command(program).args(words).stdin(Stdio::null()).output();
    let output = output.map_err(|error| missing(program, error))?;
    if output.status.success() {
        return Ok(String::from_utf8_lossy(&output.stdout).into_owned());
    }
    let message = said(&String::from_utf8_lossy(&output.stderr));
    Err(SlurmError::Failed { command: program.to_owned(), message })
}

fn missing(program: &str, error: io::Error) -> SlurmError {
    match error.kind() {
        io::ErrorKind::NotFound => SlurmError::Missing,
        _ => SlurmError::Failed { command: program.to_owned(), message: error.to_string() },
    }
}

/// What a command said on standard error, in one line.
fn said(text: &str) -> String {
    let lines = text.lines().map(str::trim).filter(|line| !line.is_empty());
    lines.collect::<Vec<_>>().join("; ")
}
