//! Measurements of ZeroLab: records and cost accounts of runs, statistics over their scores, and published
//! results of others.
//!
//! | module or type | content |
//! | --- | --- |
//! | [`statistics`] | estimates, bootstrap intervals, performance profiles, times to a threshold (rliable's definitions) |
//! | [`Record`], [`Manifest`], [`ExperimentFile`], [`LaterEvaluation`] | the files of runs and experiments; `docs/records.md` has every field |
//! | [`Account`], [`CostRecord`], [`PriceSheet`], [`Roofline`] | steps, FLOPs, seconds, dollars and energy of a run |
//! | [`tensorboard`] | records as TensorBoard event files |
//! | [`published`] | scores and costs of other publications |
//! | [`labels`] | names of agents and environments with their swept settings |
//! | [`mod@format`], [`text_table`], [`display_width`], [`files`] | numbers, tables and words as text, and writing files as a whole |
//!
//! Data types and pure functions, with these exceptions: [`Timer`] reads the clock, [`peak_memory_bytes`] and
//! [`processor_seconds`] ask the system, [`read_records`] and [`IncludeRequest::find`] read files, and [`files`] writes. The crate `experiments` writes the files of
//! runs, the crate `analysis` makes reports of them.
//!
//! # Example
//!
//! The interquartile mean of five runs on each of two tasks, with its 95 % bootstrap interval:
//!
//! ```
//! use zerolab_metrics::statistics::{Bootstrap, ScoreMatrix};
//!
//! # fn main() -> Result<(), Box<dyn std::error::Error>> {
//! let scores = ScoreMatrix::new([[0.9, 1.1, 1.0, 1.3, 0.7], [0.2, 0.6, 0.4, 0.5, 0.3]])?;
//! let interval = Bootstrap::default().interval_of(&scores, ScoreMatrix::iqm);
//! let interval = interval.ok_or("each task needs two runs")?;
//!
//! assert!((scores.iqm() - 0.683).abs() < 0.001);
//! assert!(interval.contains(scores.iqm()));
//! # Ok(())
//! # }
//! ```

// Not a lint of the workspace, because tests may unwrap.
#![warn(clippy::unwrap_used)]

mod account;
mod checksum;
mod cost;
pub mod display_width;
mod episodes;
mod examination;
mod experiment;
mod figure_size;
pub mod files;
pub mod format;
mod hypothesis;
mod included;
pub mod labels;
mod later_evaluation;
mod machine;
mod manifest;
mod measure;
mod one_or_many;
mod pattern;
pub mod published;
mod records;
mod roofline;
pub mod statistics;
pub mod tensorboard;
pub mod text_table;

pub use account::{Account, Phase, PhaseCost, Timer};
pub use checksum::{ChecksumError, FileChecksum, from_json_with_checksum, to_json_with_checksum};
pub use cost::{DerivedCost, PriceSheet};
pub use episodes::Episodes;
pub use examination::{Examination, ExaminationReference};
pub use experiment::{
    Anchors, ChangedSetting, ExperimentFile, FigureRequest, IncludeRequest, NetworkSize,
    PublishedRequest, Reached, RunReference,
};
pub use hypothesis::Hypothesis;
pub use included::Included;
pub use later_evaluation::LaterEvaluation;
pub use machine::{peak_memory_bytes, processor_seconds};
pub use manifest::{
    FailedAttempt, FailureKind, Manifest, Provenance, RunState, STALE_AFTER_SECONDS,
};
pub use measure::{MIN_COMPETENCE_OF_HACKING, Measure};
pub use one_or_many::{one_or_many, one_or_many_schema, serialize_one_or_many};
pub use pattern::matches_whole;
pub use records::{
    CUT_TARGETS, CostRecord, EpisodeRecord, EvaluationRecord, LearningRecord, PhaseRecord,
    REWARD_TARGETS_CUT, Record, RecordsError, VALUE_TARGETS_CUT, check_records, read_records,
};
pub use roofline::{Bound, Roofline};
