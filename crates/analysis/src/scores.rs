//! The score of a run, and the estimate over the seeds of a group.
//!
//! A run's score is the mean over the episodes of its last evaluation. The estimate over seeds is the
//! interquartile mean from 4 seeds on, and the mean below (where the IQM would discard nothing), with a 95
//! % bootstrap interval.

use rayon::prelude::*;
use zerolab_metrics::EvaluationRecord;
use zerolab_metrics::statistics::{Bootstrap, Interval, iqm, mean};

use crate::groups::Group;
use crate::results::RunResults;

/// The sum of rewards that a score measures.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum ScoreMetric {
    /// The sum of the observed rewards.
    Return,
    /// The sum of the true rewards.
    Performance,
}

impl ScoreMetric {
    pub const ALL: [ScoreMetric; 2] = [ScoreMetric::Return, ScoreMetric::Performance];

    pub fn name(self) -> &'static str {
        match self {
            ScoreMetric::Return => "return",
            ScoreMetric::Performance => "performance",
        }
    }

    /// The metric with this name; the return if there is none.
    pub fn from_name(name: &str) -> Self {
        ScoreMetric::ALL
            .into_iter()
            .find(|metric| metric.name() == name)
            .unwrap_or(ScoreMetric::Return)
    }

    /// The value of each episode of an evaluation.
    pub fn values(self, evaluation: &EvaluationRecord) -> &[f64] {
        match self {
            ScoreMetric::Return => &evaluation.returns,
            ScoreMetric::Performance => &evaluation.performances,
        }
    }
}

/// The estimator over seeds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Statistic {
    Mean,
    Iqm,
}

impl Statistic {
    /// The estimator for a number of seeds.
    pub fn of_seeds(seeds: usize) -> Self {
        if seeds < 4 { Statistic::Mean } else { Statistic::Iqm }
    }

    pub fn name(self) -> &'static str {
        match self {
            Statistic::Mean => "mean",
            Statistic::Iqm => "IQM",
        }
    }

    /// The indefinite article of its name.
    pub fn article(self) -> &'static str {
        match self {
            Statistic::Mean => "a",
            Statistic::Iqm => "an",
        }
    }

    pub fn function(self) -> fn(&[f64]) -> f64 {
        match self {
            Statistic::Mean => mean,
            Statistic::Iqm => iqm,
        }
    }
}

/// An estimate over seeds, with an interval if there are at least two.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Estimate {
    pub statistic: Statistic,
    pub value: f64,
    pub interval: Option<Interval>,
    pub seeds: usize,
}

impl Estimate {
    /// The estimate over `scores`, one per seed; nothing if there are none.
    pub fn of(scores: &[f64]) -> Option<Self> {
        if scores.is_empty() {
            return None;
        }
        let statistic = Statistic::of_seeds(scores.len());
        Some(Self {
            statistic,
            value: statistic.function()(scores),
            interval: Bootstrap::default().interval(&[scores], statistic.function()),
            seeds: scores.len(),
        })
    }
}

/// The final score of a group.
pub(crate) struct FinalScore {
    /// The index of the group in [`Findings::groups`](crate::findings::Findings).
    pub group: usize,
    pub metric: ScoreMetric,
    /// Nothing if no run of the group has finished with an evaluation.
    pub estimate: Option<Estimate>,
}

/// The final scores of every group by every metric, over its finished runs.
pub(crate) fn final_scores(groups: &[Group], runs: &[RunResults]) -> Vec<FinalScore> {
    let pairs: Vec<(usize, ScoreMetric)> = (0..groups.len())
        .flat_map(|group| ScoreMetric::ALL.map(|metric| (group, metric)))
        .collect();
    pairs
        .into_par_iter()
        .map(|(group, metric)| {
            let scores: Vec<f64> =
                seed_scores(&groups[group], runs, metric).map(|(_, score)| score).collect();
            FinalScore { group, metric, estimate: Estimate::of(&scores) }
        })
        .collect()
}

/// The score of each finished run of a group, with its seed.
pub(crate) fn seed_scores<'a>(
    group: &'a Group,
    runs: &'a [RunResults],
    metric: ScoreMetric,
) -> impl Iterator<Item = (u64, f64)> + 'a {
    group.finished(runs).filter_map(move |run| {
        let score = run.score(|evaluation| metric.values(evaluation))?;
        Some((run.reference.seed, score)).filter(|_| score.is_finite())
    })
}
