//! How many threads a run computes with, and the pool that they stand in.

use std::num::NonZeroUsize;
use std::thread::available_parallelism;

use zerolab_agents::DeviceName;

use crate::run_error::RunError;

/// The threads of a run of which so many are trained at once. On the CPU a sweep has enough runs to fill the
/// cores; on a GPU the cores search trees for the few runs that fit. No result depends on it.
#[must_use]
pub fn threads_of_a_run(device: DeviceName, jobs: usize) -> usize {
    match device {
        DeviceName::Cpu => 1,
        DeviceName::Cuda(_) => (cores() / jobs.max(1)).max(1),
    }
}

/// The machine's cores.
#[must_use]
pub fn cores() -> usize {
    available_parallelism().map_or(1, NonZeroUsize::get)
}

/// Does `work` in a pool of so many threads, which searches and matrix products spread over; `None` for as many
/// as `RAYON_NUM_THREADS` says.
///
/// # Errors
/// What `work` came to, or that the system gives no threads.
pub fn in_pool<T: Send>(
    threads: Option<usize>,
    work: impl FnOnce() -> Result<T, RunError> + Send,
) -> Result<T, RunError> {
    let pool = rayon::ThreadPoolBuilder::new().num_threads(threads.unwrap_or(0)).build();
    pool.map_err(|error| RunError::Threads(error.to_string()))?.install(work)
}
