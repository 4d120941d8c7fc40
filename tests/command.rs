//! End-to-end tests of the command: a fresh folder, a spec, the program, and what it left.

mod bad_input;
mod determinism;
mod disk;
mod documented;
mod failing;
mod gallery;
#[cfg(feature = "cuda")]
mod gpu;
mod harness;
mod help;
mod looking;
mod published;
mod resuming;
mod running;
mod stopping;
mod watching;
