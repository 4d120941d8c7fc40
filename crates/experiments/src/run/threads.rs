//! The number of threads of a run, and its thread pool.

use std::num::NonZeroUsize;
use std::process::Command;
use std::thread::available_parallelism;

use zerolab_agents::DeviceName;

use crate::error::RunError;

/// The environment variable with the number of threads. Tensor code reads it once per process, in every pool.
/// So another number of threads needs another process.
pub const THREADS_VARIABLE: &str = "RAYON_NUM_THREADS";

/// The threads of each run when `jobs` runs train at the same time. On the CPU a sweep has enough runs to
/// fill the cores; on a GPU the cores search trees for the few runs that fit. Results do not depend on it.
#[must_use]
pub fn threads_per_run(device: DeviceName, jobs: usize) -> usize {
    match device {
        DeviceName::Cpu => 1,
        DeviceName::Cuda(_) => (cores() / jobs.max(1)).max(1),
    }
}

/// The number of threads in [`THREADS_VARIABLE`], or else all cores.
#[must_use]
pub fn allowed_threads() -> usize {
    let threads = std::env::var(THREADS_VARIABLE).ok().and_then(|value| value.parse().ok());
    threads.filter(|&threads| threads > 0).unwrap_or_else(cores)
}

/// Sets the number of threads of a worker, and lets its allocator keep freed memory: otherwise the kernel
/// would clear its pages again for each update. Variables that are set already stay.
pub fn set_worker_variables(command: &mut Command, threads: usize) {
    let threads = threads.to_string();
    for (variable, value) in [(THREADS_VARIABLE, &*threads), ("MIMALLOC_PURGE_DELAY", "-1")] {
        if std::env::var_os(variable).is_none() {
            command.env(variable, value);
        }
    }
}

/// The number of cores of this machine.
#[must_use]
pub fn cores() -> usize {
    available_parallelism().map_or(1, NonZeroUsize::get)
}

/// Calls `work` in a pool of `threads` threads.
///
/// # Errors
/// The error of `work`, or that the system gives no threads.
pub fn in_pool<T: Send, E: From<RunError> + Send>(
    threads: usize,
    work: impl FnOnce() -> Result<T, E> + Send,
) -> Result<T, E> {
    let pool = rayon::ThreadPoolBuilder::new().num_threads(threads).build();
    pool.map_err(|error| RunError::Threads(error.to_string()))?.install(work)
}
