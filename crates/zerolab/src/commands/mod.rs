//! The subcommands, one file each.

/// The help text after the options: examples, and the exit codes of a command that trains nothing.
macro_rules! examples {
    ($examples:literal) => {
        concat!(
            "Examples:\n",
            $examples,
            "\n\nExit codes:\n",
            "  0  success\n",
            "  1  a file could not be read or written\n",
            "  2  the spec or the arguments are wrong"
        )
    };
}

mod bench;
mod cancel;
mod check;
mod clean;
mod completions;
mod describe;
mod evaluate;
mod init;
mod list;
mod man;
mod plan;
mod report;
mod run;
mod schema;
mod solve;
mod status;
mod watch;
mod worker;

use std::io::Write;
use std::process::ExitCode;

use clap::Subcommand;
use zerolab_experiments::spec::did_you_mean;

use crate::error::CommandError;

/// A subcommand with its arguments.
#[derive(Debug, Subcommand)]
pub enum Command {
    /// Train all unfinished runs, then write tables, figures and the page
    #[command(after_help = run::HELP)]
    Run(run::Arguments),
    /// Show the runs of a spec and their cost; start nothing
    #[command(after_help = plan::HELP)]
    Plan(plan::Arguments),
    /// Show the state, progress and time left of every run
    #[command(after_help = status::HELP)]
    Status(status::Arguments),
    /// Cancel the jobs of a spec on a cluster
    #[command(after_help = cancel::HELP)]
    Cancel(cancel::Arguments),
    /// Write tables, figures and the page from the finished runs
    #[command(after_help = report::HELP)]
    Report(report::Arguments),
    /// Show layers, shapes, parameters and FLOPs of a preset, or of every agent of a spec
    #[command(after_help = describe::HELP)]
    Describe(describe::Arguments),
    /// Show an episode of a trained agent with its decisions, in the terminal or as a GIF
    #[command(after_help = watch::HELP)]
    Watch(watch::Arguments),
    /// Play episodes with the agents of finished runs again, and keep the answers
    #[command(after_help = evaluate::HELP)]
    Evaluate(evaluate::Arguments),
    /// Show what the best policies of an environment reach, computed exactly
    #[command(after_help = solve::HELP)]
    Solve(solve::Arguments),
    /// Check whether an environment keeps the rules, and advise where it does not
    #[command(after_help = check::HELP)]
    Check(check::Arguments),
    /// Measure the speed of the presets on this machine
    #[command(after_help = bench::HELP)]
    Bench(bench::Arguments),
    /// List or remove what no experiment in the results uses any more
    #[command(after_help = clean::HELP)]
    Clean(clean::Arguments),
    /// Train runs of a list: what every launcher calls
    #[command(after_help = worker::HELP)]
    Worker(worker::Arguments),
    /// Write a commented spec to start from
    #[command(after_help = init::HELP)]
    Init(init::Arguments),
    /// List environments, agents, kinds of figures, or settings
    #[command(after_help = list::HELP)]
    List(list::Arguments),
    /// Print the JSON Schema of a spec, for editors
    #[command(after_help = schema::HELP)]
    Schema,
    /// Print a completion script for a shell
    #[command(after_help = completions::HELP)]
    Completions(completions::Arguments),
    /// Print the manual page, or write a page for each command
    #[command(after_help = man::HELP)]
    Man(man::Arguments),
}

impl Command {
    /// Executes the command. Results go to `out`.
    pub fn execute(&self, out: &mut dyn Write) -> Result<ExitCode, CommandError> {
        match self {
            Self::Run(arguments) => return run::execute(arguments, out),
            Self::Report(arguments) => return report::execute(arguments, out),
            Self::Worker(arguments) => return worker::execute(arguments, out),
            Self::Bench(arguments) => return bench::execute(arguments, out),
            Self::Check(arguments) => return check::execute(arguments, out),
            Self::Plan(arguments) => plan::execute(arguments, out)?,
            Self::Cancel(arguments) => cancel::execute(arguments, out)?,
            Self::Status(arguments) => status::execute(arguments, out)?,
            Self::Describe(arguments) => describe::execute(arguments, out)?,
            Self::Watch(arguments) => watch::execute(arguments, out)?,
            Self::Evaluate(arguments) => evaluate::execute(arguments, out)?,
            Self::Solve(arguments) => solve::execute(arguments, out)?,
            Self::Clean(arguments) => clean::execute(arguments, out)?,
            Self::Init(arguments) => init::execute(arguments, out)?,
            Self::List(arguments) => list::execute(arguments, out)?,
            Self::Schema => schema::execute(out)?,
            Self::Completions(arguments) => completions::execute(arguments, out)?,
            Self::Man(arguments) => man::execute(arguments, out)?,
        }
        Ok(ExitCode::SUCCESS)
    }
}

/// Prints a value as indented JSON.
fn write_json<T: serde::Serialize>(out: &mut dyn Write, value: &T) -> Result<(), CommandError> {
    let json = serde_json::to_string_pretty(value)?;
    Ok(writeln!(out, "{json}")?)
}

/// Checks that `name` is one of the registered `names` of a `kind`.
fn check_name<'a>(
    kind: &str,
    name: &str,
    names: impl Iterator<Item = &'a str>,
) -> Result<(), CommandError> {
    unknown_name(kind, name, names).map_or(Ok(()), |message| Err(CommandError::Arguments(message)))
}

/// What is wrong with `name`, if it is none of the `names` of a `kind`: the nearest, or else all of them.
pub fn unknown_name<'a>(
    kind: &str,
    name: &str,
    names: impl Iterator<Item = &'a str>,
) -> Option<String> {
    let names: Vec<&str> = names.collect();
    if names.contains(&name) {
        return None;
    }
    let help = did_you_mean(name, &names).unwrap_or_else(|| {
        let names: Vec<String> = names.iter().map(|name| format!("`{name}`")).collect();
        format!("it is one of {}", names.join(", "))
    });
    Some(format!("there is no {kind} `{name}`: {help}"))
}
