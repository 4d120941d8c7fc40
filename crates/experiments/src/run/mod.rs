//! One run on disk: its folder, the claim on it, its checkpoints, and the process that trains it.

pub mod identity;
pub mod interrupt;
pub mod program;
pub mod threads;
pub mod trained_agent;
pub mod unused;
pub mod worker;

pub(crate) mod checkpoint;
pub(crate) mod claim;
pub(crate) mod event_file;
pub(crate) mod folder;
pub(crate) mod heartbeat;
pub(crate) mod kept_weights;
pub(crate) mod lock_file;
pub(crate) mod ownership;
pub(crate) mod process;
pub(crate) mod provenance;
pub(crate) mod record_writer;
pub(crate) mod resume;
pub(crate) mod retry;
