//! `zerolab run`: train what is not finished, then report.

use std::io::{self, Write};
use std::num::NonZeroUsize;
use std::process::ExitCode;
use std::thread::available_parallelism;

use clap::{Args, ValueEnum};
use zerolab_experiments::plan::Plan;
use zerolab_experiments::runner::{self, Outcome, Settings};

use super::report;
use crate::failure::Failure;
use crate::plan_arguments::{PlanArguments, ResultsArguments};
use crate::progress::Progress;

#[derive(Debug, Args)]
pub struct Arguments {
    #[command(flatten)]
    plan: PlanArguments,
    #[command(flatten)]
    results: ResultsArguments,
    /// Runs trained at the same time [default: one for each core]
    #[arg(long, value_name = "N")]
    jobs: Option<NonZeroUsize>,
    /// What to compute on
    #[arg(long, value_name = "cpu|cuda[:N]", default_value = "cpu")]
    device: String,
    /// Train finished runs again
    #[arg(long)]
    fresh: bool,
    /// What starts the runs
    #[arg(long, value_enum, default_value_t = Launcher::Local)]
    launcher: Launcher,
}

/// What starts the runs.
#[derive(Clone, Copy, Debug, ValueEnum)]
enum Launcher {
    /// This machine
    Local,
}

pub fn execute(arguments: &Arguments, out: &mut dyn Write) -> Result<ExitCode, Failure> {
    check_device(&arguments.device)?;
    let plan = arguments.plan.load()?;
    let Launcher::Local = arguments.launcher;
    let settings = Settings {
        results: arguments.results.results.clone(),
        jobs: arguments.jobs.or_else(|| available_parallelism().ok()).map_or(1, NonZeroUsize::get),
        fresh: arguments.fresh,
    };
    let mut progress = Progress::new(&plan);
    let outcome = runner::run(&plan, &settings, &mut |event| progress.show(&event))?;
    drop(progress);
    conclude(&plan, &outcome)?;
    if outcome.interrupted {
        return Ok(ExitCode::FAILURE);
    }
    report::write(&plan, &arguments.plan, &settings.results, out)?;
    Ok(if outcome.failed.is_empty() { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}

/// What became of the runs, and why some failed.
fn conclude(plan: &Plan, outcome: &Outcome) -> Result<(), Failure> {
    let mut err = io::stderr().lock();
    writeln!(
        err,
        "{} runs: {} finished before, {} finished now, {} failed",
        plan.runs.len(),
        outcome.reused,
        outcome.finished,
        outcome.failed.len()
    )?;
    for failure in &outcome.failed {
        writeln!(err, "\n{} failed: {}", failure.run_id, failure.reason)?;
        if let Some(words) =
            failure.last_words.as_ref().filter(|words| !failure.reason.contains(*words))
        {
            writeln!(err, "  last line of its log: {words}")?;
        }
        writeln!(err, "  log: {}", failure.log.display())?;
    }
    if outcome.interrupted {
        writeln!(err, "interrupted: the same command trains the other runs")?;
    }
    Ok(())
}

fn check_device(device: &str) -> Result<(), Failure> {
    let number = device.strip_prefix("cuda:").map(|number| number.parse::<usize>().is_ok());
    match (device, number) {
        ("cpu", _) => Ok(()),
        ("cuda", _) | (_, Some(true)) => Err(Failure::Build(format!(
            "this build computes on the CPU only, not on `{device}`: leave --device out"
        ))),
        _ => Err(Failure::Arguments(format!(
            "there is no device `{device}`: it is `cpu`, `cuda` or `cuda:N`"
        ))),
    }
}
