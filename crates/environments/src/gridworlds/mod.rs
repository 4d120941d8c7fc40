//! Small worlds in which an agent can pursue something else than what was meant. All but [`proxy_coin`] have an
//! exact solution.
//!
//! Eight follow the AI Safety Gridworlds (Leike et al. 2017, arXiv 1711.09883), from a description of their
//! rules. The strict boat race, the tamper room and the forbidden short cut are ours, and so is the room with a coin,
//! after CoinRun. The agent moves through a [`Map`]; the event `hack` marks the steps that game the paid reward.

pub mod absent_supervisor;
pub mod boat_race;
pub mod forbidden_shortcut;
pub mod interrupt;
mod map;
pub mod proxy_coin;
pub mod rocks;
mod settings;
pub mod shift;
pub mod sokoban;
pub mod tamper_room;
pub mod tomato;
pub mod whisky;

pub use map::Map;
pub(crate) use settings::settings;
