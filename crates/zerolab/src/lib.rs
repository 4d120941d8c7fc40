//! The command `zerolab`: reads arguments, calls the other crates, and prints results. Also the library for a program of
//! your own, which has all of this and in addition your environments, agents, presets and kinds of figure.
//!
//! ```no_run
//! use std::process::ExitCode;
//!
//! use zerolab::Extensions;
//! use zerolab::agents::Preset;
//!
//! fn main() -> ExitCode {
//!     let extensions = Extensions::new(env!("CARGO_PKG_NAME"), env!("CARGO_PKG_VERSION"));
//!     zerolab::main_with(extensions.preset(Preset {
//!         name: "patient-dqn",
//!         summary: "DQN that looks further ahead",
//!         toml: "agent = 'dqn'\ndiscount = 0.999",
//!     }))
//! }
//! ```
//!
//! An environment is a type that implements [`environments::EnvironmentSettings`], and is added with
//! [`Extensions::environment`]. The folder `examples/own-environment` of the repository is a complete program.
//!
//! # The command
//!
//! Results go to standard output, progress and errors to standard error. Exit codes: 0 success; 1 a run
//! failed, an environment breaks a rule, or a file could not be read or written; 2 the spec or the arguments are wrong; 75 interrupted and
//! saved.
//!
//! * `commands` has one file for each subcommand.
//! * `extensions` is what a program of your own adds.
//! * `best_effort` is output that need not be read.
//! * `environment_settings` reads settings of an environment on the command line.
//! * `numbers` reads numbers on the command line.
//! * `plan_arguments` has the arguments that select runs.
//! * `progress` shows the events of a runner.
//! * `terminal` fits tables to the width of the terminal.
//! * `watching` draws the episodes of `zerolab watch`.
//! * `reports` is empty without the feature `reports`: the program then only trains.

// Not a lint of the workspace, because tests may unwrap.
#![warn(clippy::unwrap_used)]

mod best_effort;
mod commands;
mod environment_settings;
mod error;
mod extensions;
mod numbers;
mod plan_arguments;
mod progress;
mod reports;
mod spec_folder;
mod terminal;
mod watching;

use std::env;
use std::io::{self, Write};
use std::process::ExitCode;
use std::sync::OnceLock;

use clap::error::{ContextKind, ContextValue};
use clap::{CommandFactory, FromArgMatches, Parser};
use zerolab_experiments::run::program::{self, Program};

pub use extensions::Extensions;
/// The allocator of `zerolab`. The networks allocate and free megabytes in every step. The system allocator returns them to
/// the kernel each time, which must then clear the pages again.
pub use mimalloc::MiMalloc;
pub use zerolab_agents as agents;
#[cfg(feature = "reports")]
pub use zerolab_analysis as analysis;
pub use zerolab_environments as environments;
pub use zerolab_metrics as metrics;
pub use zerolab_settings as settings;

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

/// Executes the command line of `zerolab`.
///
/// Exit codes: 0 success; 1 a run failed, an environment breaks a rule, or a file could not be read or written;
/// 2 the spec or the arguments are wrong; 75 interrupted and saved.
#[must_use]
pub fn main() -> ExitCode {
    main_with(Extensions::default())
}

/// Executes the command line of a program that adds something to ZeroLab. Call it once, first of all: the program starts
/// itself again for each run that it trains.
///
/// Exit codes are those of [`main`], and 2 also if a name of `extensions` is wrong or taken.
#[must_use]
pub fn main_with(extensions: Extensions) -> ExitCode {
    if let Err(error) = extensions.install() {
        return fail(&error);
    }
    let arguments = match parse() {
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

fn parse() -> Result<Arguments, clap::Error> {
    let mut program = program();
    let matches = program.try_get_matches_from_mut(env::args_os())?;
    Arguments::from_arg_matches(&matches).map_err(|error| error.format(&mut program))
}

/// The subcommands and options, under the name of this program.
fn program() -> clap::Command {
    /// Clap keeps references to texts that live as long as the process.
    static VERSIONS: OnceLock<String> = OnceLock::new();
    let zerolab = Arguments::command();
    let Some(Program { name, version }) = program::get() else { return zerolab };
    let versions = || format!("{version} (zerolab {})", env!("CARGO_PKG_VERSION"));
    zerolab.name(name).bin_name(name).version(VERSIONS.get_or_init(versions).as_str())
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
    let program = program();
    commands::unknown_name("command", name, program.get_subcommands().map(|it| it.get_name()))
}
