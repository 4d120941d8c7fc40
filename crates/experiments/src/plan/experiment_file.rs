//! Writes `results/<experiment>/experiment.json`: the question of an experiment and its runs. The report
//! reads only this file and the run folders.

use std::collections::BTreeSet;
use std::fs;
use std::path::Path;

use zerolab_metrics::{ExperimentFile, NetworkSize, RunReference};

use crate::error::RunError;
use crate::plan::Plan;
use crate::plan::forecast::{Forecast, Variant};
use crate::plan::resolved::ResolvedRun;
use zerolab_metrics::files::write_whole;

/// Writes all runs of the plan, whose costs are in `forecast`, for the report. `command` is the command that reproduces them, `changes` are the
/// changes of the spec in it. Returns the command of the report that this one will replace, if that was of the
/// same spec with changes.
///
/// # Errors
/// [`RunError::NameTaken`] if there are results of another experiment under this name, or if the spec is changed
/// and there are those of the unchanged one. Also if the results folder cannot be written.
pub fn write(
    results: &Path,
    plan: &Plan,
    forecast: &Forecast,
    command: &str,
    changes: &[String],
) -> Result<Option<String>, RunError> {
    let folder = results.join(&plan.experiment.name);
    let path = folder.join("experiment.json");
    let contents = contents(plan, forecast, command, changes);
    let before: Option<ExperimentFile> =
        fs::read(&path).ok().and_then(|text| serde_json::from_slice(&text).ok());
    let replaced = match before {
        None => None,
        Some(before) if is_same(&before, &contents) && before.changes == changes => None,
        Some(before) if is_same(&before, &contents) && changes.is_empty() => Some(before.command),
        Some(before) => return Err(RunError::NameTaken { folder, command: before.command }),
    };
    let written = fs::create_dir_all(&folder)
        .and_then(|()| Ok(serde_json::to_vec_pretty(&contents)?))
        .and_then(|json| write_whole(&path, &[&json[..], b"\n"].concat()));
    written.map_err(|source| RunError::Results { path, source })?;
    Ok(replaced)
}

/// Whether two files are of one experiment: they are of one spec, which may have been edited, or have the same
/// runs.
fn is_same(one: &ExperimentFile, other: &ExperimentFile) -> bool {
    let ids = |file: &ExperimentFile| -> BTreeSet<String> {
        file.runs.iter().map(|run| run.id.clone()).collect()
    };
    let spec = |file: &ExperimentFile| fs::canonicalize(&file.spec_path).ok();
    one.spec_path == other.spec_path
        || spec(one).is_some_and(|one| Some(one) == spec(other))
        || ids(one) == ids(other)
}

fn contents(plan: &Plan, forecast: &Forecast, command: &str, changes: &[String]) -> ExperimentFile {
    let experiment = &plan.experiment;
    let budgets = plan.all_runs.iter().map(|run| run.budget.real_steps);
    ExperimentFile {
        name: experiment.name.clone(),
        question: experiment.question.clone(),
        spec_path: plan.spec_path.display().to_string(),
        command: command.to_owned(),
        changes: changes.to_vec(),
        budget_real_steps: budgets.max().unwrap_or(0),
        hypothesis: experiment.hypothesis.clone(),
        published: experiment.published.clone(),
        figures: experiment.figures.clone(),
        runs: references(plan, forecast),
    }
}

fn references(plan: &Plan, forecast: &Forecast) -> Vec<RunReference> {
    let sizes: Vec<Option<NetworkSize>> = forecast.variants.iter().map(networks).collect();
    let reference = |run: &ResolvedRun| RunReference {
        id: run.id.clone(),
        settings_hash: run.settings_hash(),
        environment: run.environment.name.clone(),
        agent: run.agent.name().to_owned(),
        seed: run.seed,
        axes: plan.axes.get(&run.id).cloned().unwrap_or_default(),
        networks: forecast.variant_of(run).and_then(|variant| sizes[variant]),
    };
    plan.all_runs.iter().map(reference).collect()
}

fn networks(Variant { summary, .. }: &Variant) -> Option<NetworkSize> {
    (summary.parameters > 0).then(|| NetworkSize {
        parameters: summary.parameters,
        imagined_step_flops: summary.imagined_step_flops(),
    })
}
