//! `zerolab worker`: trains one resolved run in this process, or a pack of them in processes of their own. Every launcher
//! calls it.

use std::fs;
use std::io::Write;
use std::path::{Path, PathBuf};
use std::process::ExitCode;

use clap::Args;
use zerolab_experiments::launch::pack::{Pack, PackEnd};
use zerolab_experiments::plan::FailurePolicy;
use zerolab_experiments::run::interrupt::Interrupt;
use zerolab_experiments::run::worker::{WorkerOutcome, work};
use zerolab_metrics::FailureKind;

use crate::best_effort::BestEffort;
use crate::error::{CommandError, EXIT_SAVED};
use crate::numbers::{positive, whole};
use crate::plan_arguments::ResultsArguments;
use crate::progress::line;

pub const HELP: &str = "\
Examples:
  zerolab worker --manifest results/NAME/plan-1a2b3c4d.jsonl --row 0    train the first run of a list
  zerolab worker --manifest results/NAME/plan-1a2b3c4d.jsonl --row 8 --pack 4
      train four runs at the same time, from the ninth on

Exit codes:
  0   the run is finished, or another process trains it
  1   the run failed, or a file could not be read or written
  2   the arguments are wrong
  75  interrupted and saved: the same command continues";

#[derive(Debug, Args)]
pub struct Arguments {
    /// The list of runs that `zerolab run` writes, one run on each line
    #[arg(long, value_name = "FILE")]
    manifest: PathBuf,
    /// The index of the run in the list, from 0
    #[arg(long, value_name = "N", value_parser = whole::<usize>, allow_negative_numbers = true)]
    row: usize,
    #[command(flatten)]
    results: ResultsArguments,
    /// Train the run again if it is finished
    #[arg(long)]
    fresh: bool,
    /// Save the run and end when the standard input ends, whose other end the runner holds
    #[arg(long, hide = true)]
    for_runner: bool,
    /// The command that started the run, for its manifest
    #[arg(long, value_name = "COMMAND", default_value = "zerolab worker")]
    asked_by: String,
    /// Train this many rows from `--row` on, at the same time and in processes of their own
    #[arg(long, value_name = "N", value_parser = positive::<usize>)]
    pack: Option<usize>,
    /// How many times in a row a failed run of a pack is retried
    #[arg(long, value_name = "N", default_value_t = 0, requires = "pack")]
    retries: u32,
    /// Stop the pack as soon as one run has failed for good
    #[arg(long, requires = "pack")]
    fail_fast: bool,
    /// Train nothing: note that the pack was killed, which its scheduler reports with this code
    #[arg(long, value_name = "CODE", hide = true, requires = "pack")]
    killed: Option<i32>,
    /// The log in which the scheduler says why
    #[arg(long, value_name = "FILE", hide = true, requires = "killed")]
    log: Option<PathBuf>,
}

pub fn execute(arguments: &Arguments, out: &mut dyn Write) -> Result<ExitCode, CommandError> {
    let out = &mut BestEffort(out);
    let Arguments { manifest, row, results, fresh, asked_by, for_runner, .. } = arguments;
    if let Some(size) = arguments.pack {
        return arguments.execute_pack(size, out);
    }
    match work(results.folder(), manifest, *row, *fresh, asked_by, *for_runner)? {
        WorkerOutcome::Trained => {}
        WorkerOutcome::Finished => writeln!(out, "row {row} is finished already")?,
        WorkerOutcome::Elsewhere(holder) => {
            writeln!(out, "row {row} is trained by {holder}")?;
        }
        WorkerOutcome::Saved => return Ok(ExitCode::from(EXIT_SAVED)),
        WorkerOutcome::GivenUp(reason) => {
            writeln!(out, "row {row} is given up: {reason}")?;
            return Ok(ExitCode::FAILURE);
        }
        WorkerOutcome::Failed(_) => return Ok(ExitCode::FAILURE),
    }
    Ok(ExitCode::SUCCESS)
}

impl Arguments {
    fn execute_pack(&self, size: usize, out: &mut dyn Write) -> Result<ExitCode, CommandError> {
        let Self { retries, fail_fast, .. } = *self;
        let pack = Pack {
            run_list: &self.manifest,
            first_row: self.row,
            size,
            on_failure: FailurePolicy { retries, fail_fast },
            fresh: self.fresh,
        };
        let results = self.results.folder();
        let end = match self.killed {
            Some(code) => {
                let (kind, reason) = killed(code, self.log.as_deref(), size);
                pack.note_killed(results, kind, &reason)?
            }
            None => {
                let interrupt = Interrupt::watch()?;
                pack.train(results, &self.asked_by, &interrupt, &mut |event| {
                    // Training goes on even if its progress cannot be shown.
                    let line = line(&event, &str::to_owned);
                    let _ = line.map(|line| writeln!(out, "{line}"));
                })?
            }
        };
        Ok(match end {
            PackEnd::Finished => ExitCode::SUCCESS,
            PackEnd::Failed => ExitCode::FAILURE,
            PackEnd::Unfinished => ExitCode::from(EXIT_SAVED),
        })
    }
}

/// Why a scheduler killed a task with so many runs, from the code that it reports and what it wrote at the end of the log.
fn killed(code: i32, log: Option<&Path>, runs: usize) -> (FailureKind, String) {
    let log = log.and_then(|log| fs::read(log).ok()).unwrap_or_default();
    let tail = String::from_utf8_lossy(&log[log.len().saturating_sub(LOG_TAIL_BYTES)..]);
    let ran_out = OUT_OF_MEMORY.iter().any(|words| tail.contains(words));
    match (ran_out, runs) {
        (true, 1) => {
            (FailureKind::OutOfMemory, "out of memory: killed by the scheduler".to_owned())
        }
        // Not every run of the task took too much, so none is given up for good.
        (true, _) => (
            FailureKind::Killed,
            format!("out of memory: the scheduler killed a task with {runs} runs"),
        ),
        (false, _) => (FailureKind::Killed, format!("killed by the scheduler, with code {code}")),
    }
}

/// The end of a log has what the scheduler said about a task that it has just killed.
const LOG_TAIL_BYTES: usize = 2048;

/// What Slurm says about a task that was killed for its use of memory.
const OUT_OF_MEMORY: [&str; 4] =
    ["exceeded memory limit", "Exceeded job memory limit", "oom_kill", "Out Of Memory"];
