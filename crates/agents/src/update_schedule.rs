//! When updates are due, and linear schedules. Both depend on real steps, never on the clock.

use std::path::Path;

use serde::{Deserialize, Serialize};

use crate::agent::AgentError;
use crate::saved;

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

    /// The setting because of which no update is due within `budget` real steps with these phases; `None` if one is due.
    pub(crate) fn prevents_updates(
        self,
        phases: &PhasedUpdates,
        budget: u64,
    ) -> Option<&'static str> {
        match self {
            _ if phases.total(self, budget) > 0 => None,
            Self { learning_starts, .. } if learning_starts >= budget => Some("learning_starts"),
            _ => Some("update_ratio"),
        }
    }

    /// Real steps of a budget with random actions, before learning begins: whole rounds of lanes.
    pub(crate) fn random_steps(self, budget: u64, lanes: usize) -> u64 {
        (self.learning_starts.div_ceil(lanes as u64) * lanes as u64).min(budget)
    }
}

/// How the phases of a run change the number of updates that are due.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct PhasedUpdates {
    /// The real steps after which the agent loses its experience.
    pub forgets_after: Vec<u64>,
    /// Updates in addition to those of the schedule.
    pub offline: u64,
}

impl PhasedUpdates {
    /// Updates of a whole run of `real_steps` real steps.
    pub(crate) fn total(&self, schedule: UpdateSchedule, real_steps: u64) -> u64 {
        let mut progress = UpdateProgress::default();
        self.forgets_after.iter().for_each(|at| progress.forget(schedule, *at));
        progress.add_offline(self.offline);
        progress.due(schedule, real_steps)
    }
}

/// Where a run with phases is in its schedule of updates.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct UpdateProgress {
    /// Updates that were due until the agent last lost its experience, and all updates beside the schedule.
    before: u64,
    /// Real steps when the agent last lost its experience.
    forgot_at: u64,
}

/// The file of a saved [`UpdateProgress`]. A run without phases has none.
const FILE: &str = "update_progress.bin";

impl UpdateProgress {
    /// Updates that should have been made after `real_steps` real steps.
    pub(crate) fn due(self, schedule: UpdateSchedule, real_steps: u64) -> u64 {
        self.before + schedule.due(real_steps.saturating_sub(self.forgot_at))
    }

    /// Notes that the agent loses its experience after `real_steps` real steps: its schedule begins again.
    pub(crate) fn forget(&mut self, schedule: UpdateSchedule, real_steps: u64) {
        self.before = self.due(schedule, real_steps);
        self.forgot_at = real_steps;
    }

    /// Notes updates beside the schedule.
    pub(crate) fn add_offline(&mut self, updates: u64) {
        self.before += updates;
    }

    pub(crate) fn save(self, folder: &Path) -> Result<(), AgentError> {
        if self == Self::default() {
            return Ok(());
        }
        saved::write(&folder.join(FILE), &self)
    }

    pub(crate) fn load(folder: &Path) -> Result<Self, AgentError> {
        let path = folder.join(FILE);
        if path.exists() { saved::read(&path) } else { Ok(Self::default()) }
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
    fn a_schedule_begins_again_without_experience() {
        let schedule = UpdateSchedule { learning_starts: 10, update_ratio: 0.5 };
        let mut progress = UpdateProgress::default();
        assert_eq!(progress.due(schedule, 30), 10);
        progress.forget(schedule, 30);
        assert_eq!([30, 40, 42].map(|at| progress.due(schedule, at)), [10, 10, 11]);
        progress.add_offline(5);
        assert_eq!(progress.due(schedule, 42), 16);
        let phases = PhasedUpdates { forgets_after: vec![30], offline: 5 };
        assert_eq!(phases.total(schedule, 42), 16);
        assert_eq!(PhasedUpdates::default().total(schedule, 42), schedule.due(42));
    }

    #[test]
    fn the_setting_that_prevents_updates_is_named() {
        let prevents = |learning_starts, update_ratio| {
            UpdateSchedule { learning_starts, update_ratio }
                .prevents_updates(&PhasedUpdates::default(), 100)
        };
        assert_eq!(prevents(99, 1.0), None);
        assert_eq!(prevents(100, 1.0), Some("learning_starts"));
        assert_eq!(prevents(50, 0.0), Some("update_ratio"));
        assert_eq!(prevents(50, 0.019), Some("update_ratio"));
        assert_eq!(prevents(50, 0.02), None);
        let offline = PhasedUpdates { offline: 1, ..PhasedUpdates::default() };
        let never = UpdateSchedule { learning_starts: 100, update_ratio: 1.0 };
        assert_eq!(never.prevents_updates(&offline, 100), None);
    }
}
