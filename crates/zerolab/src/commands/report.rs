//! `zerolab report`: tables, figures and the page, from the files of the runs.

use std::io::Write;
use std::path::Path;

use clap::Args;
use zerolab_experiments::plan::Plan;
use zerolab_experiments::plan::experiment_file;

use crate::error::CommandError;
use crate::plan_arguments::{PlanArguments, ResultsArguments};
use crate::reports;

pub const HELP: &str = examples!(
    "  \
  zerolab report spec.toml       the report of a spec, with the runs that are finished
  zerolab report results/NAME    the report of a folder of results, without its spec"
);

/// With a folder `results/NAME` instead of a spec, the report follows the `experiment.json` in it. It then
/// does not depend on the current spec or on the version of the program.
#[derive(Debug, Args)]
pub struct Arguments {
    #[command(flatten)]
    plan: PlanArguments,
    #[command(flatten)]
    results: ResultsArguments,
}

pub fn execute(arguments: &Arguments, out: &mut dyn Write) -> Result<(), CommandError> {
    if arguments.plan.spec().is_dir() {
        let (results, experiment) = of_folder(arguments)?;
        return reports::write(results, &experiment, out);
    }
    let plan = arguments.plan.load()?;
    write(&plan, &arguments.plan, arguments.results.folder(), out)
}

/// The folder of all results and the name of the experiment, from the folder of an experiment's results.
fn of_folder(arguments: &Arguments) -> Result<(&Path, String), CommandError> {
    let folder = arguments.plan.spec();
    if arguments.plan.has_overrides() || arguments.results.given().is_some() {
        let message = format!(
            "{}: this is a folder of results, which allows no --set, --seeds, --device, --only or --results (its \
             runs are in the folder `runs` beside it)",
            folder.display()
        );
        return Err(CommandError::Arguments(message));
    }
    let (Some(results), Some(name)) = (folder.parent(), folder.file_name()) else {
        return Err(CommandError::Arguments(format!(
            "{}: give the folder by its name, as in results/NAME",
            folder.display()
        )));
    };
    Ok((results, name.to_string_lossy().into_owned()))
}

/// Writes the report of the plan. Prints its table, its answer and the path of its page.
pub fn write(
    plan: &Plan,
    arguments: &PlanArguments,
    results: &Path,
    out: &mut dyn Write,
) -> Result<(), CommandError> {
    experiment_file::write(results, plan, &arguments.command_line())?;
    reports::write(results, &plan.experiment.name, out)
}
