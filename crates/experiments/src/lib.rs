//! From a spec to runs on disk: a TOML file is read, expanded and checked (`spec`) into a [`plan::Plan`]
//! of [`plan::resolved::ResolvedRun`]s, which are then carried out.

// Not among the workspace's lints: tests may unwrap.
#![warn(clippy::unwrap_used)]

pub mod error;
pub mod inspect;
pub mod launch;
pub mod plan;
pub mod run;
pub mod spec;

mod training;
