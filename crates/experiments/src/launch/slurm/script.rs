//! The scripts of jobs.

use std::fmt::Write;
use std::fs;
use std::path::{Path, PathBuf};

use crate::launch::EXIT_SAVED;
use crate::plan::FailurePolicy;
use crate::plan::slurm::SlurmSettings;
use crate::shell::quoted;

/// What all scripts of a submission share.
pub(super) struct JobContext<'a> {
    /// The settings of Slurm.
    pub settings: &'a SlurmSettings,
    /// The program, as an absolute path.
    pub program: PathBuf,
    /// The folder in which the command was given, as an absolute path.
    pub working_folder: PathBuf,
    /// The folder of results, as an absolute path.
    pub results: PathBuf,
    /// The folder of the logs, as an absolute path.
    pub folder: PathBuf,
    /// The list of the runs to train.
    pub run_list: PathBuf,
    /// The command that the user gave.
    pub command: &'a str,
    /// Whether a task that starts for the first time trains its runs from their start.
    pub fresh: bool,
    /// What to do when a run fails.
    pub on_failure: FailurePolicy,
}

/// An array of tasks. Each trains as many rows of the list of runs as `jobs_per_task` says.
pub(super) struct ArrayJob<'a> {
    /// The name of the job.
    pub name: &'a str,
    /// The first row of the array's first task.
    pub first_row: usize,
    /// The number of tasks.
    pub tasks: usize,
    /// The names of all arrays of the submission.
    pub all_names: &'a [String],
}

/// The signal that saves runs, in seconds before the time limit. It may come a minute earlier.
const SIGNAL: &str = "TERM@120";

impl JobContext<'_> {
    /// The script of an array.
    ///
    /// A task that was saved is queued again by the script itself: not every site lets Slurm do so for an exit code. `srun`
    /// passes signals of the time limit and of preemption on. It reports a task that was killed, for want of memory for
    /// instance, with a code of its own; then the worker notes that and decides whether to try again.
    pub fn array(&self, job: &ArrayJob<'_>) -> String {
        let SlurmSettings { jobs_per_task: pack, at_once, restarts, cpus_per_task, .. } =
            self.settings;
        let throttle = at_once.map(|at_once| format!("%{at_once}")).unwrap_or_default();
        let tasks = format!("--array=0-{}{throttle}", job.tasks.saturating_sub(1));
        let head = self.head(
            job.name,
            ("%A_%a", "${SLURM_ARRAY_JOB_ID}_$SLURM_ARRAY_TASK_ID"),
            &[tasks, format!("--signal={SIGNAL}")],
        );
        let threads = (cpus_per_task / pack).max(1);
        let first_row = match job.first_row {
            0 => String::new(),
            first => format!("{first} + "),
        };
        let factor = if *pack == 1 { String::new() } else { format!(" * {pack}") };
        let mut worker = vec![
            format!("worker --manifest {}", quoted(&self.run_list.to_string_lossy())),
            format!("--row $(({first_row}SLURM_ARRAY_TASK_ID{factor}))"),
            format!("--pack {pack} --retries {}", self.on_failure.retries),
            format!("--results {}", quoted(&self.results.to_string_lossy())),
            format!("--asked-by {}", quoted(self.command)),
        ];
        worker.extend(self.on_failure.fail_fast.then(|| "--fail-fast".to_owned()));
        let worker = worker.join(" \\\n    ");
        let fresh = match self.fresh {
            true => "[ \"${SLURM_RESTART_COUNT:-0}\" = 0 ] && worker+=(--fresh)\n",
            false => "",
        };
        let stop_others = match self.on_failure.fail_fast {
            true => format!(
                "# The first failure stops the other runs.\n[ $code = 1 ] && scancel --me --name={}\n",
                job.all_names.join(",")
            ),
            false => String::new(),
        };
        format!(
            "{head}
export RAYON_NUM_THREADS={threads}
worker=({} {worker})
{fresh}srun {} \"${{worker[@]}}\"
code=$?
case $code in
    0 | 1 | 2 | {EXIT_SAVED}) ;;
    *) # killed: the worker notes it
        \"${{worker[@]}}\" --killed $code --log \"$files.log\"
        code=$? ;;
