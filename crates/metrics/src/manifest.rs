//! `manifest.json` of a run: its state, and what a reader must know to trust or repeat it.
//!
//! `experiments` writes it; it stands here so that `analysis`, which does not know `experiments`, can read it.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use crate::seal::{FileSeal, SealError, from_sealed_json, to_sealed_json};

/// A running run whose heartbeat is older than this is taken for dead, in seconds.
pub const STALE_AFTER_SECONDS: u64 = 60;

/// How far a run has come.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum State {
    /// Training now (or dead, if its heartbeat is old: [`Manifest::is_stale`]).
    Running,
    /// Stopped by the person or the machine before its end, with a checkpoint to go on from.
    Saved,
    /// Finished: its records are complete.
    Done,
    /// Ended by an error; `exit_reason` says which.
    Failed,
}

impl State {
    /// The name used in files and tables.
    pub fn name(self) -> &'static str {
        match self {
            State::Running => "running",
            State::Saved => "saved",
            State::Done => "done",
            State::Failed => "failed",
        }
    }
}

/// In which way an attempt at a run failed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum FailureKind {
    /// With an error.
    Error,
    /// With a panic.
    Panic,
    /// The machine refused something: a file could not be written, a device not be had.
    Machine,
    /// Its process ended by itself without a word, by a signal such as SIGABRT or SIGSEGV.
    Crash,
    /// Somebody ended its process with SIGKILL or SIGTERM.
    Killed,
    /// The system ended its process, because memory ran out.
    OutOfMemory,
}

/// An attempt at a run that failed.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct FailedAttempt {
    /// In which way.
    pub kind: FailureKind,
    /// Real steps of the run when it failed; of a process that died, those that it last told of.
    pub real_steps: u64,
    /// Real steps of the checkpoint that the attempt began with; 0 where there was none.
    pub resumed_from: u64,
    /// What it said.
    pub reason: String,
}

/// What a run was computed with and how it was called for.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Provenance {
    /// Versions of what computed the result: `zerolab`, `algorithm`, `environment`, `preset NAME`.
    pub versions: BTreeMap<String, String>,
    /// What was built in beyond the least: `cuda`.
    pub features: Vec<String>,
    /// The git revision of the source that the program was built from, where known.
    pub git_revision: Option<String>,
    /// Whether that source differed from the revision; `uncommitted.patch` beside the manifest says how.
    pub git_dirty: bool,
    /// The command that asked for the run.
    pub command: String,
    /// The machine's name.
    pub host: String,
    /// The model of its processor.
    pub processor: String,
    /// The model of the GPU that computed, where one did.
    pub gpu: Option<String>,
    /// What computed: `cpu`, `cuda:0`.
    pub device: String,
}

/// The contents of `manifest.json`. Times are whole seconds since 1970-01-01 UTC.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
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
    /// Which attempt at the run this is, from 1.
    #[serde(default)]
    pub attempt: u32,
    /// Real steps of the checkpoint that this attempt began with; 0 where there was none.
    #[serde(default)]
    pub resumed_from: u64,
    /// What computes it.
    #[serde(default)]
    pub provenance: Provenance,
    /// The process that trains it, on the host of `provenance`.
    #[serde(default)]
    pub process_id: u32,
    /// When the first attempt began.
    #[serde(default)]
    pub started_unix_seconds: u64,
    /// When this attempt began.
    #[serde(default)]
    pub attempt_started_unix_seconds: u64,
    /// How long it has been trained, over all attempts that it rests on.
    #[serde(default)]
    pub trained_seconds: f64,
    /// When it ended, in whatever way.
    #[serde(default)]
    pub finished_unix_seconds: Option<u64>,
    /// When the run last said that it is alive.
    #[serde(default)]
    pub heartbeat_unix_seconds: u64,
    /// Why the run failed or stopped before its end.
    #[serde(default)]
    pub exit_reason: Option<String>,
    /// The attempts that failed, since the run was last begun anew.
    #[serde(default)]
    pub failures: Vec<FailedAttempt>,
    /// `records.jsonl` of a finished run.
    #[serde(default)]
    pub records: Option<FileSeal>,
}

impl Manifest {
    /// The text of `manifest.json`, sealed.
    ///
    /// # Errors
    /// If it cannot be written as JSON.
    pub fn to_json(&self) -> serde_json::Result<String> {
        to_sealed_json(self)
    }

    /// Reads the text of a `manifest.json`.
    ///
    /// # Errors
    /// If it was changed after it was written, or is of another version.
    pub fn from_json(text: &[u8]) -> Result<Self, SealError> {
        from_sealed_json(text)
    }

    /// Whether the run claims to be running but has given no heartbeat for [`STALE_AFTER_SECONDS`].
    pub fn is_stale(&self, now_unix_seconds: u64) -> bool {
        self.state == State::Running
            && now_unix_seconds.saturating_sub(self.heartbeat_unix_seconds) > STALE_AFTER_SECONDS
    }
}
