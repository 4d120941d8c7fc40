//! Shows runs and the speed of this machine. Nothing here changes a run.

pub mod bench;
pub mod changed_settings;
pub mod imagined;
pub mod status;
pub mod watch;
