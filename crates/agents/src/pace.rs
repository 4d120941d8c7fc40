//! When to learn and how schedules go: by real steps, never by the clock.

/// How many updates are due.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct Pace {
    /// Real steps before learning begins.
    pub(crate) learning_starts: u64,
    /// Updates for each real step after that.
    pub(crate) update_ratio: f64,
}

impl Pace {
    /// Updates that should have been made after `real_steps` real steps.
    pub(crate) fn due(self, real_steps: u64) -> u64 {
        (real_steps.saturating_sub(self.learning_starts) as f64 * self.update_ratio) as u64
    }

    /// Real steps of a budget that are taken at random before learning begins: whole rounds of lanes.
    pub(crate) fn random_steps(self, budget: u64, lanes: usize) -> u64 {
        (self.learning_starts.div_ceil(lanes as u64) * lanes as u64).min(budget)
    }
}

/// What a schedule says when `progress` (0 to 1) of its way from `start` to `end` is gone, along a line.
pub(crate) fn linear(start: f64, end: f64, progress: f64) -> f64 {
    start + (end - start) * progress
}
