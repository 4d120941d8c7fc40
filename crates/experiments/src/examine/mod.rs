//! Measures the agents of finished runs again: the examinations of a spec.
//!
//! A file of an examination depends on the run, the examination and the version of the program alone.

mod optimum;
mod plans;
mod positions;
mod retrieval;
#[cfg(test)]
mod tests;
mod values;

use std::collections::BTreeMap;
use std::fs;
use std::io;
use std::path::{Path, PathBuf};

use zerolab_agents::Device;
use zerolab_metrics::Examination;
use zerolab_metrics::files::write_whole;

use crate::error::RunError;
use crate::plan::examination::{ExaminedPart, PlannedExamination};
use crate::plan::resolved::ResolvedRun;
use crate::run::folder::RunFolder;
use crate::run::trained_agent::{TrainedAgent, TrainedAgentError};
use crate::training::evaluation::{BestActions, PlayedEpisodes, play_episodes};
use optimum::Optimum;
use values::DecisionLog;

/// The names of the measures of `values`, behind `values.`.
pub(crate) const VALUES: [&str; 9] =
    ["value", "return", "gap", "best", "excess", "delusion", "at_start", "best_at_start", "line"];

/// The names of the measures of a plan, behind `plans.PLAN.`.
pub(crate) const PLANS: [&str; 8] = [
    "predicted",
    "best",
    "preferred",
    "rewards",
    "true_rewards",
    "last_reward",
    "true_last_reward",
    "retrieved",
];

/// The names of the measures of positions, behind `positions.TAG.`; the last two are followed by an event.
pub(crate) const POSITIONS: [&str; 9] = [
    "optimal",
    "loss",
    "value",
    "best",
    "excess",
    "delusion",
    "retrieved",
    "reward_at",
    "true_reward_at",
];

/// Where the file of an examination is.
#[must_use]
pub fn path(results: &Path, run: &ResolvedRun, planned: &PlannedExamination) -> PathBuf {
    results.join("examinations").join(&run.id).join(planned.file_name(run))
}

/// Whether the file of an examination is there, whole and of this run.
#[must_use]
pub fn is_done(results: &Path, run: &ResolvedRun, planned: &PlannedExamination) -> bool {
    let text = fs::read(path(results, run, planned)).ok();
    let found = text.and_then(|text| Examination::from_json(&text).ok());
    found.is_some_and(|found| found.settings_hash == run.settings_hash())
}

/// Examines the agent of a finished run and writes the file. Returns whether it did: it writes nothing if `stop` returned
/// true.
///
/// # Errors
/// As [`TrainedAgent::open`], if the agent fails, or if the file cannot be written.
pub fn examine(
    results: &Path,
    run: &ResolvedRun,
    planned: &PlannedExamination,
    stop: &(dyn Fn() -> bool + Sync),
) -> Result<bool, TrainedAgentError> {
    let folder = RunFolder::new(results, &run.id);
    let device = Device::open(run.device).map_err(RunError::Device)?;
    let mut trained = TrainedAgent::open(folder.path(), planned.weights, &planned.set, &device)?;
    let Some(measured) = measure(&mut trained, planned, stop)? else { return Ok(false) };
    let path = path(results, run, planned);
    let unwritten = |source| RunError::Results { path: path.clone(), source };
    let json = contents(trained, planned, measured).to_json().map_err(io::Error::from);
    path.parent()
        .map_or(Ok(()), fs::create_dir_all)
        .and(json)
        .and_then(|json| write_whole(&path, json.as_bytes()))
        .map_err(unwritten)?;
    Ok(true)
}

/// The episodes, and the measures beside them.
type Measured = (PlayedEpisodes, BTreeMap<String, f64>);

fn measure(
    trained: &mut TrainedAgent,
    planned: &PlannedExamination,
    stop: &(dyn Fn() -> bool + Sync),
) -> Result<Option<Measured>, RunError> {
    let TrainedAgent { run, agent, real_steps, .. } = trained;
    let asked = (planned.episodes, planned.seed, *real_steps);
    let beside_play = [ExaminedPart::Values, ExaminedPart::Plans, ExaminedPart::Positions];
    // Solving a world can take seconds.
    let optimum = match beside_play.iter().any(|part| planned.has(*part)) {
        true => Optimum::of(run)?,
        false => Optimum::unknown(),
    };
    let mut measures = BTreeMap::new();
    let mut episodes = PlayedEpisodes::default();
    let agent = &mut **agent;
    if planned.has(ExaminedPart::Values) {
        let mut log = DecisionLog::new(run, &optimum);
        let Some(played) = play_episodes(run, agent, asked, &mut log, stop)? else {
            return Ok(None);
        };
        measures.extend(log.measures(&played.returns));
        episodes = played;
    } else if planned.has(ExaminedPart::Play) {
        let Some(played) = play_episodes(run, agent, asked, &mut BestActions(run), stop)? else {
            return Ok(None);
        };
        episodes = played;
    }
    if planned.has(ExaminedPart::Plans) {
        measures.extend(plans::measures(run, agent, asked, &optimum)?);
    }
    if planned.has(ExaminedPart::Positions) {
        measures.extend(positions::measures(run, agent, &optimum)?);
    }
    measures.retain(|_, value| value.is_finite());
    Ok(Some((episodes, measures)).filter(|_| !stop()))
}

fn contents(
    TrainedAgent { run, manifest, real_steps, weights, .. }: TrainedAgent,
    planned: &PlannedExamination,
    (episodes, measures): Measured,
) -> Examination {
    Examination {
        run_id: manifest.run_id,
        settings_hash: manifest.settings_hash,
        environment: run.environment.name,
        agent: run.agent.label,
        run_seed: run.seed,
        real_steps,
        weights,
        set: planned.set.clone(),
        seed: planned.seed,
        returns: episodes.returns,
        performances: episodes.performances,
        lengths: episodes.lengths,
        events: episodes.events,
        measures,
    }
}

/// The mean; NaN, which no measure keeps, of nothing.
fn mean(numbers: impl IntoIterator<Item = f64>) -> f64 {
    let (mut sum, mut count) = (0.0, 0_u32);
    for number in numbers {
        sum += number;
        count += 1;
    }
    sum / f64::from(count)
}

/// The share for which it is true; NaN of nothing.
fn share(truths: impl IntoIterator<Item = bool>) -> f64 {
    mean(truths.into_iter().map(f64::from))
}
