//! Learners: replay, targets, reanalysis, the planner family, the model-free baselines, presets.
//!
//! The loop of a run is not here (`zerolab-experiments`): an agent acts, observes, learns, and can be
//! saved. Nothing here names a device, a clock that decides anything, or a run's folder.

mod agent;
mod random;
pub mod registry;
mod saved;
mod scripted;
mod streams;
mod summary;

pub use agent::{Agent, AgentError, Context, Mode, Observations, Transition};
pub use registry::{Entry, Preset, agents, find, find_preset, presets};
pub use streams::Streams;
pub use summary::{Layer, Part, Summary};
