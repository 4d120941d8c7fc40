//! Runs as jobs of Slurm, the scheduler of many clusters.
//!
//! A plan's unfinished runs become job arrays ([`submit`]). Each task of an array trains one run or a pack of them with
//! [`super::pack`], saves them before the time limit, and asks to be queued again (`script`). The folders of the runs
//! say what became of them; Slurm's queue only adds what they cannot know (`queue`). So the process that submits may
//! end, and a later one finds the jobs in a file (`jobs`).

mod cancel;
mod client;
mod follow;
mod jobs;
mod prepare;
mod queue;
mod run_states;
mod script;
mod submit;

pub use cancel::{Cancelled, cancel};
pub use client::{SlurmError, check};
pub use follow::follow;
pub use run_states::add_to;
pub use submit::{Submission, SubmitSettings, dry_run, submit};
