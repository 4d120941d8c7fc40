//! Writes `results/<experiment>/experiment.json`: the question of an experiment and its runs. The report
//! reads only this file and the run folders.

use std::fs;
use std::path::Path;

use zerolab_metrics::{ExperimentFile, NetworkSize, RunReference};

use crate::error::RunError;
use crate::plan::Plan;
use crate::plan::forecast::{Variant, forecast};
use crate::plan::resolved::ResolvedRun;
use zerolab_metrics::files::write_whole;

/// Writes the plan for the report. `command` is the command that reproduces the results.
///
/// # Errors
/// If an agent cannot play its environment, or the results folder cannot be written.
pub fn write(results: &Path, plan: &Plan, command: &str) -> Result<(), RunError> {
    let folder = results.join(&plan.experiment.name);
    let path = folder.join("experiment.json");
    let contents = contents(plan, command)?;
    let written = fs::create_dir_all(&folder)
        .and_then(|()| Ok(serde_json::to_vec_pretty(&contents)?))
        .and_then(|json| write_whole(&path, &[&json[..], b"\n"].concat()));
    written.map_err(|source| RunError::Results { path, source })
}

fn contents(plan: &Plan, command: &str) -> Result<ExperimentFile, RunError> {
    let experiment = &plan.experiment;
    Ok(ExperimentFile {
        name: experiment.name.clone(),
        question: experiment.question.clone(),
        spec_path: plan.spec_path.display().to_string(),
        command: command.to_owned(),
        budget_real_steps: plan.runs.iter().map(|run| run.budget.real_steps).max().unwrap_or(0),
        hypothesis: experiment.hypothesis.clone(),
        published: experiment.published.clone(),
        figures: experiment.figures.clone(),
        runs: references(plan)?,
    })
}

fn references(plan: &Plan) -> Result<Vec<RunReference>, RunError> {
    let forecast = forecast(plan)?;
    let sizes: Vec<Option<NetworkSize>> = forecast.variants.iter().map(networks).collect();
    let reference = |(run, &variant): (&ResolvedRun, &usize)| RunReference {
        id: run.id.clone(),
        environment: run.environment.name.clone(),
        agent: run.agent.name().to_owned(),
        seed: run.seed,
        axes: plan.axes.get(&run.id).cloned().unwrap_or_default(),
        networks: sizes[variant],
    };
    Ok(plan.runs.iter().zip(&forecast.variant_of_run).map(reference).collect())
}

fn networks(Variant { summary, .. }: &Variant) -> Option<NetworkSize> {
    (summary.parameters > 0).then(|| NetworkSize {
        parameters: summary.parameters,
        imagined_step_flops: summary.imagined_step_flops(),
    })
}
