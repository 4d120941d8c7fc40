//! The command: arguments in, exit code out. What it does is done by the other crates; here it is only
//! asked for and shown: results on standard output, progress and errors on standard error.

// Not among the workspace's lints: tests may unwrap.
#![warn(clippy::unwrap_used)]

mod commands;
mod failure;
mod plan_arguments;
mod progress;
mod quantity;
mod reports;
mod table;
mod watching;

use std::io::{self, Write};
use std::process::ExitCode;

use clap::Parser;

use crate::commands::Command;
use crate::failure::Failure;

/// Reproducible experiments with EfficientZero, MuZero and model-free agents.
#[derive(Debug, Parser)]
#[command(name = "zerolab", bin_name = "zerolab", version)]
struct Arguments {
    #[command(subcommand)]
    command: Command,
}

/// Does what the command line says. Exit codes: 0 all well, 1 some run failed or something could not be
/// read or written, 2 the spec or the arguments are wrong.
#[must_use]
pub fn main() -> ExitCode {
    let arguments = Arguments::parse();
    match arguments.command.execute(&mut io::stdout().lock()) {
        Ok(code) => code,
        // Who reads our output has seen enough (`zerolab plan … | head`).
        Err(Failure::Output(error)) if error.kind() == io::ErrorKind::BrokenPipe => {
            ExitCode::SUCCESS
        }
        Err(failure) => {
            // With no standard error there is nowhere left to say it; the exit code still does.
            let _ = writeln!(io::stderr(), "error: {}", failure.to_string().trim_end());
            failure.exit_code()
        }
    }
}
