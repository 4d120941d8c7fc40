//! Two agents on the same tasks: the difference of a statistic, and the probability of improvement.

use super::bootstrap::Resample;
use super::scores::{ScoreMatrix, ScoresError};

/// The scores of two agents on the same tasks, in the same order.
#[derive(Clone, Debug, PartialEq)]
pub struct AgentPair {
    first: ScoreMatrix,
    second: ScoreMatrix,
    paired: bool,
}

impl AgentPair {
    /// Two agents whose runs are independent. They may have different numbers of runs.
    ///
    /// # Errors
    /// If they have different numbers of tasks.
    pub fn independent(first: ScoreMatrix, second: ScoreMatrix) -> Result<Self, ScoresError> {
        let (firsts, seconds) = (first.tasks().len(), second.tasks().len());
        if firsts != seconds {
            return Err(ScoresError::UnequalTasks { first: firsts, second: seconds });
        }
        Ok(Self { first, second, paired: false })
    }

    /// Two agents whose runs are paired: the runs with one index within a task share a seed, and so the
    /// randomness of their environment.
    ///
    /// A resample draws whole pairs, so the effect of the seed cancels in a difference. Estimates are the
    /// same as for independent runs; only intervals differ.
    ///
    /// # Errors
    /// If they have different numbers of tasks, or of runs of a task.
    pub fn paired(first: ScoreMatrix, second: ScoreMatrix) -> Result<Self, ScoresError> {
        let pair = Self::independent(first, second)?;
        let unequal = pair.tasks().position(|(first, second)| first.len() != second.len());
        match unequal.and_then(|task| Some((task, pair.tasks().nth(task)?))) {
            Some((task, (first, second))) => {
                Err(ScoresError::UnequalRuns { task, first: first.len(), second: second.len() })
            }
            None => Ok(Self { paired: true, ..pair }),
        }
    }

    /// The `statistic` of the first agent minus that of the second.
    pub fn difference(&self, statistic: impl Fn(&ScoreMatrix) -> f64) -> f64 {
        statistic(&self.first) - statistic(&self.second)
    }

    /// The probability that a run of the first agent beats a run of the second, on a random task.
    ///
    /// rliable `probability_of_improvement` (Agarwal et al. 2021, section 4.3). For each task it is the
    /// statistic U of Mann & Whitney 1947 divided by the number of pairs (run of the first, run of the
    /// second): U is the number of pairs that the first wins, and a tie counts one half. The result is the
    /// mean over tasks, in [0, 1]; 0.5 means that neither is better. It measures how often, not by how much.
    pub fn probability_of_improvement(&self) -> f64 {
        let sum: f64 = self.tasks().map(|(first, second)| win_rate(first, second)).sum();
        sum / self.first.tasks().len() as f64
    }

    fn tasks(&self) -> impl Iterator<Item = (&[f64], &[f64])> {
        self.first.tasks().zip(self.second.tasks())
    }
}

/// Independent: rliable `StratifiedIndependentBootstrap`. Paired: the pairs of a task are a stratum.
impl Resample for AgentPair {
    fn strata(&self) -> Vec<usize> {
        let mut strata = self.first.strata();
        if !self.paired {
            strata.extend(self.second.strata());
        }
        strata
    }

    fn resample_from(&mut self, from: &Self, indices: &[usize]) {
        let (firsts, seconds) = if self.paired {
            (indices, indices)
        } else {
            indices.split_at(from.first.pooled().len())
        };
        self.first.resample_from(&from.first, firsts);
        self.second.resample_from(&from.second, seconds);
    }
}

fn win_rate(first: &[f64], second: &[f64]) -> f64 {
    let mut halves = 0_usize;
    for one in first {
        for other in second {
            halves += if one > other { 2 } else { usize::from(one == other) };
        }
    }
    halves as f64 / (2 * first.len() * second.len()) as f64
}
