//! How many threads a run computes with, and the pool that they stand in.

use std::num::NonZeroUsize;
use std::process::Command;
use std::thread::available_parallelism;

use zerolab_agents::DeviceName;

use crate::error::RunError;

/// The environment's variable that says how many threads a program computes with. Tensors read it once, whatever
/// pool they are used in, so a program of other threads is another process.
pub const VARIABLE: &str = "RAYON_NUM_THREADS";

/// The threads of a run of which so many are trained at once. On the CPU a sweep has enough runs to fill the
/// cores; on a GPU the cores search trees for the few runs that fit. No result depends on it.
#[must_use]
pub fn threads_of_a_run(device: DeviceName, jobs: usize) -> usize {
    match device {
        DeviceName::Cpu => 1,
        DeviceName::Cuda(_) => (cores() / jobs.max(1)).max(1),
    }
}

/// The threads that the environment allows, all cores where it says nothing.
#[must_use]
pub fn allowed() -> usize {
    let said = std::env::var(VARIABLE).ok().and_then(|said| said.parse().ok());
    said.filter(|&threads| threads > 0).unwrap_or_else(cores)
}

/// Lets a program compute with so many threads, and keep the memory that it gives back to itself: the kernel would
/// have to clear its pages anew with each update. What the environment says about either stays.
pub fn compute_with(command: &mut Command, threads: usize) {
    let threads = threads.to_string();
    for (variable, value) in [(VARIABLE, &*threads), ("MIMALLOC_PURGE_DELAY", "-1")] {
        if std::env::var_os(variable).is_none() {
            command.env(variable, value);
        }
    }
}

/// The machine's cores.
#[must_use]
pub fn cores() -> usize {
    available_parallelism().map_or(1, NonZeroUsize::get)
}

/// Does `work` in a pool of so many threads, which searches spread over.
///
/// # Errors
/// What `work` came to, or that the system gives no threads.
pub fn in_pool<T: Send>(
    threads: usize,
    work: impl FnOnce() -> Result<T, RunError> + Send,
) -> Result<T, RunError> {
    let pool = rayon::ThreadPoolBuilder::new().num_threads(threads).build();
    pool.map_err(|error| RunError::Threads(error.to_string()))?.install(work)
}
