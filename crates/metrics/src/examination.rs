//! A file in `results/examinations/<run>/`: what an examination measured of the agent of a finished run.
//!
//! The crate `experiments` writes it. It depends on the run, the examination and the version of the program alone: it
//! has no times, so it is the same however often the examination was interrupted.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use crate::checksum::{
    ChecksumError, FileChecksum, from_json_with_checksum, to_json_with_checksum,
};
use crate::episodes::Episodes;
use crate::experiment::Anchors;
use crate::labels::{Axes, examination_label};
use crate::measure::Measure;

/// The contents of the file.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Examination {
    /// The run's id.
    pub run_id: String,
    /// The hash of all settings of the run.
    pub settings_hash: String,
    /// The environment's name.
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
    /// In how many steps of each episode each event happened, by the event's name.
    pub events: BTreeMap<String, Vec<u32>>,
    /// What was measured beside the episodes, by the names of measures such as `values.gap`.
    pub measures: BTreeMap<String, f64>,
}

/// An examination of a run, as `experiment.json` names it.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct ExaminationReference {
    /// The name of the examination in the spec.
    pub name: String,
    /// The values of its axes that apply to the run, by key.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub axes: Axes,
    /// The name of the file in `results/examinations/<run>/`.
    pub file: String,
    /// What exactly known policies reach in its environment; `None` without an exact solution.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub anchors: Option<Anchors>,
}

impl ExaminationReference {
    /// Its name, and the values of its axes.
    pub fn label(&self) -> String {
        examination_label(&self.name, &self.axes)
    }
}

impl Examination {
    /// Its episodes; empty ones if none were played.
    pub fn episodes(&self) -> Episodes<'_> {
        let Self { returns, performances, lengths, events, .. } = self;
        Episodes { returns, performances, lengths, events }
    }

    /// The number with this name: a measure of its episodes, in an environment with these anchors, or one beside them.
    /// `None` where it is not defined.
    pub fn measured(&self, name: &str, anchors: Option<&Anchors>) -> Option<f64> {
        match Measure::from_name(name) {
            Some(measure) => measure.of(&self.episodes(), anchors),
            None => self.measures.get(name).copied(),
        }
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
