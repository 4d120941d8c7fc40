//! Writes `results/<experiment>/experiment.json`: what was asked and which runs answer it. With the run
//! folders it is all that the report reads.

use std::fs;
use std::path::Path;

use zerolab_metrics::{
    ExperimentFile, FigureRequest, Hypothesis, NetworkSize, PublishedRequest, RunReference,
};

use crate::error::RunError;
use crate::plan::Plan;
use crate::plan::forecast::{Variant, forecast};
use crate::plan::resolved::ResolvedRun;
use crate::run::folder::write_json;

/// Writes the plan for the report; `command` is what makes the results again.
///
/// # Errors
/// If an agent cannot be made for its environment, or the results folder cannot be written.
pub fn write(results: &Path, plan: &Plan, command: &str) -> Result<(), RunError> {
    let folder = results.join(&plan.experiment.name);
    let path = folder.join("experiment.json");
    let contents = contents(plan, command)?;
    let written = fs::create_dir_all(&folder).and_then(|()| write_json(&path, &contents));
    written.map_err(|source| RunError::Results { path, source })
}

fn contents(plan: &Plan, command: &str) -> Result<ExperimentFile, RunError> {
    let head = &plan.experiment;
    Ok(ExperimentFile {
        name: head.name.clone(),
        question: head.question.clone(),
        spec_path: plan.spec_path.display().to_string(),
        command: command.to_owned(),
        budget_real_steps: plan.runs.iter().map(|run| run.budget.real_steps).max().unwrap_or(0),
        hypothesis: head.hypothesis.as_ref().map(|claim| Hypothesis {
            metric: claim.metric.clone(),
            statement: claim.statement.clone(),
        }),
        published: head.published.as_ref().map(|asked| PublishedRequest {
            benchmarks: asked.benchmarks.clone(),
            algorithms: asked.algorithms.clone(),
        }),
        figures: head
            .figures
            .iter()
            .map(|figure| FigureRequest { kind: figure.kind.clone(), x: figure.x.clone() })
            .collect(),
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
    Ok(plan.runs.iter().zip(&forecast.of_run).map(reference).collect())
}

fn networks(Variant { summary, .. }: &Variant) -> Option<NetworkSize> {
    (summary.parameters > 0).then(|| NetworkSize {
        parameters: summary.parameters,
        imagined_step_flops: summary.imagined_step_flops(),
    })
}
