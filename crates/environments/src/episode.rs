//! How far an episode has come: the part of every environment's state that is not its world.

use serde::{Deserialize, Serialize};

use crate::environment::{Description, StepError};

/// Steps taken and whether the episode is over. The default is "none has begun".
#[derive(Clone, Copy, Debug, Serialize, Deserialize)]
pub(crate) struct Episode {
    steps: u32,
    over: bool,
}

impl Default for Episode {
    fn default() -> Self {
        Self { steps: 0, over: true }
    }
}

impl Episode {
    /// An episode before its first step.
    pub(crate) fn begin() -> Self {
        Self { steps: 0, over: false }
    }

    /// Whether the last one has ended, or none has begun.
    pub(crate) fn is_over(&self) -> bool {
        self.over
    }

    /// Steps taken.
    pub(crate) fn steps(&self) -> u32 {
        self.steps
    }

    /// Whether a step may be taken now, and `action` exists.
    pub(crate) fn check(&self, action: usize, description: &Description) -> Result<(), StepError> {
        let num_actions = description.num_actions;
        if self.over {
            Err(StepError::EpisodeOver)
        } else if action >= num_actions {
            Err(StepError::NoSuchAction { action, num_actions })
        } else {
            Ok(())
        }
    }

    /// Counts a step. True if it is cut off here: a step that both terminates and meets the limit is
    /// a termination.
    pub(crate) fn advance(&mut self, terminated: bool, description: &Description) -> bool {
        self.steps = self.steps.saturating_add(1);
        let truncated =
            !terminated && description.max_episode_steps.is_some_and(|limit| self.steps >= limit);
        self.over = terminated || truncated;
        truncated
    }
}
