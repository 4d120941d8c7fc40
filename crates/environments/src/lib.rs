//! Worlds: what an agent sees, does, is paid, and what that was truly worth.
//!
//! An environment is one file with its dynamics, its options and its sources, and one line in
//! [`registry`]. It uses no other crate of this workspace, opens no file (but a game's ROM, with the feature
//! `atari`), reads no clock, and takes all its chance from the seed of [`Environment::reset`]. There is no vectorised environment here: a run
//! steps its lanes itself.

// Not among the workspace's lints: tests may unwrap.
#![warn(clippy::unwrap_used)]

pub mod atari;
pub mod board;
pub mod cartpole;
pub mod catch;
mod environment;
mod episode;
pub mod minatar;
pub mod registry;
mod saved;
pub mod settings;

pub use environment::{Description, Environment, RestoreError, Step, StepError};
pub use registry::{Entry, entries, find};
pub use saved::saved_by;
pub use settings::SettingsError;
