//! What is shown of runs and of this machine, without changing a run.

pub mod bench;
pub mod imagined;
pub mod status;
pub mod watch;
