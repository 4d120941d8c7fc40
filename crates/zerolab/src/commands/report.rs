//! `zerolab report`: tables, figures and the page, from the files of the runs.

use std::io::{self, Write};
use std::path::{Path, PathBuf};
use std::process::ExitCode;

use clap::Args;
use zerolab_experiments::inspect::changed_settings::configuration;
use zerolab_experiments::launch::examinations::ExaminationSummary;
use zerolab_experiments::plan::Plan;
use zerolab_experiments::plan::experiment_file::{self, ReplacedReport, Request};
use zerolab_experiments::plan::forecast::{Forecast, forecast};
use zerolab_experiments::run::interrupt::Interrupt;

use zerolab_metrics::format::count;

use super::run;
use crate::best_effort::BestEffort;
use crate::error::{CommandError, EXIT_SAVED};
use crate::plan_arguments::{ChangeArguments, ExperimentArguments, ResultsArguments};
use crate::reports;
use crate::spec_folder::SpecFolder;

pub const HELP: &str = examples!(
    "  \
  zerolab report spec.toml            the report of a spec, with the runs that are finished
  zerolab report results/NAME         the report of a folder of results, without its spec
  zerolab report RUN                  the page of one run, by its id or folder: settings, curves, diagnostics
  zerolab report a.toml b.toml        two reports, and results/index.html with both
  zerolab report experiments/NAME     the reports of all specs in a folder, and results/NAME/index.html
  zerolab report spec.toml --follow   a page that shows the training while it goes on"
);

/// The report is always of all runs of the spec. With a folder `results/NAME` instead of a spec, the report
/// follows the `experiment.json` in it. It then does not depend on the current spec or on the version of the
/// program. With the folder of a run, it is the page `run.html` in that folder. With several specs or folders
/// `results/NAME`, it also writes an index of them into the folder of results. With a folder of specs, it
/// reports all of them; a file `index.toml` in it may name the `text` of their index, in Markdown, and the
/// folder of `results`.
#[derive(Debug, Args)]
pub struct Arguments {
    /// The experiments: TOML files, folders of results, a folder of TOML files, or the folder of one run
    #[arg(required = true, value_name = "SPEC")]
    specs: Vec<PathBuf>,
    #[command(flatten)]
    changes: ChangeArguments,
    #[command(flatten)]
    results: ResultsArguments,
    /// Write the page again and again until all runs are finished
    #[arg(long)]
    follow: bool,
    /// First play the examinations of finished runs that are missing, one for each core at a time
    #[arg(long, conflicts_with = "follow")]
    examine: bool,
    /// Report the experiment as it was last planned, whatever this copy of its spec is called
    #[arg(long, hide = true)]
    as_submitted: bool,
}

/// The files of the report are its result, whether or not anybody reads what is printed.
pub fn execute(arguments: &Arguments, out: &mut dyn Write) -> Result<ExitCode, CommandError> {
    let out = &mut BestEffort(out);
    if arguments.examine && arguments.examine_all()?.interrupted {
        return Ok(ExitCode::from(EXIT_SAVED));
    }
    write(arguments, out).map(|()| ExitCode::SUCCESS)
}

fn write(arguments: &Arguments, out: &mut dyn Write) -> Result<(), CommandError> {
    if let [spec] = &arguments.specs[..]
        && let Some(folder) = arguments.run_folder(spec)
        && !arguments.follow
    {
        if !arguments.changes.is_empty() {
            arguments.refuse_changes(spec)?;
        }
        return reports::write_run(&folder, &configuration(&folder)?, out);
    }
    if let [path] = &arguments.specs[..]
        && let Some(folder) = SpecFolder::find(path)?
    {
        return arguments.report_folder(path, folder, out);
    }
    let mut experiments = Vec::new();
    for spec in &arguments.specs {
        experiments.push(arguments.experiment(spec)?);
    }
    let Some((results, _)) = experiments.first().cloned() else { return Ok(()) };
    if let Some((other, name)) = experiments.iter().find(|(of_other, _)| *of_other != results) {
        return Err(CommandError::Arguments(format!(
            "{name} is in {}, and the reports before it in {}: give those of one folder at a time",
            other.display(),
            results.display()
        )));
    }
    let mut names: Vec<String> = Vec::new();
    for (_, name) in experiments {
        if !names.contains(&name) {
            names.push(name);
        }
    }
    match &names[..] {
        [name] if arguments.follow => reports::follow(&results, name, out),
        _ if arguments.follow => Err(CommandError::Arguments(
            "--follow shows one experiment: give one spec or folder".to_owned(),
        )),
        names => reports::write(&results, names, out),
    }
}

