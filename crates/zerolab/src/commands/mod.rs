//! One file a command.

mod bench;
mod describe;
mod list;
mod plan;
mod report;
mod run;
mod schema;
mod status;
mod watch;
mod worker;

use std::io::Write;
use std::process::ExitCode;

use clap::Subcommand;

use crate::failure::Failure;

/// What is asked for.
#[derive(Debug, Subcommand)]
pub enum Command {
    /// Train what is not finished, then write tables, figures and the page
    Run(run::Arguments),
    /// Show what would run and what it would cost; start nothing
    Plan(plan::Arguments),
    /// Show every run's state, progress and time left
    Status(status::Arguments),
    /// Write tables, figures and the page from what is finished
    Report(report::Arguments),
    /// Show layers, shapes, parameters and FLOPs of a preset, or of every agent of a spec
    Describe(describe::Arguments),
    /// Show an episode of a trained agent beside what it thinks, in the terminal or as a GIF
    Watch(watch::Arguments),
    /// Measure what this machine does with the presets
    Bench(bench::Arguments),
    /// Train one resolved run: what every launcher calls
    Worker(worker::Arguments),
    /// List environments, agents or kinds of figures
    List(list::Arguments),
    /// Print the JSON Schema of a spec, for editors
    Schema,
}

impl Command {
    /// Does it; results go to `out`.
    pub fn execute(&self, out: &mut dyn Write) -> Result<ExitCode, Failure> {
        match self {
            Self::Run(arguments) => return run::execute(arguments, out),
            Self::Worker(arguments) => return worker::execute(arguments, out),
            Self::Bench(arguments) => return bench::execute(arguments, out),
            Self::Plan(arguments) => plan::execute(arguments, out)?,
            Self::Status(arguments) => status::execute(arguments, out)?,
            Self::Report(arguments) => report::execute(arguments, out)?,
            Self::Describe(arguments) => describe::execute(arguments, out)?,
            Self::Watch(arguments) => watch::execute(arguments, out)?,
            Self::List(arguments) => list::execute(arguments, out)?,
            Self::Schema => schema::execute(out)?,
        }
        Ok(ExitCode::SUCCESS)
    }
}

/// One value as indented JSON.
fn write_json<T: serde::Serialize>(out: &mut dyn Write, value: &T) -> Result<(), Failure> {
    let json = serde_json::to_string_pretty(value)?;
    Ok(writeln!(out, "{json}")?)
}

/// Whether `name` is one of the registered names of a `what`; the error lists them.
fn known<'a>(what: &str, name: &str, names: impl Iterator<Item = &'a str>) -> Result<(), Failure> {
    let names: Vec<&str> = names.collect();
    if names.contains(&name) {
        return Ok(());
    }
    let names: Vec<String> = names.iter().map(|name| format!("`{name}`")).collect();
    Err(Failure::Arguments(format!(
        "there is no {what} `{name}`: it is one of {}",
        names.join(", ")
    )))
}
