//! Steps many environments: on all threads of the run if one step takes long.

use rayon::prelude::*;

/// Simple operations of a step from which on parallel steps are faster: about a tenth of a millisecond.
const PARALLEL_THRESHOLD: u64 = 100_000;

/// Applies `step` to each item, in order. It uses several threads if a step takes many simple operations. The
/// result does not depend on the number of threads.
pub(crate) fn map_parallel<T: Send, U: Send>(
    all: Vec<T>,
    operations_per_step: u64,
    step: impl Fn(T) -> U + Sync + Send,
) -> Vec<U> {
    if operations_per_step < PARALLEL_THRESHOLD || all.len() < 2 {
        return all.into_iter().map(step).collect();
    }
    all.into_par_iter().map(step).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn order_is_kept_and_long_steps_run_in_parallel() {
        let threads = |operations_per_step: u64| {
            let pool = rayon::ThreadPoolBuilder::new().num_threads(2).build().unwrap();
            let stepped = pool.install(|| {
                map_parallel((0..64).collect(), operations_per_step, |number: u32| {
                    std::thread::sleep(std::time::Duration::from_millis(1));
                    (number, std::thread::current().id())
                })
            });
            assert!(stepped.iter().map(|(number, _)| *number).eq(0..64));
            let mut threads: Vec<_> = stepped.into_iter().map(|(_, thread)| thread).collect();
            threads.dedup();
            threads.len()
        };
        assert_eq!(threads(PARALLEL_THRESHOLD - 1), 1);
        assert!(threads(PARALLEL_THRESHOLD) > 1);
    }
}
