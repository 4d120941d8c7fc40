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
//! use zerolab_search::{Evaluations, Expansion, Model, Roots, Search, Settings, Use};
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
//! let mut search = Search::new(&Settings::efficientzero(), 0.9, None);
//! let found = search.run(&roots, Use::Greedy, &mut Bandit)?;
//! assert_eq!(found.actions, [1]);
//! assert_eq!(found.visits.iter().sum::<u32>(), 50);
//! # Ok::<(), Infallible>(())
//! ```

// Not among the workspace's lints: tests may unwrap.
#![warn(clippy::unwrap_used)]

mod backup;
mod completion;
mod engine;
mod form;
mod gumbel;
mod halving;
mod lanes;
mod model;
mod noise;
mod puct;
mod range;
mod sampled;
mod search;
mod settings;
mod simulator;
mod spread;
mod tree;

pub use halving::Schedule;
pub use model::{Evaluations, Expansion, Model, Roots, Use};
pub use puct::exploration_bonus;
pub use sampled::{Proposals, Proposer, Sampled, proposal_logits};
pub use search::{Found, Search};
pub use settings::{
    Completion, Gumbel as GumbelSettings, Halving, Normalization, Puct as PuctSettings, Selection,
    Settings, Unvisited,
};
pub use simulator::{Simulator, Step, World};
pub use tree::Node;
