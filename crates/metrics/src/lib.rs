//! What is measured: records of runs (and their form for TensorBoard), cost accounts, manifests, statistics,
//! and what others published.
//!
//! Everything here is data and pure functions. The one clock is [`Timer`]; [`peak_memory_bytes`] and
//! [`processor_seconds`] look at the machine. Not here: who writes the files (`experiments`) and what is made of them (`analysis`).

// Not among the workspace's lints: tests may unwrap.
#![warn(clippy::unwrap_used)]

mod account;
mod cost;
mod experiment;
mod manifest;
pub mod published;
mod records;
mod roofline;
mod seal;
pub mod statistics;
pub mod tensorboard;

pub use account::{Account, Phase, PhaseCost, Timer, peak_memory_bytes, processor_seconds};
pub use cost::{DerivedCost, PriceSheet};
pub use experiment::{
    ExperimentFile, FigureRequest, Hypothesis, NetworkSize, PublishedRequest, RunReference,
};
pub use manifest::{FailedAttempt, FailureKind, Manifest, Provenance, STALE_AFTER_SECONDS, State};
pub use records::{Cost, Episode, Evaluation, Learning, Record, RecordsError, read_records};
pub use roofline::{Bound, Roofline};
pub use seal::{FileSeal, SealError, from_sealed_json, to_sealed_json};
