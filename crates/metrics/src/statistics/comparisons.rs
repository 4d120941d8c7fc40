//! Two agents on the same tasks: the difference of a statistic, and the probability of improvement.

use super::bootstrap::{Bootstrap, Interval, IntervalMethod, Resample};
use super::scores::{ScoreMatrix, ScoresError};
use super::verdict::MIN_RUNS_TO_JUDGE;

/// The scores of two agents on the same tasks, in the same order.
#[derive(Clone, Debug, PartialEq)]
pub struct AgentPair {
    first: ScoreMatrix,
    second: ScoreMatrix,
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
        Ok(Self { first, second })
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

    /// The 95 % interval of [`AgentPair::probability_of_improvement`]; `None` if an agent has fewer than
    /// [`MIN_RUNS_TO_JUDGE`] runs of a task.
    ///
    /// Runs are resampled as in rliable. The ends are those of [`IntervalMethod::Expanded`], because those of
    /// rliable are too narrow for few runs. The interval has no width if every run of one agent is better
    /// than every run of the other.
    pub fn improvement_interval(&self) -> Option<Interval> {
        let fewest = self.strata().into_iter().min()?;
        let bootstrap = Bootstrap { method: IntervalMethod::Expanded, ..Bootstrap::default() };
        (fewest >= MIN_RUNS_TO_JUDGE)
            .then(|| bootstrap.interval_of(self, AgentPair::probability_of_improvement))
            .flatten()
    }

    fn tasks(&self) -> impl Iterator<Item = (&[f64], &[f64])> {
        self.first.tasks().zip(self.second.tasks())
    }
}

/// rliable `StratifiedIndependentBootstrap`: the runs of each agent on each task are a stratum, also if both
/// agents have the same seeds.
impl Resample for AgentPair {
    fn strata(&self) -> Vec<usize> {
        let mut strata = self.first.strata();
        strata.extend(self.second.strata());
        strata
    }

    fn resample_from(&mut self, from: &Self, indices: &[usize]) {
        let (firsts, seconds) = indices.split_at(from.first.pooled().len());
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
