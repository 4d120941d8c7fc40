//! All runs of a plan: a process for each, several at a time.

pub mod events;
pub mod runner;

pub(crate) mod local;
