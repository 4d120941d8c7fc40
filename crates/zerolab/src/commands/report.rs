//! `zerolab report`: tables, figures and the page, from files alone.

use std::io::Write;
use std::path::Path;

use clap::Args;
use zerolab_experiments::plan::Plan;
use zerolab_experiments::plan::experiment_file;

use crate::failure::Failure;
use crate::plan_arguments::{PlanArguments, ResultsArguments};
use crate::reports;

/// A folder in the place of a spec, `results/NAME`, is that of an experiment's results: it is reported as its
/// `experiment.json` has it, whatever became since of its spec and of the program that made its runs.
#[derive(Debug, Args)]
pub struct Arguments {
    #[command(flatten)]
    plan: PlanArguments,
    #[command(flatten)]
    results: ResultsArguments,
}

pub fn execute(arguments: &Arguments, out: &mut dyn Write) -> Result<(), Failure> {
    if arguments.plan.spec().is_dir() {
        let (results, experiment) = of_folder(arguments)?;
        return reports::write(results, &experiment, out);
    }
    let plan = arguments.plan.load()?;
    write(&plan, &arguments.plan, arguments.results.folder(), out)
}

/// The folder of results and the name of the experiment whose folder stands in the place of a spec.
fn of_folder(arguments: &Arguments) -> Result<(&Path, String), Failure> {
    let folder = arguments.plan.spec();
    if arguments.plan.is_changed() || arguments.results.said().is_some() {
        let message = format!(
            "{}: is no spec but a folder of results, of which nothing can be changed: leave out --set, --seeds, \
             --device, --only and --results (the runs are those in the folder `runs` beside it)",
            folder.display()
        );
        return Err(Failure::Arguments(message));
    }
    let (Some(results), Some(name)) = (folder.parent(), folder.file_name()) else {
        return Err(Failure::Arguments(format!("{}: say the folder's name", folder.display())));
    };
    Ok((results, name.to_string_lossy().into_owned()))
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
