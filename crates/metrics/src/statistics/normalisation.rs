//! Scores of different tasks on one scale, set by two reference scores.

use thiserror::Error;

use super::scores::{ScoreMatrix, ScoresError};

/// A linear scale of one task.
///
/// A human-normalised score is 0 for a uniformly random agent and 1 for a human (Mnih et al. 2015,
/// "Human-level control through deep reinforcement learning"). A score normalised by the optimum is 1 for the
/// optimal policy, so 1 − score is the normalised regret. Scores are not clipped. `one` may be less than
/// `zero`, for a cost.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Normalisation {
    zero: f64,
    one: f64,
}

/// Two scores that do not define a scale.
#[derive(Clone, Copy, Debug, Error, PartialEq)]
#[error(
    "scores {zero} and {one} do not define a scale: they must be finite and differ; \
     leave out a task whose random and best scores are equal"
)]
pub struct NormalisationError {
    /// The score that would be 0.
    pub zero: f64,
    /// The score that would be 1.
    pub one: f64,
}

impl Normalisation {
    /// The scale on which the score `zero` is 0 and the score `one` is 1.
    ///
    /// # Errors
    /// If the two are equal or not finite.
    pub fn new(zero: f64, one: f64) -> Result<Self, NormalisationError> {
        let usable = (one - zero).is_finite() && zero != one;
        usable.then_some(Self { zero, one }).ok_or(NormalisationError { zero, one })
    }

    /// `score` on this scale.
    pub fn apply(&self, score: f64) -> f64 {
        (score - self.zero) / (self.one - self.zero)
    }
}

impl ScoreMatrix {
    /// The scores on these scales, one scale for each task.
    ///
    /// # Errors
    /// If there are not as many scales as tasks, or if a normalised score is not finite.
    pub fn normalised(&self, scales: &[Normalisation]) -> Result<Self, ScoresError> {
        if scales.len() != self.tasks().len() {
            return Err(ScoresError::UnequalTasks {
                first: self.tasks().len(),
                second: scales.len(),
            });
        }
        Self::new(self.tasks().zip(scales).map(|(task, scale)| -> Vec<f64> {
            task.iter().map(|score| scale.apply(*score)).collect()
        }))
    }
}
