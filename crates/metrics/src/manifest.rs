//! `manifest.json` of a run: its state, and what a reader must know to trust or repeat it.
//!
//! `experiments` writes it; it stands here so that `analysis`, which does not know `experiments`, can read it.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

/// A running run whose heartbeat is older than this is taken for dead, in seconds.
pub const STALE_AFTER_SECONDS: u64 = 60;

/// How far a run has come.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum State {
    /// Claimed, not begun.
    Pending,
    /// Training now (or dead, if its heartbeat is old: [`Manifest::is_stale`]).
    Running,
    /// Stopped by the person or the machine before its end; may be taken up again.
    Interrupted,
    /// Finished: its records are complete.
    Done,
    /// Ended by an error; `exit_reason` says which.
    Failed,
}

impl State {
    /// The name used in files and tables.
    pub fn name(self) -> &'static str {
        match self {
            State::Pending => "pending",
            State::Running => "running",
            State::Interrupted => "interrupted",
            State::Done => "done",
            State::Failed => "failed",
        }
    }
}

/// The contents of `manifest.json`. Times are whole seconds since 1970-01-01 UTC.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Manifest {
    /// How far the run has come.
    pub state: State,
    /// The run's id, which is also its folder's name.
    pub run_id: String,
    /// The experiment that first asked for the run.
    pub experiment: String,
    /// The environment's name.
    pub environment: String,
    /// The agent's label in the spec.
    pub agent: String,
    /// The preset the agent started from.
    pub preset: String,
    /// The run's seed.
    pub seed: u64,
    /// Real steps taken so far.
    pub real_steps: u64,
    /// Real steps of the whole budget.
    pub total_real_steps: u64,
    /// Versions of what computed the result: `zerolab`, `algorithm`, …
    #[serde(default)]
    pub versions: BTreeMap<String, String>,
    /// The git revision of the source, where known.
    #[serde(default)]
    pub git_revision: Option<String>,
    /// Whether the source differed from that revision.
    #[serde(default)]
    pub git_dirty: bool,
    /// The machine's name.
    #[serde(default)]
    pub host: String,
    /// The process on that machine.
    #[serde(default)]
    pub process_id: u32,
    /// What computed: `cpu`, `cuda:0`.
    #[serde(default)]
    pub device: String,
    /// When the run began.
    #[serde(default)]
    pub started_unix_seconds: u64,
    /// When it ended, in whatever way.
    #[serde(default)]
    pub finished_unix_seconds: Option<u64>,
    /// When the run last said that it is alive.
    #[serde(default)]
    pub heartbeat_unix_seconds: u64,
    /// Why the run failed or was interrupted.
    #[serde(default)]
    pub exit_reason: Option<String>,
}

impl Manifest {
    /// Whether the run claims to be running but has given no heartbeat for [`STALE_AFTER_SECONDS`].
    pub fn is_stale(&self, now_unix_seconds: u64) -> bool {
        self.state == State::Running
            && now_unix_seconds.saturating_sub(self.heartbeat_unix_seconds) > STALE_AFTER_SECONDS
    }
}
