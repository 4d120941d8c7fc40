//! The row types of the tables, one field for each column.

use serde::Deserialize;

use crate::statistics::ScoreMatrix;

/// How a published number is known.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Evidence {
    /// Stated by its authors, and read in their publication.
    Published,
    /// Stated by its authors, but read in a publication that quotes it.
    SecondHand,
    /// The mean of runs with public scores.
    PerRun,
    /// Recomputed from runs with public scores.
    Recomputed,
    /// Recomputed from the mean scores of tasks. For an IQM or an optimality gap this is a different
    /// estimator than that of runs.
    RecomputedFromMeans,
    /// Read from a plot, with a reading error.
    ReadOffPlot,
    /// Computed here, from what the source states.
    Computed,
}

impl Evidence {
    /// The name in the tables.
    pub fn name(self) -> &'static str {
        match self {
            Evidence::Published => "published",
            Evidence::SecondHand => "second-hand",
            Evidence::PerRun => "per-run",
            Evidence::Recomputed => "recomputed",
            Evidence::RecomputedFromMeans => "recomputed-from-means",
            Evidence::ReadOffPlot => "read-off-plot",
            Evidence::Computed => "computed",
        }
    }
}

/// An aggregate over the tasks of a benchmark. All except the last use human-normalised scores.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum AggregateMetric {
    /// The mean over tasks.
    Mean,
    /// The median over tasks.
    Median,
    /// The interquartile mean over the runs of all tasks.
    Iqm,
    /// The mean over tasks of 1 − min(score, 1).
    OptimalityGap,
    /// The number of tasks whose mean score is at least the human's.
    SuperhumanTasks,
    /// The mean over tasks of the returns.
    MeanReturn,
}

impl AggregateMetric {
    /// The name in the tables.
    pub fn name(self) -> &'static str {
        match self {
            AggregateMetric::Mean => "mean",
            AggregateMetric::Median => "median",
            AggregateMetric::Iqm => "iqm",
            AggregateMetric::OptimalityGap => "optimality_gap",
            AggregateMetric::SuperhumanTasks => "superhuman_tasks",
            AggregateMetric::MeanReturn => "mean_return",
        }
    }

    /// Whether it depends only on the tasks' mean scores, and not on those of single runs.
    pub fn is_of_means(self) -> bool {
        !matches!(self, AggregateMetric::Iqm | AggregateMetric::OptimalityGap)
    }

    /// The value for `scores`: human-normalised scores, or returns for [`AggregateMetric::MeanReturn`].
    pub fn of(self, scores: &ScoreMatrix) -> f64 {
        match self {
            AggregateMetric::Mean | AggregateMetric::MeanReturn => scores.mean(),
            AggregateMetric::Median => scores.median(),
            AggregateMetric::Iqm => scores.iqm(),
            AggregateMetric::OptimalityGap => scores.optimality_gap(1.0),
            AggregateMetric::SuperhumanTasks => {
                scores.task_means().iter().filter(|mean| **mean >= 1.0).count() as f64
            }
        }
    }
}

/// `scores.csv`: the score of an algorithm on a task.
#[derive(Clone, Debug, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct PublishedScore {
    /// The benchmark, such as `atari-100k`.
    pub benchmark: String,
    /// The algorithm.
    pub algorithm: String,
    /// Which results of the algorithm: they differ between papers.
    pub series: String,
    /// The task, spelt as in the paper.
    pub task: String,
    /// Real steps of training (MinAtar: frames, which are the same), if stated.
    pub real_steps: Option<u64>,
    /// The mean return.
    pub score: f64,
    /// The standard deviation, if stated.
    pub deviation: Option<f64>,
    /// The number of runs, if stated.
    pub runs: Option<u32>,
    /// How the number is known.
    pub kind: Evidence,
    /// Evidence against the number; usually empty.
    pub disputed: String,
    /// The name of its source.
    pub source: String,
}

/// `runs.csv`: the score of one run.
#[derive(Clone, Debug, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct RunScore {
    /// As in [`PublishedScore`].
    pub benchmark: String,
    /// As in [`PublishedScore`].
    pub algorithm: String,
    /// As in [`PublishedScore`].
    pub series: String,
    /// As in [`PublishedScore`].
    pub task: String,
    /// The index of the run within the task.
    pub run: u32,
    /// The mean return of the run's evaluation.
    pub score: f64,
    /// The name of its source.
    pub source: String,
}

/// `aggregates.csv`: an aggregate over the tasks of a benchmark.
#[derive(Clone, Debug, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Aggregate {
    /// As in [`PublishedScore`].
    pub benchmark: String,
    /// As in [`PublishedScore`].
    pub algorithm: String,
    /// As in [`PublishedScore`].
    pub series: String,
    /// The aggregate.
    pub metric: AggregateMetric,
    /// The value.
    pub value: f64,
    /// The lower end of the 95 % bootstrap interval, if known.
    pub low: Option<f64>,
    /// The upper end of the interval, if known.
    pub high: Option<f64>,
    /// The number of tasks, if stated.
    pub tasks: Option<u32>,
    /// The number of runs for each task, the fewest of any task, if stated.
    pub runs: Option<u32>,
    /// How the number is known.
    pub kind: Evidence,
    /// Evidence against the number; usually empty.
    pub disputed: String,
    /// The name of its source.
    pub source: String,
}

/// `ablations.csv`: the result of a variant of an algorithm.
#[derive(Clone, Debug, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Ablation {
    /// As in [`PublishedScore`].
    pub benchmark: String,
    /// As in [`PublishedScore`].
    pub algorithm: String,
    /// The change, or `full`.
    pub variant: String,
    /// The task or tasks.
    pub task: String,
    /// The metric, such as `mean` of human-normalised scores.
    pub metric: String,
    /// The value.
    pub value: f64,
    /// How the number is known.
    pub kind: Evidence,
    /// The name of its source.
    pub source: String,
}

/// `costs.csv`: the cost of a training.
#[derive(Clone, Debug, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct TrainingCost {
    /// As in [`PublishedScore`]; `other` for a benchmark that is not in these tables.
    pub benchmark: String,
    /// As in [`PublishedScore`].
    pub algorithm: String,
    /// The implementation or the author of the number; may be empty.
    pub variant: String,
    /// What was trained.
    pub what: String,
    /// Wall-clock hours, if stated.
    pub hours: Option<f64>,
    /// The accelerator, in the source's words.
    pub gpu: String,
    /// The number of accelerators, if stated; less than 1 for a share of one.
    pub gpus: Option<f64>,
    /// The processor and its memory, in the source's words.
    pub cpu: String,
    /// Trainable parameters, in the source's words.
    pub parameters: String,
    /// How the numbers are known.
    pub kind: Evidence,
    /// Remarks.
    pub note: String,
    /// The name of its source.
    pub source: String,
}

/// `sources.csv`: a source of numbers.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct PublishedSource {
    /// The name by which rows refer to it.
    pub source: String,
    /// The citation: paper, table, file.
    pub citation: String,
    /// The address; empty if unknown.
    pub address: String,
}
