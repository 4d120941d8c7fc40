//! How often verdicts are given: on two equal agents, where each verdict is false, and on a better agent.

use rand::{RngExt, SeedableRng};
use rand_chacha::ChaCha8Rng;
use zerolab_metrics::statistics::{
    AgentPair, Bootstrap, Interval, MIN_RUNS_TO_JUDGE, MeanDifference, ScoreMatrix, Verdict, mean,
};

use super::agents::{Agent, MANY_TASKS, Scores};

/// What a verdict compares.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Comparison {
    /// Means over pairs of runs with equal seeds.
    Pairs,
    /// Means over independent runs.
    Means,
    /// The probability of improvement, against one half.
    Improvement,
}

/// One row of the table of verdicts: two agents that are compared again and again.
pub struct VerdictRow {
    /// The first cells of its line.
    pub name: String,
    /// The runs of each task.
    pub runs: usize,
    /// The number of scores of an experiment.
    pub size: usize,
    comparison: Comparison,
    agent: Agent,
}

/// Shares of experiments, in [0, 1].
pub struct VerdictShares {
    /// In which the first agent is said to be better.
    pub holds: f64,
    /// In which it is said to be worse.
    pub fails: f64,
}

impl VerdictRow {
    /// Whether there are enough runs for any verdict.
    pub fn is_judged(&self) -> bool {
        self.runs >= MIN_RUNS_TO_JUDGE
    }

    /// The shares of verdicts if the first agent is better by `gain` standard deviations on each task.
    pub fn verdicts(&self, gain: f64, experiments: usize, seed: u64) -> VerdictShares {
        self.shares(gain, experiments, seed, |pair| match self.comparison {
            Comparison::Improvement => pair.improvement().improvement_interval().map(beyond_half),
            Comparison::Means | Comparison::Pairs => {
                Some(Verdict::of(&pair.differences(self.comparison)))
            }
        })
    }

    /// Whether the verdicts come from bootstrap intervals.
    pub fn is_resampled(&self) -> bool {
        self.comparison == Comparison::Improvement
    }

    /// The shares with percentile intervals for equal agents, whatever the number of runs. `None` for
    /// verdicts that combine the intervals of several tasks.
    pub fn percentile_verdicts(&self, experiments: usize, seed: u64) -> Option<VerdictShares> {
        if self.agent.runs.len() > 1 && !self.is_resampled() {
            return None;
        }
        let mut random = ChaCha8Rng::seed_from_u64(seed);
        Some(self.shares(0.0, experiments, seed, |pair| {
            let bootstrap = Bootstrap { seed: random.random(), ..Bootstrap::default() };
            let improvement = pair.improvement();
            match self.comparison {
                Comparison::Improvement => bootstrap
                    .interval_of(&improvement, AgentPair::probability_of_improvement)
                    .map(beyond_half),
                Comparison::Means => bootstrap
                    .interval_of(&improvement, |pair| pair.difference(ScoreMatrix::mean))
                    .map(beyond_zero),
                Comparison::Pairs => {
                    let differences: Vec<f64> =
                        pair.pairs(0).map(|(first, second)| first - second).collect();
                    bootstrap.interval(&[&differences], mean).map(beyond_zero)
                }
            }
        }))
    }

    fn shares(
        &self,
        gain: f64,
        experiments: usize,
        seed: u64,
        mut judge: impl FnMut(&Experiment) -> Option<Verdict>,
    ) -> VerdictShares {
        let mut random = ChaCha8Rng::seed_from_u64(seed);
        let (mut holds, mut fails) = (0, 0);
        for _ in 0..experiments {
            let first = self.agent.play_better_by(gain, &mut random);
            let second = self.agent.play_better_by(0.0, &mut random);
            match judge(&Experiment { first, second }) {
                Some(Verdict::Holds) => holds += 1,
                Some(Verdict::Fails) => fails += 1,
                Some(Verdict::Undecided) | None => (),
            }
        }
        let share = |count: usize| count as f64 / experiments as f64;
        VerdictShares { holds: share(holds), fails: share(fails) }
    }
}

/// The scores of two agents.
struct Experiment {
    first: ScoreMatrix,
    second: ScoreMatrix,
}

impl Experiment {
    fn improvement(&self) -> AgentPair {
        AgentPair::independent(self.first.clone(), self.second.clone()).expect("the same tasks")
    }

    fn pairs(&self, task: usize) -> impl Iterator<Item = (f64, f64)> {
        let of_task = |scores: &ScoreMatrix| -> Vec<f64> {
            scores.tasks().nth(task).expect("a task").to_vec()
        };
        of_task(&self.first).into_iter().zip(of_task(&self.second))
    }

    fn differences(&self, comparison: Comparison) -> Vec<Option<MeanDifference>> {
        let difference = |task: usize| {
            let pairs: Vec<(f64, f64)> = self.pairs(task).collect();
            match comparison {
                Comparison::Pairs => MeanDifference::paired(&pairs),
                _ => {
                    let (first, second): (Vec<f64>, Vec<f64>) = pairs.into_iter().unzip();
                    MeanDifference::independent(&first, &second)
                }
            }
        };
        (0..self.first.tasks().len()).map(difference).collect()
    }
}

fn beyond_zero(interval: Interval) -> Verdict {
    match interval {
        _ if interval.low > 0.0 => Verdict::Holds,
        _ if interval.high < 0.0 => Verdict::Fails,
        _ => Verdict::Undecided,
    }
}

fn beyond_half(interval: Interval) -> Verdict {
    beyond_zero(Interval { low: interval.low - 0.5, high: interval.high - 0.5 })
}

/// All rows, in the order of the table.
pub fn verdict_rows() -> Vec<VerdictRow> {
    let row = |scores: Scores, tasks: usize, runs: usize, comparison: Comparison| {
        let what = match comparison {
            Comparison::Pairs => "means, pairs",
            Comparison::Means => "means",
            Comparison::Improvement => "P(improvement)",
        };
        VerdictRow {
            name: format!("| {} | {tasks} | {runs} | {what} |", scores.name()),
            runs,
            size: 2 * runs * tasks,
            comparison,
            agent: Agent { scores, runs: vec![runs; tasks] },
        }
    };
    let comparisons = [Comparison::Pairs, Comparison::Means, Comparison::Improvement];
    let mut rows = Vec::new();
    for comparison in comparisons {
        for scores in Scores::ALL {
            rows.extend([3, 5, 10, 20].map(|runs| row(scores, 1, runs, comparison)));
        }
    }
    for comparison in comparisons {
        for scores in [Scores::Failures, Scores::Bimodal] {
            rows.extend([3, 5, 10].map(|runs| row(scores, MANY_TASKS, runs, comparison)));
        }
    }
    rows
}
