//! `zerolab run`: trains all unfinished runs, examines their agents, then writes the report.

use std::io::{self, Write};
use std::path::Path;
use std::process::ExitCode;

use clap::{Args, ValueEnum};
use zerolab_agents::DeviceName;
use zerolab_experiments::launch::events::LaunchSummary;
use zerolab_experiments::launch::examinations::{self, ExaminationEvent, ExaminationSummary};
use zerolab_experiments::launch::runner::{self, LaunchSettings};
use zerolab_experiments::plan::Plan;
use zerolab_experiments::plan::forecast::{forecast, warnings};
use zerolab_experiments::run::interrupt::Interrupt;
use zerolab_experiments::run::threads::allowed_threads;
use zerolab_metrics::format::{count, counted};

mod slurm;

use self::slurm::SlurmArguments;
use super::report;
use crate::best_effort::BestEffort;
use crate::error::{CommandError, EXIT_SAVED};
use crate::numbers::positive;
use crate::plan_arguments::{PlanArguments, ResultsArguments};
use crate::progress::Progress;
use crate::reports;

pub const HELP: &str = "\
Examples:
  zerolab run spec.toml                             train the runs and write the report
  zerolab run spec.toml --only dqn --seeds 1        only some of the runs; the report shows all
  zerolab run spec.toml --set budget.real_steps=1000 --name trial
      a quick trial, with a report of its own
  zerolab run spec.toml --jobs 4 --results /data    four runs at a time, other results folder
  zerolab run spec.toml --device cuda               on a GPU
  zerolab run spec.toml --follow                    a page that shows the training
  zerolab run spec.toml --launcher slurm --slurm partition=gpu --slurm gres=gpu:1
      as jobs of a cluster; see docs/slurm.md

An interrupted run continues from its last checkpoint with the same command.

Exit codes:
  0   every run is finished
  1   a run failed, or a file could not be read or written
  2   the spec or the arguments are wrong
  75  interrupted and saved: the same command continues";

#[derive(Debug, Args)]
pub struct Arguments {
    #[command(flatten)]
    plan: PlanArguments,
    #[command(flatten)]
    results: ResultsArguments,
    /// The number of runs trained at the same time [default: one for each core, or one if any uses a GPU]
    #[arg(long, value_name = "N", value_parser = positive::<usize>, allow_negative_numbers = true)]
    jobs: Option<usize>,
    /// Train every run from the beginning, also finished ones
    #[arg(long)]
    fresh: bool,
    /// Write the page again and again while the runs train, so that a browser shows their progress
    #[arg(long)]
    follow: bool,
    /// How the runs are started
    #[arg(long, value_enum, default_value_t = LauncherName::Local)]
    launcher: LauncherName,
    #[command(flatten)]
    slurm: SlurmArguments,
}

/// How runs are started.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
enum LauncherName {
    /// As processes on this machine
    Local,
    /// As jobs of a cluster with Slurm, whose settings are in `[launcher.slurm]` of the spec
    Slurm,
}