esac
{}{stop_others}exit $code
",
            quoted(&self.program.to_string_lossy()),
            self.step(),
            requeue(*restarts),
        )
    }

    /// The script that examines the agents of finished runs and writes the report; `report` has the words after `zerolab`.
    pub fn report(&self, name: &str, report: &str) -> String {
        let head = self.head(name, ("%j", "$SLURM_JOB_ID"), &[format!("--signal={SIGNAL}")]);
        format!(
            "{head}
export RAYON_NUM_THREADS={}
srun {} {} {report}
code=$?
{}exit $code
",
            self.settings.cpus_per_task,
            self.step(),
            quoted(&self.program.to_string_lossy()),
            requeue(self.settings.restarts),
        )
    }

    /// The options of `srun`. From version 22.05 on it does not take the cores of the job by itself.
    fn step(&self) -> String {
        format!("--ntasks=1 --cpus-per-task={}", self.settings.cpus_per_task)
    }

    /// The first lines of a script. `file` is the pattern of its log's name, and `task` the id of its task in the shell. The
    /// script notes its exit code, wherever it ends.
    fn head(&self, name: &str, (file, task): (&str, &str), options: &[String]) -> String {
        let SlurmSettings { cpus_per_task, extra, setup, .. } = self.settings;
        // Only in the name of a log `%` stands for something.
        let folder = self.folder.to_string_lossy().replace('%', "%%");
        let log = format!("\"{folder}/{file}.log\"");
        // One line, whatever is in it.
        let command = self.command.replace('\n', " ");
        let mut text = format!("#!/usr/bin/env bash\n# Written by `{command} --launcher slurm`.\n");
        let own = [
            format!("--job-name={name}"),
            format!("--output={log}"),
            format!("--chdir=\"{}\"", self.working_folder.display()),
            "--open-mode=append".to_owned(),
            "--requeue".to_owned(),
            "--ntasks=1".to_owned(),
            format!("--cpus-per-task={cpus_per_task}"),
        ];
        let given = self.settings.options().map(|(key, value)| format!("--{key}={value}"));
        let options = own.into_iter().chain(options.iter().cloned()).chain(given);
        for option in options.chain(extra.iter().cloned()) {
            let _ = writeln!(text, "#SBATCH {option}");
        }
        let folder = quoted(&self.folder.to_string_lossy());
        let _ = write!(
            text,
            "\ntask={task}\nfiles={folder}/$task\ntrap 'echo $? > \"$files.exit\"' EXIT"
        );
        if !setup.is_empty() {
            text += "\nset -e";
        }
        for line in setup {
            let _ = write!(text, "\n{}", line.trim_end());
        }
        // What the lines above have set must not end the script before it is done.
        if !setup.is_empty() {
            text += "\nset +eu +o pipefail";
        }
        text
    }
}

/// Lines that queue a saved task again, unless that was done too often. They are not reached if the task is cancelled: that
/// ends the script first.
fn requeue(restarts: u32) -> String {
    format!(
        "if [ $code = {EXIT_SAVED} ]; then
    if [ \"${{SLURM_RESTART_COUNT:-0}}\" -lt {restarts} ]; then
        # This ends the script. If the controller does not answer, it is asked for an hour.
        for attempt in {{1..60}}; do
            scontrol requeue $task && sleep 60
            sleep 60
        done
    fi
    echo 'not queued again; the same command submits what is left'
fi
"
    )
}

/// The line of a script that an error of `sbatch` concerns, as `NUMBER: LINE`.
pub(super) fn line_of(script: &Path, message: &str) -> Option<String> {
    let text = fs::read_to_string(script).ok()?;
    // `unrecognized option '--nonsense=3'`.
    let unknown = message.split('\'').nth(1).map(|option| format!("#SBATCH {option}"));
    let message = message.to_lowercase();
    // Words of messages, and options that they can concern.
    let known: [(&str, &[&str]); 12] = [
        ("partition", &["partition"]),
        ("account", &["account"]),
        ("qos", &["qos"]),
        ("feature", &["constraint"]),
        ("time", &["time"]),
        ("memory", &["mem"]),
        ("array", &["array"]),
        ("dependency", &["dependency"]),
        ("gres", &["gres"]),
        ("generic", &["gres"]),
        ("node name", &["nodelist", "exclude"]),
        ("node configuration", &["gres", "mem", "cpus-per-task"]),
    ];
    let options =
        known.iter().filter(|(word, _)| message.contains(word)).flat_map(|(_, options)| *options);
    let mut prefixes: Vec<String> = options.map(|option| format!("#SBATCH --{option}=")).collect();
    prefixes.extend(unknown);
    prefixes.iter().find_map(|prefix| {
        let (index, line) = text.lines().enumerate().find(|(_, line)| line.starts_with(prefix))?;
        Some(format!("{}: {line}", index + 1))
    })
}

#[cfg(test)]
mod tests;
