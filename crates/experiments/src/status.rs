//! How far the runs of a plan have come, read from their folders.

use std::path::Path;

use serde::Serialize;
use zerolab_metrics::{Manifest, State};

use crate::claim;
use crate::plan::Plan;
use crate::provenance::now_unix_seconds;
use crate::resolved::ResolvedRun;
use crate::run_folder::RunFolder;

/// How far one run has come.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct RunStatus {
    /// The run's id.
    pub id: String,
    /// The environment's name.
    pub environment: String,
    /// The agent's label.
    pub agent: String,
    /// The seed.
    pub seed: u64,
    /// `pending`, `running`, `stale`, `interrupted`, `done` or `failed`.
    pub state: &'static str,
    /// Real steps taken.
    pub real_steps: u64,
    /// Real steps of the budget.
    pub total_real_steps: u64,
    /// Seconds from its start to its end, or to now.
    pub elapsed_seconds: u64,
    /// Seconds left at the speed so far, for a run that is running.
    pub left_seconds: Option<u64>,
    /// Why it failed or was interrupted, or what is wrong with its files.
    pub reason: Option<String>,
}

/// The status of every run of the plan, in the plan's order. A run with a damaged manifest is shown as
/// failed.
pub fn status(results: &Path, plan: &Plan) -> Vec<RunStatus> {
    let now = now_unix_seconds();
    let of_run = |run: &ResolvedRun| match RunFolder::new(results, &run.id).manifest() {
        Ok(Some(manifest)) => begun(run, manifest, now),
        Ok(None) => RunStatus { state: State::Pending.name(), ..unknown(run) },
        Err(error) => RunStatus {
            state: State::Failed.name(),
            reason: Some(error.to_string()),
            ..unknown(run)
        },
    };
    plan.runs.iter().map(of_run).collect()
}

fn begun(run: &ResolvedRun, manifest: Manifest, now: u64) -> RunStatus {
    let dead = claim::is_dead(&manifest);
    let end = match manifest.state {
        State::Running if dead => manifest.heartbeat_unix_seconds,
        _ => manifest.finished_unix_seconds.unwrap_or(now),
    };
    let elapsed_seconds = end.saturating_sub(manifest.started_unix_seconds);
    let running = manifest.state == State::Running && !dead;
    let left = run.budget.real_steps.saturating_sub(manifest.real_steps);
    RunStatus {
        state: if dead { "stale" } else { manifest.state.name() },
        real_steps: manifest.real_steps,
        elapsed_seconds,
        left_seconds: (running && manifest.real_steps > 0)
            .then(|| (elapsed_seconds as f64 * left as f64 / manifest.real_steps as f64) as u64),
        reason: manifest.exit_reason,
        ..unknown(run)
    }
}

fn unknown(run: &ResolvedRun) -> RunStatus {
    RunStatus {
        id: run.id.clone(),
        environment: run.environment.name.clone(),
        agent: run.agent.label.clone(),
        seed: run.seed,
        state: State::Pending.name(),
        real_steps: 0,
        total_real_steps: run.budget.real_steps,
        elapsed_seconds: 0,
        left_seconds: None,
        reason: None,
    }
}
