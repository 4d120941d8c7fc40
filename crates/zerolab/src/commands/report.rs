//! `zerolab report`: tables, figures and the page, from the files of the runs.

use std::io::{self, Write};
use std::path::Path;

use clap::Args;
use zerolab_experiments::plan::Plan;
use zerolab_experiments::plan::experiment_file::{self, ReplacedReport, Request};
use zerolab_experiments::plan::forecast::{Forecast, forecast};

use zerolab_metrics::format::count;

use crate::best_effort::BestEffort;
use crate::error::CommandError;
use crate::plan_arguments::{ExperimentArguments, ResultsArguments};
use crate::reports;

pub const HELP: &str = examples!(
    "  \
  zerolab report spec.toml       the report of a spec, with the runs that are finished
  zerolab report results/NAME    the report of a folder of results, without its spec"
);

/// The report is always of all runs of the spec. With a folder `results/NAME` instead of a spec, the report
/// follows the `experiment.json` in it. It then does not depend on the current spec or on the version of the
/// program.
#[derive(Debug, Args)]
pub struct Arguments {
    #[command(flatten)]
    experiment: ExperimentArguments,
    #[command(flatten)]
    results: ResultsArguments,
}

/// The files of the report are its result, whether or not anybody reads what is printed.
pub fn execute(arguments: &Arguments, out: &mut dyn Write) -> Result<(), CommandError> {
    let out = &mut BestEffort(out);
    if arguments.experiment.spec().is_dir() {
        let (results, experiment) = of_folder(arguments)?;
        return reports::write(results, &experiment, out);
    }
    let results = arguments.results.folder();
    let plan = arguments.experiment.load(results)?;
    note_plan(&plan, &forecast(&plan)?, &arguments.experiment, results)?;
    reports::write(results, &plan.experiment.name, out)
}

/// The folder of all results and the name of the experiment, from the folder of an experiment's results.
fn of_folder(arguments: &Arguments) -> Result<(&Path, String), CommandError> {
    let folder = arguments.experiment.spec();
    if arguments.experiment.has_changes() || arguments.results.given().is_some() {
        let message = format!(
            "{}: this is a folder of results, which allows no --set, --device, --name or --results (its \
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

/// Writes all runs of the experiment, whose costs are in `forecast`, for its report. Says which other report that one will replace.
pub fn note_plan(
    plan: &Plan,
    forecast: &Forecast,
    experiment: &ExperimentArguments,
    results: &Path,
) -> Result<(), CommandError> {
    let (command, changes) = (experiment.command_line(), experiment.changes());
    let is_renamed = experiment.is_renamed();
    let request = Request { command: &command, changes: &changes, is_renamed };
    if let Some(ReplacedReport { command, lost_runs }) =
        experiment_file::write(results, plan, forecast, &request)?
    {
        let lost = match lost_runs {
            0 => String::new(),
            1 => " (1 of its runs is not in the new one)".to_owned(),
            runs => format!(" ({} of its runs are not in the new one)", count(runs as u64)),
        };
        writeln!(
            BestEffort(io::stderr()),
            "note: the report of `{command}` is replaced{lost}; `--name NAME` would have kept it"
        )?;
    }
    Ok(())
}
