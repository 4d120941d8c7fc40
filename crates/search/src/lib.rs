//! Batched tree search over any model: the pUCT search of MuZero and EfficientZero, and Gumbel search.
//!
//! A search needs a [`Model`]: a type that computes the reward, value and policy logits of a new node
//! from its parent and an action. [`Search::run`] searches from all [`Roots`] of a batch at once, with
//! one model call per simulation. Node 0 of a tree is its root, and simulation `i` adds node `i`. The
//! result for a root depends only on its own row and seed, not on the rest of the batch.
//!
//! The crate contains no networks, environments or replay.
//!
//! # Example
//!
//! A corridor of five cells. Action 0 goes left and action 1 goes right. Reaching the last cell gives a
//! reward of 1 and ends the episode. The model gives every state the value 0 and a uniform policy, so
//! the search alone must find the way. It searches from two roots at once, in cells 1 and 3.
//!
//! ```
//! use std::convert::Infallible;
//! use zerolab_search::{Evaluations, Expansion, Model, Purpose, Roots, Search, Settings};
//!
//! struct Corridor {
//!     /// The cell of each node: `[nodes][roots]`.
//!     cells: Vec<Vec<u32>>,
//! }
//!
//! impl Model for Corridor {
//!     type Error = Infallible;
//!
//!     fn recurrent(&mut self, new: &Expansion<'_>, out: &mut Evaluations) -> Result<(), Infallible> {
//!         // Node numbers start again with each search.
//!         self.cells.truncate(new.node);
//!         let mut cells = Vec::new();
//!         for root in 0..new.parents.len() {
//!             let from = self.cells[new.parents[root] as usize][root];
//!             let to = if new.actions[root] == 1 { from + 1 } else { from.saturating_sub(1) };
//!             let end = to == 4;
//!             out.rewards[root] = if end { 1.0 } else { 0.0 };
//!             if end {
//!                 out.discounts[root] = 0.0;
//!             }
//!             out.values[root] = 0.0;
//!             out.logits[2 * root..2 * root + 2].fill(0.0);
//!             cells.push(to);
//!         }
//!         self.cells.push(cells);
//!         Ok(())
//!     }
//! }
//!
//! let roots = Roots {
//!     num_actions: 2,
//!     values: vec![0.0; 2],
//!     logits: vec![0.0; 4],
//!     legal: None,
//!     seeds: vec![1, 2],
//! };
//! let mut model = Corridor { cells: vec![vec![1, 3]] };
//! let mut search = Search::new(&Settings::efficientzero(), 0.9, None);
//! let result = search.run(&roots, Purpose::Greedy, &mut model)?;
//!
//! // Both roots go right. From cell 3 that ends the episode with a reward of 1.
//! assert_eq!(result.actions, [1, 1]);
//! assert_eq!(result.q[2..][1], 1.0);
//! // The first root's tree: the root and one node for each of the 50 simulations.
//! assert_eq!(search.nodes(0).len(), 51);
//! # Ok::<(), Infallible>(())
//! ```
//!
//! Instead of a [`Model`] one can give a search:
//!
//! * [`Dynamics`]: the rules of an environment, stepped by a [`SimulatorModel`] (AlphaZero);
//! * a [`Proposer`]: a model that proposes actions, in a [`SampledModel`] (Sampled MuZero).
//!
//! # Settings
//!
//! [`Settings`] has a constructor for each published search, such as [`Settings::muzero`] and
//! [`Settings::gumbel_muzero`]. Its fields:
//!
//! * `simulations`: model calls per search;
//! * `selection`: which of the two algorithms searches, [`Selection::Puct`] or [`Selection::Gumbel`];
//! * `prior`: the network's policy, or a uniform one ([`Prior`]);
//! * `puct`, for [`Selection::Puct`]: the exploration bonus, the Dirichlet noise at the root, the Q of
//!   unvisited actions, and how Q is normalised ([`PuctSettings`]);
//! * `gumbel`, for [`Selection::Gumbel`]: sequential halving and Gumbel noise at the root, the weight of
//!   Q against the prior, how Q is completed and normalised ([`GumbelSettings`]).

// Not among the workspace's lints: tests may unwrap.
#![warn(clippy::unwrap_used)]

mod algorithm;
mod backup;
mod completed_q;
mod dynamics;
mod engine;
mod gumbel;
mod model;
mod noise;
mod parallel;
mod puct;
mod q_range;
mod sampled_actions;
mod search;
mod sequential_halving;
mod settings;
mod simd4;
mod tree;

pub use dynamics::{Dynamics, SimulatorModel, Transition};
pub use model::{Evaluations, Expansion, Model, Purpose, Roots};
pub use puct::exploration_bonus;
pub use sampled_actions::{Proposals, Proposer, SampledModel, proposal_logits};
pub use search::{Search, SearchResult};
pub use sequential_halving::HalvingSchedule;
pub use settings::{
    Completion, Gumbel as GumbelSettings, Halving, Normalization, Prior, Puct as PuctSettings,
    Selection, Settings, Unvisited,
};
pub use tree::Node;
