//! The command `zerolab`: reads arguments, calls the other crates, and prints results.
//!
//! Results go to standard output, progress and errors to standard error. Exit codes: 0 success; 1 a run
//! failed, an environment breaks a rule, or a file could not be read or written; 2 the spec or the arguments are wrong; 75 interrupted and
//! saved.
//!
//! * `commands` has one file for each subcommand.
//! * `best_effort` is output that need not be read.
//! * `environment_settings` reads settings of an environment on the command line.
//! * `numbers` reads numbers on the command line.
//! * `plan_arguments` has the arguments that select runs.
//! * `progress` shows the events of a runner.
//! * `terminal` fits tables to the width of the terminal.
//! * `watching` draws the episodes of `zerolab watch`.
//! * `reports` is empty without the feature `reports`: the program then only trains.
//!
//! This is a library so that the end-to-end tests run the same program. Other programs have nothing to call
//! here but [`main`]; use `zerolab-experiments` to train and `zerolab-analysis` to make reports.

// Not a lint of the workspace, because tests may unwrap.
#![warn(clippy::unwrap_used)]

mod best_effort;
mod commands;
mod environment_settings;
mod error;
mod numbers;
mod plan_arguments;
mod progress;
mod reports;
mod spec_folder;
mod terminal;
mod watching;

use std::io::{self, Write};
use std::process::ExitCode;

use clap::error::{ContextKind, ContextValue};
use clap::{CommandFactory, Parser};

use crate::commands::Command;
use crate::error::CommandError;

/// Reproducible experiments with EfficientZero, MuZero and model-free agents.
#[derive(Debug, Parser)]
#[command(name = "zerolab", bin_name = "zerolab", version, after_help = EXAMPLES)]
struct Arguments {
    #[command(subcommand)]
    command: Command,
}

const EXAMPLES: &str = "\
Examples:
  zerolab run experiments/quickstart.toml     train every run of a spec and write the report
  zerolab plan experiments/quickstart.toml    show the runs and their cost first
  zerolab list agents                         show the presets
  zerolab help run                            show the options of a command

Exit codes:
  0   success
  1   a run failed, an environment breaks a rule, or a file could not be read or written
  2   the spec or the arguments are wrong
  75  interrupted and saved: the same command continues";

/// Executes the command line.
///
/// Exit codes: 0 success; 1 a run failed, an environment breaks a rule, or a file could not be read or written;
/// 2 the spec or the arguments are wrong; 75 interrupted and saved.
#[must_use]
pub fn main() -> ExitCode {
    let arguments = match Arguments::try_parse() {
        Ok(arguments) => arguments,
        Err(error) => match unknown_command(&error) {
            Some(message) => return fail(&CommandError::Arguments(message)),
            None => error.exit(),
        },
    };
    match arguments.command.execute(&mut io::stdout().lock()) {
        Ok(code) => code,
        // The reader of a pipe has stopped reading, as in `zerolab plan … | head`.
        Err(CommandError::Output(error)) if error.kind() == io::ErrorKind::BrokenPipe => {
            ExitCode::SUCCESS
        }
        Err(error) => fail(&error),
    }
}

fn fail(error: &CommandError) -> ExitCode {
    // If standard error cannot be written, the exit code still tells.
    let _ = writeln!(io::stderr(), "error: {}", error.to_string().trim_end());
    error.exit_code()
}

/// What to say about a command that does not exist. Clap suggests none for `rnu`.
fn unknown_command(error: &clap::Error) -> Option<String> {
    let Some(ContextValue::String(name)) = error.get(ContextKind::InvalidSubcommand) else {
        return None;
    };
    let program = Arguments::command();
    commands::unknown_name("command", name, program.get_subcommands().map(|it| it.get_name()))
}
