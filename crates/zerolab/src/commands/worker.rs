//! `zerolab worker`: trains one resolved run in this process. Every launcher calls it.

use std::io::Write;
use std::path::PathBuf;
use std::process::ExitCode;

use clap::Args;
use zerolab_experiments::run::worker::{WorkerOutcome, work};

use crate::best_effort::BestEffort;
use crate::error::{CommandError, EXIT_SAVED};
use crate::numbers::whole;
use crate::plan_arguments::ResultsArguments;

pub const HELP: &str = "\
Examples:
  zerolab worker --manifest results/NAME/plan-1a2b3c4d.jsonl --row 0    train the first run of a list

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
}

pub fn execute(arguments: &Arguments, out: &mut dyn Write) -> Result<ExitCode, CommandError> {
    let out = &mut BestEffort(out);
    let Arguments { manifest, row, results, fresh, asked_by, for_runner } = arguments;
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
