//! Trains one run in one process: the training loop, the environments and the evaluations.

pub(crate) mod clock;
mod course;
pub(crate) mod evaluation;
pub(crate) mod foretelling;
pub(crate) mod lane;
pub(crate) mod parallel;

mod training_loop;

pub(crate) use course::Progress;
pub(crate) use training_loop::Training;
