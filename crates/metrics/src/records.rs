//! The lines of `records.jsonl`, and how they are read.
//!
//! One JSON object a line, `kind` = episode | evaluation | learning | cost; all carry `real_steps` and
//! `updates`. Times end in `_seconds`, memory in `_bytes`. Counters are totals since the run began.

use std::collections::BTreeMap;
use std::fs;
use std::io;
use std::path::{Path, PathBuf};

use serde::{Deserialize, Serialize};

use crate::account::{Phase, PhaseCost};
use crate::seal::FileSeal;

/// One line of `records.jsonl`.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "kebab-case")]
pub enum Record {
    /// A training episode ended.
    Episode(Episode),
    /// The agent was evaluated.
    Evaluation(Evaluation),
    /// What the losses were lately.
    Learning(Learning),
    /// What has been spent so far.
    Cost(Cost),
}

/// A training episode that ended in one of the lanes. In a game of two players the agent plays both, and the sums are
/// those of the first: what the second gains counts negatively.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Episode {
    /// Real steps of the run so far, over all lanes.
    pub real_steps: u64,
    /// Gradient steps so far.
    pub updates: u64,
    /// The lane that played it.
    pub lane: u32,
    /// The sum of the observed rewards.
    pub r#return: f64,
    /// The sum of the true rewards.
    pub performance: f64,
    /// Its length in real steps.
    pub length: u32,
    /// Whether a time limit cut it off.
    pub truncated: bool,
    /// Seconds since the run began.
    pub wall_seconds: f64,
}

/// Evaluation episodes, all played at one point of the training. In a game of two players the agent plays against the
/// environment's opponent, moving first in every other episode from the first one on, and the sums are the agent's:
/// what the opponent gains counts negatively. Lengths count the moves of both.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Evaluation {
    /// Real steps of training so far; those of the evaluation are not among them.
    pub real_steps: u64,
    /// Gradient steps so far.
    pub updates: u64,
    /// The return of each episode (observed rewards).
    pub returns: Vec<f64>,
    /// The performance of each episode (true rewards).
    pub performances: Vec<f64>,
    /// The length of each episode, in real steps.
    pub lengths: Vec<u32>,
    /// Seconds since the run began.
    pub wall_seconds: f64,
}

/// The mean of each loss since the last record of this kind.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Learning {
    /// Real steps so far.
    pub real_steps: u64,
    /// Gradient steps so far.
    pub updates: u64,
    /// Mean loss by name. A loss that is not a number is `null` in the file.
    #[serde(deserialize_with = "null_as_nan")]
    pub losses: BTreeMap<String, f64>,
    /// Seconds since the run began.
    pub wall_seconds: f64,
}

/// The cost account at one point of the run.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Cost {
    /// Real steps so far.
    pub real_steps: u64,
    /// Gradient steps so far.
    pub updates: u64,
    /// What each phase spent since the run began.
    pub phases: BTreeMap<Phase, PhaseCost>,
    /// Simple operations that the training environments cost so far (real steps × operations a step).
    pub environment_operations: u64,
    /// The most memory held so far, in bytes; 0 if unknown.
    pub peak_memory_bytes: u64,
    /// The time that processors spent on the run so far, over all of its threads; 0 if unknown.
    #[serde(default)]
    pub processor_seconds: f64,
    /// Seconds since the run began.
    pub wall_seconds: f64,
}

impl Record {
    /// Real steps of the run when the record was written.
    pub fn real_steps(&self) -> u64 {
        match self {
            Record::Episode(episode) => episode.real_steps,
            Record::Evaluation(evaluation) => evaluation.real_steps,
            Record::Learning(learning) => learning.real_steps,
            Record::Cost(cost) => cost.real_steps,
        }
    }

    /// The record with times and memory zeroed: what two runs of one configuration share.
    pub fn without_clock(&self) -> Record {
        let mut record = self.clone();
        match &mut record {
            Record::Episode(episode) => episode.wall_seconds = 0.0,
            Record::Evaluation(evaluation) => evaluation.wall_seconds = 0.0,
            Record::Learning(learning) => learning.wall_seconds = 0.0,
            Record::Cost(cost) => {
                cost.wall_seconds = 0.0;
                cost.peak_memory_bytes = 0;
                cost.processor_seconds = 0.0;
                for phase in cost.phases.values_mut() {
                    phase.wall_seconds = 0.0;
                }
            }
        }
        record
    }
}

/// Why records cannot be read.
#[derive(Debug, thiserror::Error)]
pub enum RecordsError {
    /// The file cannot be opened or read.
    #[error("cannot read {}: {source}", path.display())]
    Read {
        /// The file.
        path: PathBuf,
        /// What the system said.
        source: io::Error,
    },
    /// The file is not what it was when the run was finished.
    #[error("{} was changed or cut short after the run was finished: train the run again with --fresh", path.display())]
    Changed {
        /// The file.
        path: PathBuf,
    },
    /// A line other than a torn last one is not a record.
    #[error("{}:{line}: not a record: {source}; mend or delete the line, or train the run again with --fresh", path.display())]
    Line {
        /// The file.
        path: PathBuf,
        /// The line, from 1.
        line: usize,
        /// What is wrong with it.
        source: serde_json::Error,
    },
}

/// Reads every record of a run, in order. Of a finished run the manifest holds the `seal`.
///
/// A last line without its newline was torn by a kill while it was written, and is dropped. Any other
/// line that is not a record is an error with the file and the line number.
///
/// # Errors
/// If the file cannot be read, does not fit its seal, or a line is no record.
pub fn read_records(path: &Path, seal: Option<&FileSeal>) -> Result<Vec<Record>, RecordsError> {
    let bytes =
        fs::read(path).map_err(|source| RecordsError::Read { path: path.to_owned(), source })?;
    if seal.is_some_and(|seal| FileSeal::of(&bytes) != *seal) {
        return Err(RecordsError::Changed { path: path.to_owned() });
    }
    let whole =
        bytes.iter().rposition(|&byte| byte == b'\n').map_or(0, |last_newline| last_newline + 1);
    let lines = bytes[..whole].split(|&byte| byte == b'\n').enumerate();
    lines
        .filter(|(_, line)| !line.trim_ascii().is_empty())
        .map(|(index, line)| {
            serde_json::from_slice(line).map_err(|source| RecordsError::Line {
                path: path.to_owned(),
                line: index + 1,
                source,
            })
        })
        .collect()
}

/// JSON has no NaN: `serde_json` writes it as `null`, and a diverged run must stay readable.
fn null_as_nan<'de, D: serde::Deserializer<'de>>(
    deserializer: D,
) -> Result<BTreeMap<String, f64>, D::Error> {
    let losses = BTreeMap::<String, Option<f64>>::deserialize(deserializer)?;
    Ok(losses.into_iter().map(|(name, loss)| (name, loss.unwrap_or(f64::NAN))).collect())
}
