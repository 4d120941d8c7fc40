//! The planner as an agent: what its settings do to a training, and games of two players.

mod coins;
mod cut_targets;
mod diagnostics;
#[path = "../lanes/mod.rs"]
mod lanes;
mod nim;
mod settings;
mod simulated;
mod training;
mod two_players;
mod variants;
