//! Two agents on the same tasks: the difference of an estimate, and the probability of improvement.

use super::bootstrap::Resample;
use super::scores::{ScoreMatrix, ScoresError};

/// The scores of two agents on the same tasks, in the same order.
#[derive(Clone, Debug, PartialEq)]
pub struct Comparison {
    first: ScoreMatrix,
    second: ScoreMatrix,
    paired: bool,
}

impl Comparison {
    /// Agents whose runs have nothing to do with each other; their numbers may differ.
    pub fn independent(first: ScoreMatrix, second: ScoreMatrix) -> Result<Self, ScoresError> {
        let (firsts, seconds) = (first.tasks().len(), second.tasks().len());
        if firsts != seconds {
            return Err(ScoresError::UnequalTasks { first: firsts, second: seconds });
        }
        Ok(Self { first, second, paired: false })
    }

    /// Agents whose runs, one by one within each task, share a seed and with it their environment's chance.
    ///
    /// A resample draws pairs, so that what both runs owe to their seed cancels in a difference. The
    /// estimates are those of independent runs; only their intervals differ.
    pub fn paired(first: ScoreMatrix, second: ScoreMatrix) -> Result<Self, ScoresError> {
        let comparison = Self::independent(first, second)?;
        let unequal = comparison.tasks().position(|(first, second)| first.len() != second.len());
        match unequal.and_then(|task| Some((task, comparison.tasks().nth(task)?))) {
            Some((task, (first, second))) => {
                Err(ScoresError::UnequalRuns { task, first: first.len(), second: second.len() })
            }
            None => Ok(Self { paired: true, ..comparison }),
        }
    }

    /// The `statistic` of the first agent less that of the second.
    pub fn difference(&self, statistic: impl Fn(&ScoreMatrix) -> f64) -> f64 {
        statistic(&self.first) - statistic(&self.second)
    }

    /// How likely a run of the first agent is to beat one of the second, on a task drawn at random.
    ///
    /// rliable `probability_of_improvement` (Agarwal et al. 2021, section 4.3): per task the statistic U
    /// of Mann & Whitney 1947, the number of pairs (run of the first, run of the second) that the first
    /// wins, a tie counting half, over the number of pairs; then the mean over tasks. In [0, 1]; 0.5 says
    /// neither. It counts how often, not by how much.
    pub fn probability_of_improvement(&self) -> f64 {
        let sum: f64 = self.tasks().map(|(first, second)| win_rate(first, second)).sum();
        sum / self.first.tasks().len() as f64
    }

    fn tasks(&self) -> impl Iterator<Item = (&[f64], &[f64])> {
        self.first.tasks().zip(self.second.tasks())
    }
}

/// Unpaired: rliable `StratifiedIndependentBootstrap`. Paired: each task's pairs by themselves.
impl Resample for Comparison {
    fn strata(&self) -> Vec<usize> {
        let mut strata = self.first.strata();
        if !self.paired {
            strata.extend(self.second.strata());
        }
        strata
    }

    fn draw_again(&mut self, from: &Self, places: &[usize]) {
        let (firsts, seconds) =
            if self.paired { (places, places) } else { places.split_at(from.first.pooled().len()) };
        self.first.draw_again(&from.first, firsts);
        self.second.draw_again(&from.second, seconds);
    }
}

fn win_rate(first: &[f64], second: &[f64]) -> f64 {
    let mut halves = 0_usize;
    for ours in first {
        for theirs in second {
            halves += if ours > theirs { 2 } else { usize::from(ours == theirs) };
        }
    }
    halves as f64 / (2 * first.len() * second.len()) as f64
}
