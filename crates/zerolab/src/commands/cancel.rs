//! `zerolab cancel`: cancels the jobs of a spec on a cluster.

use std::collections::HashSet;
use std::io::Write;

use clap::Args;
use zerolab_experiments::launch::slurm::{self, Cancelled};
use zerolab_metrics::format::{count, counted};

use crate::error::CommandError;
use crate::plan_arguments::{PlanArguments, ResultsArguments};

pub const HELP: &str = examples!(
    "  \
  zerolab cancel spec.toml                  all jobs of a spec, also that of its report
  zerolab cancel spec.toml --only 'dqn*'    the tasks that train these runs

Running tasks save their runs. `zerolab run spec.toml --launcher slurm` submits again what is left."
);

#[derive(Debug, Args)]
pub struct Arguments {
    #[command(flatten)]
    plan: PlanArguments,
    #[command(flatten)]
    results: ResultsArguments,
}

pub fn execute(arguments: &Arguments, out: &mut dyn Write) -> Result<(), CommandError> {
    let results = arguments.results.folder();
    let plan = arguments.plan.load(results)?;
    let chosen: HashSet<&str> = plan.runs.iter().map(|run| run.id.as_str()).collect();
    let is_chosen = |run: &str| chosen.contains(run);
    let is_chosen = (!arguments.plan.has_all_runs()).then_some(&is_chosen as &dyn Fn(&str) -> bool);
    let Cancelled { tasks, running } = slurm::cancel(results, &plan.experiment.name, is_chosen)?;
    match tasks {
        0 => writeln!(out, "no task of {} is queued or running", plan.experiment.name)?,
        _ => writeln!(
            out,
            "{} cancelled, {} of them running; running tasks save their runs",
            counted(tasks, "task"),
            count(running as u64)
        )?,
    }
    Ok(())
}
