//! Shows runs and the speed of this machine, and plays trained agents. Nothing here changes a run.

pub mod bench;
pub mod changed_settings;
pub mod evaluate;
pub mod imagined;
pub mod status;
pub mod watch;
