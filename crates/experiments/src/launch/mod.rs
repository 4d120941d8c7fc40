//! Carries out a plan: trains each of its runs in a worker, several at the same time.
//!
//! The [`runner`] decides which run starts, waits or is retried. A [`launcher::Launcher`] starts the workers;
//! [`local`] starts them as processes on this machine. [`time_left`] estimates how long they will take. When runs are
//! finished, [`examinations`] measures their agents again. [`slurm`] submits the runs to a cluster, where each task is a
//! [`pack`] of runs with a runner of its own.

pub mod events;
pub mod examinations;
pub mod launcher;
pub mod local;
pub mod pack;
pub mod runner;
pub mod slurm;
pub mod time_left;

/// The exit code "saved, run me again" (`EX_TEMPFAIL` of sysexits.h).
pub const EXIT_SAVED: u8 = 75;
