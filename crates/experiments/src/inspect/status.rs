//! The progress of a plan's runs, read from their folders.

use std::path::Path;

use rayon::prelude::*;
use serde::Serialize;
use zerolab_metrics::labels::short_settings;
use zerolab_metrics::{Manifest, RunState};

use crate::examine::is_done;
use crate::plan::Plan;
use crate::plan::resolved::ResolvedRun;
use crate::run::claim;
use crate::run::folder::RunFolder;
use crate::run::provenance::now_unix_seconds;
use crate::run::retry;

/// The progress of one run.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct RunStatus {
    /// The run's id.
    pub id: String,
    /// The environment's label.
    pub environment: String,
    /// The agent's label.
    pub agent: String,
    /// The swept settings in short form, such as `lr=1e-3 sims=16`.
    pub settings: String,
    /// The seed.
    pub seed: u64,
    /// `pending`, `running`, `stale`, `saved`, `done`, `failed` or `unreadable`; on a cluster also `queued`, or `unknown` if
    /// its scheduler does not answer.
    pub state: &'static str,
    /// Real steps taken.
    pub real_steps: u64,
    /// Real steps of the budget.
    pub total_real_steps: u64,
    /// Seconds of training so far.
    pub trained_seconds: u64,
    /// Estimated seconds left, if it is running.
    pub left_seconds: Option<u64>,
    /// Why it failed, or what is wrong with its files.
    pub reason: Option<String>,
    /// How many of its examinations are done.
    pub examined: usize,
    /// How many examinations it has.
    pub examinations: usize,
}

/// The status of every run, in the order of the plan. It reads the records of finished runs too, so that a
/// damaged one does not count as finished.
pub fn status(results: &Path, plan: &Plan) -> Vec<RunStatus> {
    let now = now_unix_seconds();
    let of_run = |run: &ResolvedRun| match RunFolder::new(results, &run.id).verified_manifest(run) {
        Ok(Some(manifest)) => begun(run, manifest, now),
        Ok(None) => unknown(run),
        Err(error) => {
            RunStatus { state: "unreadable", reason: Some(error.to_string()), ..unknown(run) }
        }
    };
    let named = |run: &ResolvedRun| RunStatus {
        environment: plan.environment_label(run),
        settings: plan.axes.get(&run.id).map(short_settings).unwrap_or_default(),
        examined: examined(results, plan, run),
        examinations: plan.distinct_examinations_of(run).count(),
        ..of_run(run)
    };
    plan.runs.par_iter().map(named).collect()
}

fn begun(run: &ResolvedRun, manifest: Manifest, now: u64) -> RunStatus {
    let dead = claim::is_dead(&manifest);
    let running = manifest.state == RunState::Running && !dead;
    let left = run.budget.real_steps.saturating_sub(manifest.real_steps);
    // Only the speed of this attempt counts: an earlier one may have run on another machine.
    let seconds = now.saturating_sub(manifest.attempt_started_unix_seconds);
    let steps = manifest.real_steps.saturating_sub(manifest.resumed_from);
    let reason = match retry::reason_to_give_up(&manifest) {
        Some(reason) => Some(reason),
        None if dead => Some("no sign of life; the next `zerolab run` takes it over".to_owned()),
        None => manifest.exit_reason,
    };
    RunStatus {
        state: if dead { "stale" } else { manifest.state.name() },
        real_steps: manifest.real_steps,
        trained_seconds: manifest.trained_seconds.round() as u64,
        left_seconds: (running && steps > 0)
            .then(|| (seconds as f64 * left as f64 / steps as f64) as u64),
        reason,
        ..unknown(run)
    }
}

fn unknown(run: &ResolvedRun) -> RunStatus {
    RunStatus {
        id: run.id.clone(),
        environment: run.environment.name.clone(),
        agent: run.agent.label.clone(),
        settings: String::new(),
        seed: run.seed,
        state: "pending",
        real_steps: 0,
        total_real_steps: run.budget.real_steps,
        trained_seconds: 0,
        left_seconds: None,
        reason: None,
        examined: 0,
        examinations: 0,
    }
}

/// How many examinations of a run are done.
fn examined(results: &Path, plan: &Plan, run: &ResolvedRun) -> usize {
    plan.distinct_examinations_of(run).filter(|planned| is_done(results, run, planned)).count()
}
