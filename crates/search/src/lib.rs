//! Batched tree search over any model: MuZero and EfficientZero pUCT, and Gumbel MuZero.
//!
//! One engine (`engine`) selects, expands and backs up all roots of a batch in lockstep, with one
//! model call a simulation; node `i` of a tree is the one that simulation `i` expanded, node 0 the
//! root. What differs between the papers is a `Form` of a few functions: [`Settings`] says which.
//! A root's result depends on its own row and seed alone: not on the batch or its order.
//!
//! Not here: networks and environments (a [`Model`] stands for both), replay and targets.

mod engine;
mod form;
mod gumbel;
mod halving;
mod model;
mod noise;
mod puct;
mod range;
mod rows;
mod settings;
mod tree;

pub use engine::{Found, search};
pub use halving::considered_visits;
pub use model::{Evaluations, Expansion, Model, Roots, Use};
pub use puct::exploration_bonus;
pub use settings::{
    Gumbel as GumbelSettings, Normalization, Puct as PuctSettings, Selection, Settings, Unvisited,
};
pub use tree::{Node, Tree};
