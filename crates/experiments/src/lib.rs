//! From a spec to runs on disk: a TOML file is read, expanded and checked (`spec`) into a [`plan::Plan`]
//! of [`resolved::ResolvedRun`]s, which are then carried out.

pub mod error;
pub mod plan;
pub mod resolved;
