//! Tests of the tree search through its public surface.

mod allocation;
mod backup;
mod efficientzero_v2;
mod halving;
mod mctx;
mod models;
mod noise;
mod planning;
mod properties;
mod puct;
mod rules;
mod sampled;
mod settings;
mod toy;
