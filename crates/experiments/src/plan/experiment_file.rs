//! Writes `results/<experiment>/experiment.json`: the question of an experiment and its runs. The report
//! reads only this file and the run folders.

use std::collections::BTreeSet;
use std::path::{Component, Path, PathBuf};
use std::{fs, io};

use zerolab_metrics::{ExperimentFile, NetworkSize, RunReference};

use crate::error::RunError;
use crate::plan::Plan;
use crate::plan::anchors::KnownAnchors;
use crate::plan::forecast::{Forecast, Variant};
use crate::plan::resolved::ResolvedRun;
use zerolab_metrics::files::write_whole;

/// How the user asked for an experiment.
pub struct Request<'a> {
    /// The command that reproduces all of its runs.
    pub command: &'a str,
    /// The changes of the spec in it.
    pub changes: &'a [String],
    /// Whether it gives the experiment another name than the spec does.
    pub is_renamed: bool,
}

/// A report of the same spec that a new one will replace.
pub struct ReplacedReport {
    /// The command that made it.
    pub command: String,
    /// How many of its runs are not in the new one.
    pub lost_runs: usize,
}

/// Writes all runs of the plan, whose costs are in `forecast`, for the report. Returns the report that this one will
/// replace, if that was of the same spec with changes on the command line, or before the spec was edited.
///
/// # Errors
/// [`RunError::NameTaken`] if there are results of another experiment under this name, or if the spec is changed
/// and there are those of the unchanged one. Also if the results folder cannot be written.
pub fn write(
    results: &Path,
    plan: &Plan,
    forecast: &Forecast,
    request: &Request<'_>,
) -> Result<Option<ReplacedReport>, RunError> {
    let folder = results.join(&plan.experiment.name);
    let path = folder.join("experiment.json");
    fs::create_dir_all(&folder)
        .map_err(|source| RunError::Results { path: path.clone(), source })?;
    let before: Option<ExperimentFile> =
        fs::read(&path).ok().and_then(|text| serde_json::from_slice(&text).ok());
    let contents = contents(results, plan, forecast, request, before.as_ref());
    let replaced = match before {
        None => None,
        Some(before) => {
            let lost_runs = lost_runs(&before, &contents);
            let is_unchanged = before.changes == request.changes;
            // The spec itself takes its own name back.
            let takes_back = request.changes.is_empty() && !request.is_renamed;
            if !is_same(results, &before, &contents) || !(is_unchanged || takes_back) {
                return Err(RunError::NameTaken { folder, command: before.command });
            }
            let is_replaced = lost_runs > 0 || !is_unchanged;
            is_replaced.then_some(ReplacedReport { command: before.command, lost_runs })
        }
    };
    let json = serde_json::to_vec_pretty(&contents).map_err(io::Error::from);
    let written = json.and_then(|json| write_whole(&path, &[&json[..], b"\n"].concat()));
    written.map_err(|source| RunError::Results { path, source })?;
    Ok(replaced)
}

fn ids(file: &ExperimentFile) -> BTreeSet<&str> {
    file.runs.iter().map(|run| run.id.as_str()).collect()
}

/// How many runs of `before` are not in `after`.
fn lost_runs(before: &ExperimentFile, after: &ExperimentFile) -> usize {
    ids(before).difference(&ids(after)).count()
}

/// Whether two files are of one experiment: they are of one spec, which may have been edited, or have the same
/// runs.
fn is_same(results: &Path, before: &ExperimentFile, after: &ExperimentFile) -> bool {
    let is_of_one_spec = match (&before.spec_from_results, &after.spec_from_results) {
        (Some(way_before), Some(way)) if results.join(way_before).exists() => way_before == way,
        // Older files have the path only, and after the results or the spec were moved nothing else is left.
        _ => {
            let spec = |file: &ExperimentFile| fs::canonicalize(&file.spec_path).ok();
            before.spec_path == after.spec_path
                || spec(before).is_some_and(|before| Some(before) == spec(after))
        }
    };
    is_of_one_spec || ids(before) == ids(after)
}

/// The path from one folder to a file, if both exist.
fn way(from: &Path, to: &Path) -> Option<String> {
    let (from, to) = (fs::canonicalize(from).ok()?, fs::canonicalize(to).ok()?);
    let shared = from.components().zip(to.components()).take_while(|(one, other)| one == other);
    let shared = shared.count();
    let up = from.components().skip(shared).map(|_| Component::ParentDir);
    let way: PathBuf = up.chain(to.components().skip(shared)).collect();
    Some(way.display().to_string())
}

/// `before` is an earlier file of this name.
fn contents(
    results: &Path,
    plan: &Plan,
    forecast: &Forecast,
    request: &Request<'_>,
    before: Option<&ExperimentFile>,
) -> ExperimentFile {
    let experiment = &plan.experiment;
    let budgets = plan.all_runs.iter().map(|run| run.budget.real_steps);
    ExperimentFile {
        name: experiment.name.clone(),
        question: experiment.question.clone(),
        spec_path: plan.spec_path.display().to_string(),
        spec_from_results: way(results, &plan.spec_path),
        command: request.command.to_owned(),
        changes: request.changes.to_vec(),
        budget_real_steps: budgets.max().unwrap_or(0),
        hypotheses: experiment.hypotheses.clone(),
        published: experiment.published.clone(),
        figures: experiment.figures.clone(),
        includes: experiment.includes.clone(),
        runs: references(plan, forecast, before),
    }
}

fn references(
    plan: &Plan,
    forecast: &Forecast,
    before: Option<&ExperimentFile>,
) -> Vec<RunReference> {
    let sizes: Vec<Option<NetworkSize>> = forecast.variants.iter().map(networks).collect();
    let mut anchors = KnownAnchors::of_file(before);
    let mut reference = |run: &ResolvedRun| RunReference {
        id: run.id.clone(),
        settings_hash: run.settings_hash(),
        environment: run.environment.name.clone(),
        agent: run.agent.name().to_owned(),
        seed: run.seed,
        axes: plan.axes.get(&run.id).cloned().unwrap_or_default(),
        networks: forecast.variant_of(run).and_then(|variant| sizes[variant]),
        changes: run.changes(),
        anchors: anchors.of(run),
        examinations: plan
            .examinations_of(run)
            .iter()
            .map(|it| it.reference(run, anchors.of_examination(run, it)))
            .collect(),
    };
    plan.all_runs.iter().map(&mut reference).collect()
}

fn networks(Variant { summary, .. }: &Variant) -> Option<NetworkSize> {
    (summary.parameters > 0).then(|| NetworkSize {
        parameters: summary.parameters,
        imagined_step_flops: summary.imagined_step_flops(),
    })
}
