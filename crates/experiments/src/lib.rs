//! From a spec to runs on disk: a TOML file is read, expanded and checked (`spec`) into a [`plan::Plan`]
//! of [`plan::resolved::ResolvedRun`]s, which are then carried out.

// Not among the workspace's lints: tests may unwrap.
#![warn(clippy::unwrap_used)]

pub mod bench;
pub mod error;
pub mod foresight;
pub mod outcome;
pub mod plan;
pub mod runner;
pub mod spec;
pub mod status;
pub mod threads;
pub mod watch;
pub mod worker;

mod checkpoint;
mod claim;
mod event_file;
mod failure;
mod heartbeat;
mod interrupt;
mod process;
mod provenance;
mod record_writer;
mod resume;
mod run_folder;
mod training;
