//! Your own environment: an id of Gymnasium or a class in Python.
//!
//! The environments of all lanes of a run are in one child process, and those of its evaluations in a second one. A round of
//! steps is one message over a pipe. The child has one file, `adapter.py`, which needs numpy, and Gymnasium only for ids.
//!
//! Spaces, files and versions are read when the environment is started (`Found`), and are part of a run's
//! settings. Only commands that train or play start it.

mod advice;
mod environment;
mod failure;
mod fleet;
mod found;
mod frames;
mod messages;
mod process;
mod settings;

pub use settings::{PLACES, Settings};
