//! A file in `results/evaluations/<run>/`: episodes that the agent of a finished run played after its training.
//!
//! The crate `experiments` writes it. The run itself is not changed.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use crate::checksum::{
    ChecksumError, FileChecksum, from_json_with_checksum, to_json_with_checksum,
};
use crate::episodes::Episodes;
use crate::manifest::Provenance;

/// The contents of the file.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct LaterEvaluation {
    /// The run's id.
    pub run_id: String,
    /// The hash of all settings of the run; empty if its manifest has none.
    pub settings_hash: String,
    /// The environment's name, as it was played.
    pub environment: String,
    /// The agent's label in the spec.
    pub agent: String,
    /// The run's seed.
    pub run_seed: u64,
    /// The real steps that the agent was trained for when it had these weights.
    pub real_steps: u64,
    /// The checksum of the file of weights; `None` if the agent has no weights.
    pub weights: Option<FileChecksum>,
    /// The settings that differ from those of the training, as `KEY=VALUE`.
    pub set: Vec<String>,
    /// The seed of the episodes; `None` for the episodes of the run's own evaluations.
    pub seed: Option<u64>,
    /// The return of each episode (observed rewards).
    pub returns: Vec<f64>,
    /// The performance of each episode (true rewards).
    pub performances: Vec<f64>,
    /// The length of each episode, in real steps.
    pub lengths: Vec<u32>,
    /// In how many steps of each episode each event of the environment happened, by the event's name.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub events: BTreeMap<String, Vec<u32>>,
    /// Seconds that the episodes took.
    pub wall_seconds: f64,
    /// When they were finished: seconds since 1970-01-01 UTC.
    pub finished_unix_seconds: u64,
    /// The program, the command and the machine that played them.
    pub provenance: Provenance,
}

impl LaterEvaluation {
    /// Its episodes.
    pub fn episodes(&self) -> Episodes<'_> {
        let Self { returns, performances, lengths, events, .. } = self;
        Episodes { returns, performances, lengths, events }
    }

    /// The text of the file, with its checksum.
    ///
    /// # Errors
    /// If it cannot be written as JSON.
    pub fn to_json(&self) -> serde_json::Result<String> {
        to_json_with_checksum(self)
    }

    /// Reads the text of such a file.
    ///
    /// # Errors
    /// If it has changed since it was written, or is of another version.
    pub fn from_json(text: &[u8]) -> Result<Self, ChecksumError> {
        from_json_with_checksum(text)
    }
}
