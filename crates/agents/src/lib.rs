//! Learners: replay, targets, reanalysis, the planner family, the model-free baselines, presets.
//!
//! The loop of a run is not here (`zerolab-experiments`): an agent acts, observes, learns, and can be
//! saved. Nothing here names a device, a clock that decides anything, or a run's folder.

// Not among the workspace's lints: tests may unwrap.
#![warn(clippy::unwrap_used)]

mod agent;
mod checks;
mod deliberation;
mod dqn;
mod ledger;
mod pace;
mod planner;
mod ppo;
mod random;
pub mod registry;
mod replay;
mod reward_clipping;
pub mod saved;
mod scripted;
mod streams;
mod summary;
mod targets;
mod twin;
mod worlds;

pub use agent::{Agent, AgentError, Context, Mode, Observations, Transition};
pub use deliberation::{Deliberation, ImaginedStep};
pub use ledger::Ledger;
pub use planner::Settings as PlannerSettings;
pub use ppo::{Moment, advantages};
pub use registry::{Entry, Preset, agents, find, find_preset, presets};
pub use replay::{End, Episode, Insertion, Replay, Sample};
pub use streams::Streams;
pub use summary::Summary;
pub use targets::{
    Return, StateTarget, Unrolled, horizon_for_age, n_step_return, unrolled, value_prefixes,
};
pub use worlds::Worlds;
pub use zerolab_models::{Device, DeviceError, DeviceName, Layer, Part, measured_peak_flops};
