//! Tests of the tree search through its public surface.

mod models;
mod toy;
