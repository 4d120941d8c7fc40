//! `manifest.json` of a run: its state, and what a reader must know to trust or repeat it.
//!
//! The crate `experiments` writes it and the crate `analysis` reads it. Neither depends on the other.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use crate::checksum::{
    ChecksumError, FileChecksum, from_json_with_checksum, to_json_with_checksum,
};

/// A running run with a heartbeat older than this, in seconds, counts as dead.
pub const STALE_AFTER_SECONDS: u64 = 60;

/// The state of a run.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum RunState {
    /// Training now, or dead if its heartbeat is old ([`Manifest::is_stale`]).
    Running,
    /// Stopped before its end by the user or the machine, with a checkpoint to resume from.
    Saved,
    /// Finished: its records are complete.
    Done,
    /// Ended by an error, which is in `exit_reason`.
    Failed,
}

impl RunState {
    /// The name in files and tables.
    pub fn name(self) -> &'static str {
        match self {
            RunState::Running => "running",
            RunState::Saved => "saved",
            RunState::Done => "done",
            RunState::Failed => "failed",
        }
    }
}

/// How an attempt at a run failed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum FailureKind {
    /// The run returned an error.
    Error,
    /// The run panicked.
    Panic,
    /// The machine failed: a file could not be written, or a device was not available.
    Machine,
    /// The process ended without a message, by a signal such as SIGABRT or SIGSEGV.
    Crash,
    /// The process was ended by SIGKILL or SIGTERM.
    Killed,
    /// The system ended the process because memory ran out.
    OutOfMemory,
}

/// An attempt at a run that failed.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct FailedAttempt {
    /// How it failed.
    pub kind: FailureKind,
    /// Real steps of the run when it failed; if the process died, those that it last reported.
    pub real_steps: u64,
    /// Real steps of the checkpoint that the attempt began with; 0 if there was none.
    pub resumed_from: u64,
    /// The error message.
    pub reason: String,
}

/// The program, the command and the machine of a run.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Provenance {
    /// Versions of what decides the result: `zerolab`, `algorithm`, `environment`, `preset NAME`, and `program NAME` of a
    /// program that is built on ZeroLab.
    pub versions: BTreeMap<String, String>,
    /// Optional features of the build: `cuda`.
    pub features: Vec<String>,
    /// The git revision of ZeroLab's source that the program was built from, if known.
    pub git_revision: Option<String>,
    /// Whether that source differed from the revision; `uncommitted.patch` beside the manifest has the
    /// difference.
    pub git_dirty: bool,
    /// The command that started the run.
    pub command: String,
    /// The host name of the machine.
    pub host: String,
    /// The model of the processor.
    pub processor: String,
    /// The model of the GPU, if one was used.
    pub gpu: Option<String>,
    /// The device of the networks: `cpu`, `cuda:0`.
    pub device: String,
    /// The job of a cluster that trains the run, such as `123_4` of Slurm.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub job: Option<String>,
    /// How often that job was queued again before.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub job_restarts: Option<u32>,
}

/// The contents of `manifest.json`. Times are whole seconds since 1970-01-01 UTC.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Manifest {
    /// The state of the run.
    pub state: RunState,
    /// The run's id, which is also its folder's name.
    pub run_id: String,
    /// The hash of all that can change its result, in hexadecimal digits; empty in manifests of older
    /// versions. The run's id has only its first digits.
    #[serde(default)]
    pub settings_hash: String,
    /// The experiment that first started the run.
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
    /// The number of this attempt, from 1.
    #[serde(default)]
    pub attempt: u32,
    /// Real steps of the checkpoint that this attempt began with; 0 if there was none.
    #[serde(default)]
    pub resumed_from: u64,
    /// The real steps at which the run was resumed, but not exactly: some environments began new episodes, because they did
    /// not come to their saved state again.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub inexact_resumes: Vec<u64>,
    /// The program, the command and the machine.
    #[serde(default)]
    pub provenance: Provenance,
    /// The id of the process that trains the run, on the host of `provenance`.
    #[serde(default)]
    pub process_id: u32,
    /// Where `process_id` counts: the boot of the machine and the namespace of process ids; empty if unknown.
    #[serde(default)]
    pub process_namespace: String,
    /// When the first attempt began.
    #[serde(default)]
    pub started_unix_seconds: u64,
    /// When this attempt began.
    #[serde(default)]
    pub attempt_started_unix_seconds: u64,
    /// Seconds of training, over all attempts that led to the current state.
    #[serde(default)]
    pub trained_seconds: f64,
    /// When this attempt ended, for any reason.
    #[serde(default)]
    pub finished_unix_seconds: Option<u64>,
    /// The time of the last heartbeat.
    #[serde(default)]
    pub heartbeat_unix_seconds: u64,
    /// Why the run failed or stopped before its end.
    #[serde(default)]
    pub exit_reason: Option<String>,
    /// The failed attempts since the run was last started from the beginning.
    #[serde(default)]
    pub failures: Vec<FailedAttempt>,
    /// The checksum of `records.jsonl`, for a finished run.
    #[serde(default)]
    pub records: Option<FileChecksum>,
}

impl Manifest {
    /// The text of `manifest.json`, with its checksum.
    ///
    /// # Errors
    /// If it cannot be written as JSON.
    pub fn to_json(&self) -> serde_json::Result<String> {
        to_json_with_checksum(self)
    }

    /// Reads the text of a `manifest.json`.
    ///
    /// # Errors
    /// If it has changed since it was written, or is of another version.
    pub fn from_json(text: &[u8]) -> Result<Self, ChecksumError> {
        from_json_with_checksum(text)
    }

    /// Whether the state is running but the last heartbeat is more than [`STALE_AFTER_SECONDS`] old.
    pub fn is_stale(&self, now_unix_seconds: u64) -> bool {
        self.state == RunState::Running
            && now_unix_seconds.saturating_sub(self.heartbeat_unix_seconds) > STALE_AFTER_SECONDS
    }
}
