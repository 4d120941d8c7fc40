//! Batched tree search over any model: MuZero and EfficientZero pUCT, and Gumbel MuZero.
//!
//! One engine (`engine`) selects, expands and backs up all roots of a batch in lockstep, with one
//! model call a simulation; node `i` of a tree is the one that simulation `i` expanded, node 0 the
//! root. What differs between the papers is a `Form` of a few functions: [`Settings`] says which.
//! A root's result depends on its own row and seed alone: not on the batch or its order.
//!
//! Not here: networks and environments (a [`Model`] stands for both), replay and targets.
//!
//! ```
//! use std::convert::Infallible;
//! use zerolab_search::{Evaluations, Expansion, Model, Roots, Settings, Use, search};
//!
//! /// Action 1 pays, wherever one is.
//! struct Bandit;
//!
//! impl Model for Bandit {
//!     type Error = Infallible;
//!
//!     fn recurrent(&mut self, new: &Expansion<'_>, out: &mut Evaluations) -> Result<(), Infallible> {
//!         for (reward, action) in out.rewards.iter_mut().zip(new.actions) {
//!             *reward = *action as f32;
//!         }
//!         Ok(())
//!     }
//! }
//!
//! let roots = Roots {
//!     num_actions: 2,
//!     values: vec![0.0],
//!     logits: vec![0.0, 0.0],
//!     legal: None,
//!     seeds: vec![7],
//! };
//! let found = search(&Settings::efficientzero(), 0.9, None, &roots, Use::Greedy, &mut Bandit)?;
//! assert_eq!(found.actions, [1]);
//! assert_eq!(found.visits.iter().sum::<u32>(), 50);
//! # Ok::<(), Infallible>(())
//! ```

// Not among the workspace's lints: tests may unwrap.
#![warn(clippy::unwrap_used)]

mod engine;
mod form;
mod gumbel;
mod halving;
mod lanes;
mod model;
mod noise;
mod puct;
mod range;
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
