//! One run in the memory of one process: the training loop, its environments and its evaluations.

pub(crate) mod clock;
pub(crate) mod evaluation;
pub(crate) mod lane;
pub(crate) mod parallel;

mod training_loop;

pub(crate) use training_loop::Training;
