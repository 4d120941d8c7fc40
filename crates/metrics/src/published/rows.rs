//! The rows of the tables, column by column.

use serde::Deserialize;

use crate::statistics::ScoreMatrix;

/// How a number is known.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Kind {
    /// Stated by its authors, and read there.
    Published,
    /// Stated by its authors, but known from others who quote it.
    SecondHand,
    /// The mean of runs whose scores are public.
    PerRun,
    /// Recomputed from such runs.
    Recomputed,
    /// Recomputed from the mean scores of tasks: of an IQM or an optimality gap another estimator than that of runs.
    RecomputedFromMeans,
    /// Read off a plot, with the error of reading.
    ReadOffPlot,
}

impl Kind {
    /// Its name in the tables.
    pub fn name(self) -> &'static str {
        match self {
            Kind::Published => "published",
            Kind::SecondHand => "second-hand",
            Kind::PerRun => "per-run",
            Kind::Recomputed => "recomputed",
            Kind::RecomputedFromMeans => "recomputed-from-means",
            Kind::ReadOffPlot => "read-off-plot",
        }
    }
}

/// An estimate over the tasks of a benchmark; all but the last are of human-normalised scores.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Metric {
    /// The mean over tasks.
    Mean,
    /// The median over tasks.
    Median,
    /// The interquartile mean over the runs of all tasks.
    Iqm,
    /// How far it falls short of 1 on average.
    OptimalityGap,
    /// Tasks of which the mean score is the human's or more.
    SuperhumanTasks,
    /// The mean over tasks of plain returns.
    MeanReturn,
}

impl Metric {
    /// Its name in the tables.
    pub fn name(self) -> &'static str {
        match self {
            Metric::Mean => "mean",
            Metric::Median => "median",
            Metric::Iqm => "iqm",
            Metric::OptimalityGap => "optimality_gap",
            Metric::SuperhumanTasks => "superhuman_tasks",
            Metric::MeanReturn => "mean_return",
        }
    }

    /// Whether it is a function of the tasks' mean scores alone, so that the runs need not be known.
    pub fn is_of_means(self) -> bool {
        !matches!(self, Metric::Iqm | Metric::OptimalityGap)
    }

    /// Its value for `scores`: normalised ones, but for [`Metric::MeanReturn`].
    pub fn of(self, scores: &ScoreMatrix) -> f64 {
        match self {
            Metric::Mean | Metric::MeanReturn => scores.mean(),
            Metric::Median => scores.median(),
            Metric::Iqm => scores.iqm(),
            Metric::OptimalityGap => scores.optimality_gap(1.0),
            Metric::SuperhumanTasks => {
                scores.task_means().iter().filter(|mean| **mean >= 1.0).count() as f64
            }
        }
    }
}

/// `scores.csv`: the score of an algorithm on a task.
#[derive(Clone, Debug, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Score {
    /// The benchmark, as `atari-100k`.
    pub benchmark: String,
    /// The algorithm.
    pub algorithm: String,
    /// Which of the algorithm's results: they differ from paper to paper.
    pub series: String,
    /// The task, as its paper writes it.
    pub task: String,
    /// Real steps of training (MinAtar: frames, which are the same); empty where nobody says.
    pub real_steps: Option<u64>,
    /// The mean return.
    pub score: f64,
    /// The standard deviation that stands beside it.
    pub deviation: Option<f64>,
    /// Runs that it is the mean of.
    pub runs: Option<u32>,
    /// How it is known.
    pub kind: Kind,
    /// What speaks against it; empty for most.
    pub disputed: String,
    /// The name of its source.
    pub source: String,
}

/// `runs.csv`: the score of one run.
#[derive(Clone, Debug, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct RunScore {
    /// As in [`Score`].
    pub benchmark: String,
    /// As in [`Score`].
    pub algorithm: String,
    /// As in [`Score`].
    pub series: String,
    /// As in [`Score`].
    pub task: String,
    /// Its place among the runs of the task, from 0.
    pub run: u32,
    /// The mean return of its evaluation.
    pub score: f64,
    /// The name of its source.
    pub source: String,
}

/// `aggregates.csv`: an estimate over the tasks of a benchmark.
#[derive(Clone, Debug, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Aggregate {
    /// As in [`Score`].
    pub benchmark: String,
    /// As in [`Score`].
    pub algorithm: String,
    /// As in [`Score`].
    pub series: String,
    /// What is estimated.
    pub metric: Metric,
    /// The estimate.
    pub value: f64,
    /// The lower end of its 95 % bootstrap interval.
    pub low: Option<f64>,
    /// The upper end.
    pub high: Option<f64>,
    /// How many tasks it is over.
    pub tasks: Option<u32>,
    /// Runs of each task, the fewest of any.
    pub runs: Option<u32>,
    /// How it is known.
    pub kind: Kind,
    /// What speaks against it; empty for most.
    pub disputed: String,
    /// The name of its source.
    pub source: String,
}

/// `ablations.csv`: a variant of an algorithm, and what came of it.
#[derive(Clone, Debug, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Ablation {
    /// As in [`Score`].
    pub benchmark: String,
    /// As in [`Score`].
    pub algorithm: String,
    /// What was changed, or `full`.
    pub variant: String,
    /// The task, or which tasks.
    pub task: String,
    /// What is measured, as `mean` of human-normalised scores.
    pub metric: String,
    /// The measurement.
    pub value: f64,
    /// How it is known.
    pub kind: Kind,
    /// The name of its source.
    pub source: String,
}

/// `costs.csv`: what a training took.
#[derive(Clone, Debug, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct TrainingCost {
    /// As in [`Score`]; `other` for what is none of the benchmarks here.
    pub benchmark: String,
    /// As in [`Score`].
    pub algorithm: String,
    /// Which implementation or who says so; may be empty.
    pub variant: String,
    /// What was trained.
    pub what: String,
    /// Hours by the clock.
    pub hours: Option<f64>,
    /// The accelerator, in the source's words.
    pub gpu: String,
    /// How many of it; a share of one may be less than 1.
    pub gpus: Option<f64>,
    /// The processor and its memory, in the source's words.
    pub cpu: String,
    /// Trained parameters, in the source's words.
    pub parameters: String,
    /// How it is known.
    pub kind: Kind,
    /// What else there is to know.
    pub note: String,
    /// The name of its source.
    pub source: String,
}

/// `sources.csv`: where numbers come from.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Source {
    /// Its name, by which rows refer to it.
    pub source: String,
    /// What it is: paper, table, file.
    pub citation: String,
    /// Where it can be found; empty where nobody knows.
    pub address: String,
}
