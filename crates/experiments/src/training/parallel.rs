//! Steps of many environments side by side: where one takes long, on all threads that the run has.

use rayon::prelude::*;

/// Simple operations of a step from which on it is worth another thread: about a tenth of a millisecond.
const WORTH_SPREADING: u64 = 100_000;

/// What `step` makes of each of `all`, in their order, where a step takes so many simple operations. What comes of it
/// is the same with any number of threads.
pub(crate) fn side_by_side<T: Send, U: Send>(
    all: Vec<T>,
    operations_per_step: u64,
    step: impl Fn(T) -> U + Sync + Send,
) -> Vec<U> {
    if operations_per_step < WORTH_SPREADING || all.len() < 2 {
        return all.into_iter().map(step).collect();
    }
    all.into_par_iter().map(step).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn order_is_kept_and_dear_steps_are_spread() {
        let threads = |operations_per_step: u64| {
            let pool = rayon::ThreadPoolBuilder::new().num_threads(2).build().unwrap();
            let stepped = pool.install(|| {
                side_by_side((0..64).collect(), operations_per_step, |number: u32| {
                    std::thread::sleep(std::time::Duration::from_millis(1));
                    (number, std::thread::current().id())
                })
            });
            assert!(stepped.iter().map(|(number, _)| *number).eq(0..64));
            let mut threads: Vec<_> = stepped.into_iter().map(|(_, thread)| thread).collect();
            threads.dedup();
            threads.len()
        };
        assert_eq!(threads(WORTH_SPREADING - 1), 1);
        assert!(threads(WORTH_SPREADING) > 1);
    }
}
