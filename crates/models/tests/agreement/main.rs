//! A GPU computes what the processor does: outputs, losses, gradients and steps of every network.
//!
//! Only built with the feature `cuda`; where there is no GPU the tests say so and pass.

#![cfg(feature = "cuda")]

mod cases;
mod closeness;
mod pieces;
mod planners;
mod recording;
