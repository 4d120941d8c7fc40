//! Environments that are listed whole: their states, actions and outcomes. So they can be played, and also
//! solved exactly.
//!
//! [`Tabular`] is the list. [`TabularEnvironment`] plays it, and [`Model`] solves it, from the same
//! text: what is played is what was solved. Such an environment has a fixed horizon, which ends an episode
//! for good (a termination), and the time is part of the observation. Without both, an agent and the solver
//! would have different problems.

mod canvas;
mod environment;
mod listing;
mod model;
mod outcome;
mod settings;
mod solution;
mod solved;

pub use canvas::{Canvas, Cell, Layout};
pub use environment::TabularEnvironment;
pub use model::Model;
pub use outcome::{Next, Outcome, Tabular};
pub use settings::{Shown, ShownReward};
pub use solution::{Anchors, Expected, Objective, Solution, SolvedState, Solver, Ties};
