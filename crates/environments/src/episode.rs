//! The progress of an episode. It is part of every environment's state.

use serde::{Deserialize, Serialize};

use crate::environment::{Description, StepError};

/// The number of steps taken, and whether the episode is over. The default stands for "no episode has
/// begun".
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Episode {
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
    #[must_use]
    pub fn begin() -> Self {
        Self { steps: 0, over: false }
    }

    /// A running episode after so many steps.
    pub(crate) fn after(steps: u32) -> Self {
        Self { steps, over: false }
    }

    /// Whether the episode has ended or none has begun.
    pub fn is_over(&self) -> bool {
        self.over
    }

    /// Number of steps taken.
    pub fn steps(&self) -> u32 {
        self.steps
    }

    /// Checks that a step may be taken now and that `action` exists. Whether it is legal is the
    /// environment's rule.
    ///
    /// # Errors
    /// [`StepError::EpisodeOver`] or [`StepError::NoSuchAction`].
    pub fn check(&self, action: usize, description: &Description) -> Result<(), StepError> {
        let num_actions = description.num_actions;
        if self.over {
            Err(StepError::EpisodeOver)
        } else if action >= num_actions {
            Err(StepError::NoSuchAction { action, num_actions })
        } else {
            Ok(())
        }
    }

    /// Counts a step. Returns whether the episode is truncated here. A step that both terminates and
    /// reaches the limit of steps is a termination.
    pub fn advance(&mut self, terminated: bool, description: &Description) -> bool {
        self.steps = self.steps.saturating_add(1);
        let truncated =
            !terminated && description.max_episode_steps.is_some_and(|limit| self.steps >= limit);
        self.over = terminated || truncated;
        truncated
    }
}
