//! `zerolab clean`: what in the results no experiment uses.

use std::io::Write;

use clap::Args;
use zerolab_experiments::run::unused::unused;
use zerolab_metrics::format::{count, counted};
use zerolab_metrics::text_table::Align::{Left, Right};
use zerolab_metrics::text_table::TextTable;

use super::write_json;
use crate::error::CommandError;
use crate::plan_arguments::ResultsArguments;
use crate::terminal::fitted;

pub const HELP: &str = examples!(
    "  \
  zerolab clean             list what no experiment uses
  zerolab clean --remove    remove it"
);

/// A run is used if the `experiment.json` of any experiment in the folder names it: `run` and `report` write
/// that file. Runs in training are never listed.
#[derive(Debug, Args)]
pub struct Arguments {
    #[command(flatten)]
    results: ResultsArguments,
    /// Remove what is listed
    #[arg(long)]
    remove: bool,
    /// Print JSON
    #[arg(long)]
    json: bool,
}

pub fn execute(arguments: &Arguments, out: &mut dyn Write) -> Result<(), CommandError> {
    let results = arguments.results.folder();
    if arguments.results.given().is_some() && !results.is_dir() {
        let message = format!("{}: there is no such folder of results", results.display());
        return Err(CommandError::Arguments(message));
    }
    let unused = unused(results)?;
    if arguments.remove {
        unused.iter().try_for_each(|unused| unused.remove(results))?;
    }
    if arguments.json {
        return write_json(out, &unused);
    }
    let mut table =
        TextTable::new(&[("path", Left), ("kind", Left), ("state", Left), ("bytes", Right)]);
    for unused in &unused {
        table.row([
            unused.path.display().to_string(),
            unused.kind.name().to_owned(),
            unused.state.unwrap_or_default().to_owned(),
            count(unused.bytes),
        ]);
    }
    if !unused.is_empty() {
        writeln!(out, "{}", fitted(table))?;
    }
    let bytes: u64 = unused.iter().map(|unused| unused.bytes).sum();
    let what = format!("{}, {} bytes", counted(unused.len(), "unused path"), count(bytes));
    match (arguments.remove, unused.is_empty()) {
        (_, true) => writeln!(out, "nothing is unused in {}", results.display())?,
        (true, _) => writeln!(out, "removed {what}")?,
        (false, _) => writeln!(out, "{what}: `zerolab clean --remove` removes them")?,
    }
    Ok(())
}
