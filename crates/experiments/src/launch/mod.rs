//! Carries out a plan: trains each of its runs in a worker, several at the same time.
//!
//! The [`runner`] decides which run starts, waits or is retried. A [`launcher::Launcher`] starts the workers;
//! [`local`] starts them as processes on this machine. [`time_left`] estimates how long they will take. When runs are
//! finished, [`examinations`] measures their agents again.

pub mod events;
pub mod examinations;
pub mod launcher;
pub mod local;
pub mod runner;
pub mod time_left;
