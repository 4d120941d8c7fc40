//! A GPU agrees with the CPU on outputs, losses, gradients and steps of every network.
//!
//! These tests need the feature `cuda`. Without a GPU they print that they are skipped, and pass.

#![cfg(feature = "cuda")]

mod cases;
mod closeness;
mod pieces;
mod planners;
mod recording;
