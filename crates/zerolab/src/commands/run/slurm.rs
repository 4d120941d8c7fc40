//! `zerolab run --launcher slurm`: submits the runs to a cluster.

use std::io::{self, IsTerminal, Write};
use std::path::PathBuf;
use std::process::ExitCode;

use clap::Args;
use zerolab_experiments::inspect::status::RunStatus;
use zerolab_experiments::launch::slurm::{self, Submission, SubmitSettings};
use zerolab_experiments::plan::Plan;
use zerolab_experiments::plan::forecast::Forecast;
use zerolab_experiments::plan::slurm::resolve;
use zerolab_experiments::run::interrupt::Interrupt;
use zerolab_metrics::format::{count, counted};

use super::{Arguments, report};
use crate::best_effort::BestEffort;
use crate::error::{CommandError, EXIT_SAVED};
use crate::reports;

#[derive(Debug, Args)]
pub struct SlurmArguments {
    /// A TOML file with `[launcher.slurm]`, over that of the spec
    #[arg(long, value_name = "FILE")]
    launcher_file: Option<PathBuf>,
    /// Change a setting of `[launcher.slurm]`, such as `partition=gpu`
    #[arg(long, value_name = "KEY=VALUE")]
    slurm: Vec<String>,
    /// Return after submitting, instead of showing how the jobs go on [default: if the output is no terminal]
    #[arg(long, value_name = "true|false", num_args = 0..=1, require_equals = true, default_missing_value = "true")]
    detach: Option<bool>,
    /// Print the scripts of the jobs, and submit nothing
    #[arg(long)]
    dry_run: bool,
}

impl SlurmArguments {
    /// The arguments have no meaning without Slurm.
    pub fn refuse(&self) -> Result<(), CommandError> {
        let Self { launcher_file, slurm, detach, dry_run } = self;
        if launcher_file.is_none() && slurm.is_empty() && detach.is_none() && !dry_run {
            return Ok(());
        }
        let message = "--launcher-file, --slurm, --detach and --dry-run need --launcher slurm";
        Err(CommandError::Arguments(message.to_owned()))
    }
}

pub fn execute(
    arguments: &Arguments,
    plan: &Plan,
    forecast: &Forecast,
    out: &mut dyn Write,
) -> Result<ExitCode, CommandError> {
    if arguments.jobs.is_some() || arguments.follow {
        return Err(CommandError::Arguments(
            "--jobs and --follow are of this machine: with --launcher slurm there are `--slurm at_once=N`, \
             `--slurm jobs_per_task=N` and `zerolab report --follow`"
                .to_owned(),
        ));
    }
    slurm::check()?;
    let SlurmArguments { launcher_file, slurm: changes, detach, dry_run } = &arguments.slurm;
    let resolved = resolve(&plan.slurm, launcher_file.as_deref(), changes);
    let settings = SubmitSettings {
        slurm: &resolved.map_err(CommandError::Arguments)?,
        results: arguments.results.folder(),
        command: &arguments.plan.command_line(),
        report: &|spec, results| arguments.plan.experiment().report_words(spec, results),
        fresh: arguments.fresh,
    };
    if *dry_run {
        for (path, script) in slurm::dry_run(plan, &settings)? {
            writeln!(out, "==> {} <==\n{script}", path.display())?;
        }
        return Ok(ExitCode::SUCCESS);
    }
    let (results, err) = (settings.results, &mut BestEffort(io::stderr()));
    report::note_plan(plan, forecast, arguments.plan.experiment(), results)?;
    let submission = slurm::submit(plan, &settings)?;
    print_submission(&submission, err)?;
    if arguments.fresh && submission.running + submission.queued > 0 {
        writeln!(err, "note: what is running or queued is not trained again: cancel it first")?;
    }
    let code = if submission.failed.is_empty() { ExitCode::SUCCESS } else { ExitCode::FAILURE };
    if let Some(error) = submission.refused {
        return Err(error.into());
    }
    if submission.submitted + submission.queued + submission.running == 0
        && submission.report.is_none()
    {
        reports::write(results, std::slice::from_ref(&plan.experiment.name), out)?;
        return Ok(code);
    }
    if detach.unwrap_or_else(|| !io::stdout().is_terminal()) {
        writeln!(err, "`zerolab status` shows how they go on, `zerolab cancel` ends them")?;
        return Ok(code);
    }
    wait(plan, &settings, out, err)
}

/// Shows how the jobs go on, until they have ended.
fn wait(
    plan: &Plan,
    settings: &SubmitSettings<'_>,
    out: &mut dyn Write,
    err: &mut dyn Write,
) -> Result<ExitCode, CommandError> {
    let interrupt = Interrupt::watch()?;
    let runs = slurm::follow(plan, settings.results, &interrupt, &mut |run| {
        // The jobs go on even if nobody reads this.
        let _ = writeln!(err, "{}", line(run));
    })?;
    let Some(runs) = runs else {
        writeln!(
            err,
            "the jobs go on: the same command shows them again, `zerolab cancel` ends them"
        )?;
        return Ok(ExitCode::from(EXIT_SAVED));
    };
    let of = |state: &str| runs.iter().filter(|run| run.state == state).count();
    let (done, failed) = (of("done"), of("failed"));
    let rest = runs.len() - done - failed;
    let numbers = [done, failed, rest].map(|number| count(number as u64));
    let [done_runs, failed_runs, rest_runs] = numbers;
    writeln!(
        err,
        "{}: {done_runs} finished, {failed_runs} failed, {rest_runs} left",
        counted(runs.len(), "run")
    )?;
    let page = settings.results.join(&plan.experiment.name).join("report.html");
    if page.exists() {
        writeln!(out, "{}", page.display())?;
    } else {
        let logs = page.with_file_name("slurm");
        writeln!(err, "the report was not written; its log is in {}", logs.display())?;
    }
    Ok(match (failed, rest) {
        (0, 0) if page.exists() => ExitCode::SUCCESS,
        (_, 0) => ExitCode::FAILURE,
        _ => ExitCode::from(EXIT_SAVED),
    })
}

/// The state of a run in a line.
fn line(run: &RunStatus) -> String {
    let settings =
        if run.settings.is_empty() { String::new() } else { format!(" ({})", run.settings) };
    let reason = run.reason.as_deref().and_then(|reason| reason.lines().next());
    let reason = reason.map(|reason| format!(": {reason}")).unwrap_or_default();
    format!("{:8} {}{settings}{reason}", run.state, run.id)
}

fn print_submission(submission: &Submission, err: &mut dyn Write) -> io::Result<()> {
    let Submission { finished, running, queued, failed, submitted, left, arrays, report, .. } =
        submission;
    let states = [
        (*finished, "finished before"),
        (*running, "running"),
        (*queued, "queued before"),
        (*submitted, "submitted"),
        (failed.len(), "failed"),
        (*left, "not submitted"),
    ];
    let all = states.iter().map(|(runs, _)| runs).sum();
    let states = states.iter().filter(|(runs, _)| *runs > 0);
    let states: Vec<_> = states.map(|(n, name)| format!("{} {name}", count(*n as u64))).collect();
    writeln!(err, "{}: {}", counted(all, "run"), states.join(", "))?;
    for (script, id, tasks) in arrays {
        writeln!(err, "job {id}: {}, {}", counted(*tasks, "task"), script.display())?;
    }
    if let Some(report) = report {
        writeln!(err, "job {report}: the report, after the others")?;
    }
    for (run, reason) in failed {
        writeln!(err, "failed   {run}: {reason}")?;
    }
    Ok(())
}
