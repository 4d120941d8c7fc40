//! When updates are due, and linear schedules. Both depend on real steps, never on the clock.

/// How many updates are due after so many real steps.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct UpdateSchedule {
    /// Real steps before learning begins.
    pub(crate) learning_starts: u64,
    /// Updates for each real step after that.
    pub(crate) update_ratio: f64,
}

impl UpdateSchedule {
    /// Updates that should have been made after `real_steps` real steps.
    pub(crate) fn due(self, real_steps: u64) -> u64 {
        (real_steps.saturating_sub(self.learning_starts) as f64 * self.update_ratio) as u64
    }

    /// The setting because of which no update is due within `budget` real steps; `None` if one is due.
    pub(crate) fn prevents_updates(self, budget: u64) -> Option<&'static str> {
        match self {
            _ if self.due(budget) > 0 => None,
            Self { learning_starts, .. } if learning_starts >= budget => Some("learning_starts"),
            _ => Some("update_ratio"),
        }
    }

    /// Real steps of a budget with random actions, before learning begins: whole rounds of lanes.
    pub(crate) fn random_steps(self, budget: u64, lanes: usize) -> u64 {
        (self.learning_starts.div_ceil(lanes as u64) * lanes as u64).min(budget)
    }
}

/// Linear interpolation: `start` at `progress` 0, `end` at 1.
pub(crate) fn linear(start: f64, end: f64, progress: f64) -> f64 {
    start + (end - start) * progress
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_setting_that_prevents_updates_is_named() {
        let prevents = |learning_starts, update_ratio| {
            UpdateSchedule { learning_starts, update_ratio }.prevents_updates(100)
        };
        assert_eq!(prevents(99, 1.0), None);
        assert_eq!(prevents(100, 1.0), Some("learning_starts"));
        assert_eq!(prevents(50, 0.0), Some("update_ratio"));
        assert_eq!(prevents(50, 0.019), Some("update_ratio"));
        assert_eq!(prevents(50, 0.02), None);
    }
}
