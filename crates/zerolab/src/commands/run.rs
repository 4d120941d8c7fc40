//! `zerolab run`: train what is not finished, then report.

use std::io::{self, Write};
use std::num::NonZeroUsize;
use std::process::ExitCode;

use clap::{Args, ValueEnum};
use zerolab_agents::DeviceName;
use zerolab_experiments::launch::events::LaunchSummary;
use zerolab_experiments::launch::runner::{self, LaunchSettings};
use zerolab_experiments::plan::Plan;
use zerolab_experiments::run::threads::cores;

use super::report;
use crate::failure::{Failure, SAVED};
use crate::plan_arguments::{PlanArguments, ResultsArguments};
use crate::progress::Progress;

#[derive(Debug, Args)]
pub struct Arguments {
    #[command(flatten)]
    plan: PlanArguments,
    #[command(flatten)]
    results: ResultsArguments,
    /// Runs trained at the same time [default: one for each core, or one where any computes on a GPU]
    #[arg(long, value_name = "N")]
    jobs: Option<NonZeroUsize>,
    /// Begin every run anew, finished ones too
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
    let plan = arguments.plan.load()?;
    if plan.runs.is_empty() {
        writeln!(io::stderr(), "there is nothing to run: the spec has no agents")?;
        report::write(&plan, &arguments.plan, arguments.results.folder(), out)?;
        return Ok(ExitCode::SUCCESS);
    }
    let Launcher::Local = arguments.launcher;
    let settings = LaunchSettings {
        results: arguments.results.folder().to_owned(),
        jobs: arguments.jobs.map_or_else(|| default_jobs(&plan), NonZeroUsize::get),
        fresh: arguments.fresh,
        command: arguments.plan.command_line(),
    };
    let mut progress = Progress::new(&plan);
    let outcome = runner::run(&plan, &settings, &mut |event| progress.show(&event))?;
    drop(progress);
    conclude(&plan, &outcome)?;
    if outcome.interrupted {
        let failed = !outcome.failed.is_empty();
        return Ok(if failed { ExitCode::FAILURE } else { ExitCode::from(SAVED) });
    }
    report::write(&plan, &arguments.plan, &settings.results, out)?;
    Ok(if outcome.failed.is_empty() { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}

/// Runs at the same time where nothing is said: each fills a core, or takes of a GPU what it will.
fn default_jobs(plan: &Plan) -> usize {
    if plan.runs.iter().all(|run| run.device == DeviceName::Cpu) { cores() } else { 1 }
}

/// What became of the runs, and why some failed.
fn conclude(plan: &Plan, outcome: &LaunchSummary) -> Result<(), Failure> {
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
            failure.last_log_line.as_ref().filter(|words| !failure.reason.contains(*words))
        {
            writeln!(err, "  last line of its log: {words}")?;
        }
        writeln!(err, "  log: {}", failure.log.display())?;
    }
    if outcome.interrupted {
        writeln!(err, "stopped: the same command goes on with the other runs")?;
    }
    Ok(())
}
