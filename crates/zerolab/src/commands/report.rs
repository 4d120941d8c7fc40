//! `zerolab report`: tables, figures and the page, from files alone.

use std::io::Write;
use std::path::Path;

use clap::Args;
use zerolab_experiments::experiment_file;
use zerolab_experiments::plan::Plan;

use crate::failure::Failure;
use crate::plan_arguments::{PlanArguments, ResultsArguments};
use crate::reports;

#[derive(Debug, Args)]
pub struct Arguments {
    #[command(flatten)]
    plan: PlanArguments,
    #[command(flatten)]
    results: ResultsArguments,
}

pub fn execute(arguments: &Arguments, out: &mut dyn Write) -> Result<(), Failure> {
    let plan = arguments.plan.load()?;
    write(&plan, &arguments.plan, &arguments.results.results, out)
}

/// Writes the report of the plan and shows its table, its answer and the path of its page.
pub fn write(
    plan: &Plan,
    arguments: &PlanArguments,
    results: &Path,
    out: &mut dyn Write,
) -> Result<(), Failure> {
    experiment_file::write(results, plan, &arguments.command_line())?;
    reports::write(results, &plan.experiment.name, out)
}