impl Arguments {
    /// Plays the examinations of all specs that are missing.
    fn examine_all(&self) -> Result<ExaminationSummary, CommandError> {
        let (results, err) = (self.results.folder(), &mut BestEffort(io::stderr()));
        let interrupt = Interrupt::watch()?;
        let mut all = ExaminationSummary::default();
        for spec in &self.specs {
            if spec.is_dir() {
                return Err(CommandError::Arguments(format!(
                    "{}: --examine needs specs, because a folder of results does not say what is examined",
                    spec.display()
                )));
            }
            let plan = ExperimentArguments::new(spec, &self.changes).load(results)?;
            all = run::examine(&plan, results, (run::default_jobs(&plan), false), &interrupt, err)?;
            if all.interrupted {
                break;
            }
        }
        Ok(all)
    }

    /// Reports all specs of the folder at `path`, once all of them are known to be right.
    fn report_folder(
        &self,
        path: &Path,
        folder: SpecFolder,
        out: &mut dyn Write,
    ) -> Result<(), CommandError> {
        if !self.changes.is_empty() || self.follow {
            return Err(CommandError::Arguments(format!(
                "{}: this is a folder of specs, which allows no --set, --device, --name or --follow: give one \
                 of its specs",
                path.display()
            )));
        }
        let results = self.results.given().or(folder.results.as_deref());
        let results = results.unwrap_or(self.results.folder()).to_owned();
        let mut plans: Vec<(ExperimentArguments, Plan)> = Vec::new();
        for spec in &folder.specs {
            let experiment = ExperimentArguments::new(spec, &self.changes);
            let plan = experiment.load(&results)?;
            let name = &plan.experiment.name;
            if let Some((_, other)) = plans.iter().find(|(_, it)| it.experiment.name == *name) {
                return Err(CommandError::Arguments(format!(
                    "{} and {} have the same name, `{name}`: rename one",
                    other.spec_path.display(),
                    spec.display()
                )));
            }
            plans.push((experiment, plan));
        }
        for (experiment, plan) in &plans {
            note_plan(plan, &forecast(plan)?, experiment, &results)?;
        }
        let names: Vec<String> = plans.into_iter().map(|(_, plan)| plan.experiment.name).collect();
        reports::write_folder(&results, &names, (&folder.name, folder.text), out)
    }

    /// The folder of all results and the name of the experiment. Writes the experiment's file for a spec.
    fn experiment(&self, spec: &Path) -> Result<(PathBuf, String), CommandError> {
        if self.run_folder(spec).is_some() {
            return Err(CommandError::Arguments(format!(
                "{}: the page of a run is written alone: give one folder of a run, without --follow",
                spec.display()
            )));
        }
        if spec.is_dir() {
            if SpecFolder::find(spec)?.is_some() {
                return Err(CommandError::Arguments(format!(
                    "{}: a folder of specs is reported alone",
                    spec.display()
                )));
            }
            self.refuse_changes(spec)?;
            let (results, name) = of_folder(spec)?;
            if !spec.join("experiment.json").exists() {
                return Err(CommandError::Arguments(format!(
                    "{}: there are neither results in it (experiment.json) nor specs (*.toml)",
                    spec.display()
                )));
            }
            return Ok((results.to_owned(), name));
        }
        let results = self.results.folder();
        let experiment = ExperimentArguments::new(spec, &self.changes);
        let plan = experiment.load(results)?;
        if !self.as_submitted {
            note_plan(&plan, &forecast(&plan)?, &experiment, results)?;
        }
        Ok((results.to_owned(), plan.experiment.name))
    }

    /// The folder of a run, given by its path or by the run's id.
    fn run_folder(&self, run: &Path) -> Option<PathBuf> {
        let candidates = [run.to_owned(), self.results.folder().join("runs").join(run)];
        candidates.into_iter().find(|folder| folder.join("manifest.json").is_file())
    }

    fn refuse_changes(&self, folder: &Path) -> Result<(), CommandError> {
        if self.changes.is_empty() && self.results.given().is_none() {
            return Ok(());
        }
        let message = format!(
            "{}: this is a folder of results, which allows no --set, --device, --name or --results (its \
             runs are in the folder `runs` beside it)",
            folder.display()
        );
        Err(CommandError::Arguments(message))
    }
}

/// The folder of all results and the name of the experiment, from the folder of an experiment's results.
fn of_folder(folder: &Path) -> Result<(&Path, String), CommandError> {
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
