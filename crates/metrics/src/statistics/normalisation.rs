//! Scores of different tasks on one scale: 0 for a reference agent, 1 for another.

use thiserror::Error;

use super::scores::{ScoreMatrix, ScoresError};

/// A linear scale of one task.
///
/// Human-normalised scores have a uniformly random agent at 0 and a human at 1 (Mnih et al. 2015, "Human-level
/// control through deep reinforcement learning"); scores normalised by the optimum have the optimal
/// policy's value at 1, so that 1 less the score is the normalised regret. Scores are not clipped. `one` may
/// be less than `zero` (a cost): then less is more.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Normalisation {
    zero: f64,
    one: f64,
}

/// Why two scores make no scale.
#[derive(Clone, Copy, Debug, Error, PartialEq)]
#[error(
    "scores {zero} and {one} make no scale from 0 to 1: they must be finite and differ; \
     leave a task whose random and best scores are equal out"
)]
pub struct NormalisationError {
    /// The score that should be 0.
    pub zero: f64,
    /// The score that should be 1.
    pub one: f64,
}

impl Normalisation {
    /// The scale on which the score `zero` is 0 and the score `one` is 1.
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
    /// The scores of each task on the scale of the same place.
    ///
    /// Errors if there are not as many scales as tasks, or if a score leaves the range of numbers.
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