/// What is trained, what is written and the exit code do not depend on whether anybody reads the output.
pub fn execute(arguments: &Arguments, out: &mut dyn Write) -> Result<ExitCode, CommandError> {
    let (out, err) = (&mut BestEffort(out), &mut BestEffort(io::stderr()));
    let results = arguments.results.folder();
    let plan = arguments.plan.load_to_start(results)?;
    let forecast = forecast(&plan.whole())?;
    PlanArguments::note_missing_includes(&plan, results)?;
    if plan.runs.is_empty() {
        writeln!(err, "there is nothing to run: the spec has no agents")?;
        report::note_plan(&plan, &forecast, arguments.plan.experiment(), results)?;
        reports::write(results, std::slice::from_ref(&plan.experiment.name), out)?;
        return Ok(ExitCode::SUCCESS);
    }
    for warning in warnings(&forecast.variants) {
        writeln!(err, "note: {warning}")?;
    }
    if arguments.launcher == LauncherName::Slurm {
        return slurm::execute(arguments, &plan, &forecast, out);
    }
    arguments.slurm.refuse()?;
    let settings = LaunchSettings {
        results: results.to_owned(),
        jobs: arguments.jobs.unwrap_or_else(|| default_jobs(&plan)),
        fresh: arguments.fresh,
        command: arguments.plan.command_line(),
    };
    report::note_plan(&plan, &forecast, arguments.plan.experiment(), results)?;
    let interrupt = Interrupt::watch()?;
    let outcome = {
        let follow = || reports::Follower::start(results, &plan.experiment.name);
        let _follower = arguments.follow.then(follow).transpose()?;
        let mut progress = Progress::new(&plan, &forecast, settings.jobs);
        runner::run(&plan, &forecast, &settings, &interrupt, &mut |event| progress.show(&event))?
    };
    print_summary(&plan, &outcome, err)?;
    if outcome.interrupted {
        let failed = !outcome.failed.is_empty();
        return Ok(if failed { ExitCode::FAILURE } else { ExitCode::from(EXIT_SAVED) });
    }
    let examined = examine(&plan, results, (settings.jobs, settings.fresh), &interrupt, err)?;
    if examined.interrupted {
        return Ok(ExitCode::from(EXIT_SAVED));
    }
    reports::write(results, std::slice::from_ref(&plan.experiment.name), out)?;
    let is_complete = outcome.failed.is_empty() && examined.failed == 0;
    Ok(if is_complete { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}

/// Plays the examinations that are missing, `jobs` at a time; with `fresh` all.
pub fn examine(
    plan: &Plan,
    results: &Path,
    (jobs, fresh): (usize, bool),
    interrupt: &Interrupt,
    err: &mut dyn Write,
) -> Result<ExaminationSummary, CommandError> {
    let summary = examinations::run(plan, results, (jobs, fresh), interrupt, &mut |event| {
        // An experiment goes on even if its progress cannot be shown.
        let _ = match event {
            ExaminationEvent::Done(run, planned, done, of) => {
                writeln!(err, "examined {}: {} ({done} of {of})", run.id, planned.label())
            }
            ExaminationEvent::Failed(run, planned, reason) => {
                writeln!(err, "failed   {}: {}: {reason}", run.id, planned.label())
            }
        };
    });
    if summary != ExaminationSummary::default() {
        let all = summary.reused + summary.done + summary.failed;
        writeln!(
            err,
            "{}: {} done before, {} done now, {} failed",
            counted(all, "examination"),
            count(summary.reused as u64),
            count(summary.done as u64),
            count(summary.failed as u64)
        )?;
    }
    if summary.interrupted {
        writeln!(err, "stopped: the same command resumes")?;
    }
    Ok(summary)
}

/// The default of `--jobs`. A run on the CPU uses one core, a run on a GPU may use all of it.
pub fn default_jobs(plan: &Plan) -> usize {
    if plan.runs.iter().all(|run| run.device == DeviceName::Cpu) { allowed_threads() } else { 1 }
}

/// Prints how many runs finished, and why the others failed.
fn print_summary(plan: &Plan, outcome: &LaunchSummary, err: &mut dyn Write) -> io::Result<()> {
    writeln!(
        err,
        "{}: {} finished before, {} finished now, {} failed",
        counted(plan.runs.len(), "run"),
        count(outcome.reused as u64),
        count(outcome.finished as u64),
        count(outcome.failed.len() as u64)
    )?;
    for failure in &outcome.failed {
        writeln!(err, "\n{} failed: {}", failure.run_id, failure.reason)?;
        if let Some(line) =
            failure.last_log_line.as_ref().filter(|line| !failure.reason.contains(*line))
        {
            writeln!(err, "  last line of its log: {line}")?;
        }
        writeln!(err, "  log: {}", failure.log.display())?;
    }
    if outcome.interrupted {
        writeln!(err, "stopped: the same command resumes")?;
    }
    Ok(())
}
