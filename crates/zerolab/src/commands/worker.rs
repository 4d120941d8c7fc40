//! `zerolab worker`: one resolved run in this process. What every launcher calls.

use std::io::Write;
use std::path::PathBuf;
use std::process::ExitCode;

use clap::Args;
use zerolab_experiments::run::worker::{WorkerOutcome, work};

use crate::failure::{Failure, SAVED};
use crate::plan_arguments::ResultsArguments;

#[derive(Debug, Args)]
pub struct Arguments {
    /// The list of runs that `zerolab run` wrote: one a line
    #[arg(long, value_name = "FILE")]
    manifest: PathBuf,
    /// Which of them, from 0
    #[arg(long, value_name = "N")]
    row: usize,
    #[command(flatten)]
    results: ResultsArguments,
    /// Train it again if it is finished
    #[arg(long)]
    fresh: bool,
    /// The command that asked for the run, for its manifest
    #[arg(long, value_name = "COMMAND", default_value = "zerolab worker")]
    asked_by: String,
}

pub fn execute(arguments: &Arguments, out: &mut dyn Write) -> Result<ExitCode, Failure> {
    let Arguments { manifest, row, results, fresh, asked_by } = arguments;
    match work(results.folder(), manifest, *row, *fresh, asked_by)? {
        WorkerOutcome::Trained => {}
        WorkerOutcome::Finished => writeln!(out, "row {row} is finished already")?,
        WorkerOutcome::Elsewhere(holder) => {
            writeln!(
                out,
                "row {row} is trained by process {} on {}",
                holder.process_id, holder.host
            )?;
        }
        WorkerOutcome::Saved => return Ok(ExitCode::from(SAVED)),
        WorkerOutcome::GivenUp(reason) => {
            writeln!(out, "row {row} is given up: {reason}")?;
            return Ok(ExitCode::FAILURE);
        }
        WorkerOutcome::Failed(_) => return Ok(ExitCode::FAILURE),
    }
    Ok(ExitCode::SUCCESS)
}
