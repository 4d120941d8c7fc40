//! Carries out a plan: trains each of its runs in a worker, several at the same time.
//!
//! The [`runner`] decides which run starts, waits or is retried. A [`launcher::Launcher`] starts the workers;
//! [`local`] starts them as processes on this machine.

pub mod events;
pub mod launcher;
pub mod local;
pub mod runner;
