//! Small worlds in which the paid reward and the true reward can differ, each with an exact solution.
//!
//! Eight follow the AI Safety Gridworlds (Leike et al. 2017, arXiv 1711.09883), from a description of their
//! rules. The strict boat race and the tamper room are ours. The agent moves through a [`Map`]; the event
//! `hack` marks the steps that game the paid reward.

pub mod absent_supervisor;
pub mod boat_race;
pub mod interrupt;
mod map;
pub mod rocks;
mod settings;
pub mod shift;
pub mod sokoban;
pub mod tamper_room;
pub mod tomato;
pub mod whisky;

pub use map::Map;
pub(crate) use settings::settings;
