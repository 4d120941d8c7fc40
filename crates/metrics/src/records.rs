//! The lines of `records.jsonl`, and how to read them.
//!
//! Each line is a JSON object with `kind` = episode | evaluation | learning | cost | phase, `real_steps` and
//! `updates`. Names of times end in `_seconds`, of memory in `_bytes`. Counters are totals since the run
//! began.

use std::collections::BTreeMap;
use std::fs;
use std::io::{self, Read};
use std::path::{Path, PathBuf};

use flate2::read::MultiGzDecoder;
use serde::{Deserialize, Serialize};

use crate::account::{Phase, PhaseCost};
use crate::checksum::FileChecksum;
use crate::episodes::Episodes;

/// One line of `records.jsonl`.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "kebab-case")]
pub enum Record {
    /// A training episode that ended.
    Episode(EpisodeRecord),
    /// An evaluation of the agent.
    Evaluation(EvaluationRecord),
    /// Recent mean losses.
    Learning(LearningRecord),
    /// The costs so far.
    Cost(CostRecord),
    /// The start of a further phase.
    Phase(PhaseRecord),
}

/// A training episode that ended in one of the lanes.
///
/// In a two-player game the agent plays both players, and the sums are the first player's: rewards of the
/// second count negatively.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct EpisodeRecord {
    /// Real steps of the run so far, over all lanes.
    pub real_steps: u64,
    /// Gradient steps so far.
    pub updates: u64,
    /// The lane that played the episode.
    pub lane: u32,
    /// The sum of the observed rewards, without hidden ones.
    pub r#return: f64,
    /// The sum of the true rewards.
    pub performance: f64,
    /// The length in real steps.
    pub length: u32,
    /// Whether a time limit ended the episode.
    pub truncated: bool,
    /// In how many of its steps each event of the environment happened, by the event's name.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub events: BTreeMap<String, u32>,
    /// Seconds since the run began.
    pub wall_seconds: f64,
}

/// Evaluation episodes that were played at one point of training.
///
/// In a two-player game the agent plays against the environment's opponent and moves first in every second
/// episode, beginning with the first. The sums are the agent's: rewards of the opponent count negatively.
/// Lengths count the moves of both players.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct EvaluationRecord {
    /// Real steps of training so far, without those of evaluations.
    pub real_steps: u64,
    /// Gradient steps so far.
    pub updates: u64,
    /// The return of each episode (observed rewards).
    pub returns: Vec<f64>,
    /// The performance of each episode (true rewards).
    pub performances: Vec<f64>,
    /// The length of each episode, in real steps.
    pub lengths: Vec<u32>,
    /// In how many steps of each episode each event of the environment happened, by the event's name.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub events: BTreeMap<String, Vec<u32>>,
    /// Seconds since the run began.
    pub wall_seconds: f64,
}

/// The name among the losses of the share of value targets that the support of values cuts.
pub const VALUE_TARGETS_CUT: &str = "value_targets_cut";

/// The name among the losses of the share of reward targets that the support of rewards cuts.
pub const REWARD_TARGETS_CUT: &str = "reward_targets_cut";

/// The kinds of targets that a support can cut: the name, and the name of their share among the losses.
pub const CUT_TARGETS: [(&str, &str); 2] =
    [("value", VALUE_TARGETS_CUT), ("reward", REWARD_TARGETS_CUT)];

/// The mean of each loss since the last record of this kind.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct LearningRecord {
    /// Real steps so far.
    pub real_steps: u64,
    /// Gradient steps so far.
    pub updates: u64,
    /// Mean loss by name. A loss that is not finite is `null` in the file.
    #[serde(deserialize_with = "null_as_nan")]
    pub losses: BTreeMap<String, f64>,
    /// Seconds since the run began.
    pub wall_seconds: f64,
}

/// The cost account at one point of the run.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct CostRecord {
    /// Real steps so far.
    pub real_steps: u64,
    /// Gradient steps so far.
    pub updates: u64,
    /// What each phase has spent since the run began.
    pub phases: BTreeMap<Phase, PhaseCost>,
    /// Simple operations of the training environments so far (real steps × operations per step).
    pub environment_operations: u64,
    /// The peak resident memory so far, in bytes; 0 if unknown.
    pub peak_memory_bytes: u64,
    /// Processor seconds of the run so far, over all threads; 0 if unknown.
    #[serde(default)]
    pub processor_seconds: f64,
    /// Seconds since the run began.
    pub wall_seconds: f64,
}

/// The start of a phase of the training, other than the first. The records that follow are of this phase.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct PhaseRecord {
    /// Real steps so far.
    pub real_steps: u64,
    /// Gradient steps so far.
    pub updates: u64,
    /// The number of the phase, from 1.
    pub phase: u32,
    /// Seconds since the run began.
    pub wall_seconds: f64,
}

