//! The score of a run, and the estimate over the seeds of a group.
//!
//! A run's score is the mean over the episodes of its last evaluation. Over seeds: the interquartile mean
//! from 4 seeds on (below that it cuts nothing off), the mean otherwise; with a 95 % bootstrap interval.

use rayon::prelude::*;
use zerolab_metrics::EvaluationRecord;
use zerolab_metrics::statistics::{Bootstrap, Interval, iqm, mean};

use crate::groups::Group;
use crate::results::Run;

/// What is scored.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Metric {
    /// The sum of the observed rewards.
    Return,
    /// The sum of the true rewards.
    Performance,
}

impl Metric {
    pub const ALL: [Metric; 2] = [Metric::Return, Metric::Performance];

    pub fn name(self) -> &'static str {
        match self {
            Metric::Return => "return",
            Metric::Performance => "performance",
        }
    }

    /// The one of that name; the return for any other.
    pub fn named(name: &str) -> Self {
        Metric::ALL.into_iter().find(|metric| metric.name() == name).unwrap_or(Metric::Return)
    }

    /// The value of each episode of an evaluation.
    pub fn values(self, evaluation: &EvaluationRecord) -> &[f64] {
        match self {
            Metric::Return => &evaluation.returns,
            Metric::Performance => &evaluation.performances,
        }
    }
}

/// The estimate over seeds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Statistic {
    Mean,
    Iqm,
}

impl Statistic {
    /// The one that suits a number of seeds.
    pub fn of_seeds(seeds: usize) -> Self {
        if seeds < 4 { Statistic::Mean } else { Statistic::Iqm }
    }

    pub fn name(self) -> &'static str {
        match self {
            Statistic::Mean => "mean",
            Statistic::Iqm => "IQM",
        }
    }

    /// Its indefinite article, for sentences.
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

/// An estimate over seeds, with its interval where there are at least two.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Estimate {
    pub statistic: Statistic,
    pub value: f64,
    pub interval: Option<Interval>,
    pub seeds: usize,
}

impl Estimate {
    /// The estimate that suits `scores`, one a seed; nothing if there are none.
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
pub(crate) struct Score {
    /// The group's place.
    pub group: usize,
    pub metric: Metric,
    /// Nothing if no run of the group has finished with an evaluation.
    pub estimate: Option<Estimate>,
}

/// The final scores of every group by every metric, over its finished runs.
pub(crate) fn final_scores(groups: &[Group], runs: &[Run]) -> Vec<Score> {
    let wanted: Vec<(usize, Metric)> =
        (0..groups.len()).flat_map(|group| Metric::ALL.map(|metric| (group, metric))).collect();
    wanted
        .into_par_iter()
        .map(|(group, metric)| {
            let scores: Vec<f64> =
                seed_scores(&groups[group], runs, metric).map(|(_, score)| score).collect();
            Score { group, metric, estimate: Estimate::of(&scores) }
        })
        .collect()
}

/// The score of each finished run of a group, with its seed.
pub(crate) fn seed_scores<'a>(
    group: &'a Group,
    runs: &'a [Run],
    metric: Metric,
) -> impl Iterator<Item = (u64, f64)> + 'a {
    group.finished(runs).filter_map(move |run| {
        let score = run.score(|evaluation| metric.values(evaluation))?;
        Some((run.reference.seed, score)).filter(|_| score.is_finite())
    })
}
