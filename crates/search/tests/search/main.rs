//! Tests of the tree search through its public surface.

mod backup;
mod halving;
mod mctx;
mod models;
mod noise;
mod planning;
mod properties;
mod puct;
mod settings;
mod toy;