impl EvaluationRecord {
    /// Its episodes.
    pub fn episodes(&self) -> Episodes<'_> {
        let Self { returns, performances, lengths, events, .. } = self;
        Episodes { returns, performances, lengths, events }
    }
}

impl Record {
    /// Real steps of the run when the record was written.
    pub fn real_steps(&self) -> u64 {
        match self {
            Record::Episode(episode) => episode.real_steps,
            Record::Evaluation(evaluation) => evaluation.real_steps,
            Record::Learning(learning) => learning.real_steps,
            Record::Cost(cost) => cost.real_steps,
            Record::Phase(phase) => phase.real_steps,
        }
    }

    /// The record with times and memory set to zero. It is equal for repeated runs of one configuration.
    pub fn without_times_and_memory(&self) -> Record {
        let mut record = self.clone();
        match &mut record {
            Record::Episode(episode) => episode.wall_seconds = 0.0,
            Record::Evaluation(evaluation) => evaluation.wall_seconds = 0.0,
            Record::Learning(learning) => learning.wall_seconds = 0.0,
            Record::Phase(phase) => phase.wall_seconds = 0.0,
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

/// Records that cannot be read.
#[derive(Debug, thiserror::Error)]
pub enum RecordsError {
    /// The file cannot be opened or read.
    #[error("cannot read {}: {source}", path.display())]
    Read {
        /// The file.
        path: PathBuf,
        /// The system's error.
        source: io::Error,
    },
    /// The file has changed since the run finished.
    #[error("{} was changed or cut short after the run finished: `zerolab run` trains the run again", path.display())]
    Changed {
        /// The file.
        path: PathBuf,
    },
    /// A complete line is not a record.
    #[error("{}:{line}: not a record: {source}; correct or delete the line, or train the run again with --fresh", path.display())]
    Line {
        /// The file.
        path: PathBuf,
        /// The line number, from 1.
        line: usize,
        /// The parse error.
        source: serde_json::Error,
    },
}

/// Reads every record of a run, in order. The manifest of a finished run has the `checksum`.
///
/// A last line without a newline is dropped: the process was killed while it wrote the line. If the file is not there but
/// one with `.gz` behind its name, that is unpacked.
///
/// # Errors
/// If the file cannot be read, does not match its checksum, or has a complete line that is not a record.
pub fn read_records(
    path: &Path,
    checksum: Option<&FileChecksum>,
) -> Result<Vec<Record>, RecordsError> {
    let bytes = read_bytes(path, checksum)?;
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

/// Checks that the records of a finished run are as they were written.
///
/// # Errors
/// If the file cannot be read or does not match its checksum.
pub fn check_records(path: &Path, checksum: &FileChecksum) -> Result<(), RecordsError> {
    read_bytes(path, Some(checksum)).map(drop)
}

fn read_bytes(path: &Path, checksum: Option<&FileChecksum>) -> Result<Vec<u8>, RecordsError> {
    let bytes = read_plain_or_packed(path)?;
    match checksum {
        Some(checksum) if FileChecksum::of(&bytes) != *checksum => {
            Err(RecordsError::Changed { path: path.to_owned() })
        }
        _ => Ok(bytes),
    }
}

/// Reads a file, or if it is not there the file with `.gz` behind its name, unpacked.
fn read_plain_or_packed(path: &Path) -> Result<Vec<u8>, RecordsError> {
    let error = |path: &Path, source| RecordsError::Read { path: path.to_owned(), source };
    let missing = match fs::read(path) {
        Err(source) if source.kind() == io::ErrorKind::NotFound => source,
        plain => return plain.map_err(|source| error(path, source)),
    };
    let mut packed = path.as_os_str().to_owned();
    packed.push(".gz");
    let packed = PathBuf::from(packed);
    let Ok(file) = fs::File::open(&packed) else { return Err(error(path, missing)) };
    let mut bytes = Vec::new();
    let unpacked = MultiGzDecoder::new(file).read_to_end(&mut bytes);
    unpacked.map_err(|source| error(&packed, source))?;
    Ok(bytes)
}

/// JSON has no NaN and `serde_json` writes `null`: the records of a diverged run must stay readable.
fn null_as_nan<'de, D: serde::Deserializer<'de>>(
    deserializer: D,
) -> Result<BTreeMap<String, f64>, D::Error> {
    let losses = BTreeMap::<String, Option<f64>>::deserialize(deserializer)?;
    Ok(losses.into_iter().map(|(name, loss)| (name, loss.unwrap_or(f64::NAN))).collect())
}
