//! Queries of the tables: which results exist, and their scores and aggregates.

use super::PublishedTables;
use super::rows::{Aggregate, AggregateMetric, Evidence, PublishedScore};
use crate::statistics::{Interval, Normalisation, NormalisationError, ScoreMatrix, ScoresError};

/// The agents whose human-normalised scores are 0 and 1.
const REFERENCES: [&str; 2] = ["Random", "Human"];

/// One set of results of an algorithm.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PublishedSeries {
    /// The algorithm.
    pub algorithm: String,
    /// Which results of the algorithm.
    pub series: String,
}

impl PublishedSeries {
    /// The unique name `algorithm (series)`.
    pub fn name(&self) -> String {
        format!("{} ({})", self.algorithm, self.series)
    }

    fn is(&self, algorithm: &str, series: &str) -> bool {
        self.algorithm == algorithm && self.series == series
    }
}

/// An aggregate over the tasks of a benchmark, with its interval.
#[derive(Clone, Debug, PartialEq)]
pub struct PublishedEstimate<'a> {
    /// The row of the aggregate.
    pub row: &'a Aggregate,
    /// The interval of the row, or of the same aggregate recomputed from the same runs, if any.
    pub interval: Option<Interval>,
}

/// Whether one of our environments, such as `atari/ms_pacman`, is a task of a benchmark, such as `MsPacman`
/// of `atari-100k`.
pub fn is_task(environment: &str, benchmark: &str, task: &str) -> bool {
    let letters = |name: &str| -> String {
        let kept = name.chars().filter(|letter| letter.is_alphanumeric());
        kept.flat_map(char::to_lowercase).collect()
    };
    environment.split_once('/').is_some_and(|(family, name)| {
        benchmark.split('-').next() == Some(family) && letters(name) == letters(task)
    })
}

impl PublishedTables {
    /// The benchmarks, in the order of the tables.
    pub fn benchmarks(&self) -> Vec<&str> {
        let scores = self.scores.iter().map(|row| row.benchmark.as_str());
        let mut names = Vec::new();
        for name in scores.chain(self.aggregates.iter().map(|row| row.benchmark.as_str())) {
            if !names.contains(&name) {
                names.push(name);
            }
        }
        names
    }

    /// The tasks of a benchmark.
    pub fn tasks(&self, benchmark: &str) -> Vec<&str> {
        let mut tasks = Vec::new();
        for row in self.scores.iter().filter(|row| row.benchmark == benchmark) {
            if !tasks.contains(&row.task.as_str()) {
                tasks.push(row.task.as_str());
            }
        }
        tasks
    }

    /// All series of a benchmark except the references. The first series of an algorithm is its best known.
    pub fn series(&self, benchmark: &str) -> Vec<PublishedSeries> {
        let scores = self.scores.iter().filter(|row| row.benchmark == benchmark);
        let scores = scores.map(|row| (&row.algorithm, &row.series));
        let aggregates = self.aggregates.iter().filter(|row| row.benchmark == benchmark);
        let aggregates = aggregates.map(|row| (&row.algorithm, &row.series));
        let mut all: Vec<PublishedSeries> = Vec::new();
        for (algorithm, series) in scores.chain(aggregates) {
            let is_reference = REFERENCES.contains(&algorithm.as_str());
            if !is_reference && !all.iter().any(|known| known.is(algorithm, series)) {
                all.push(PublishedSeries { algorithm: algorithm.clone(), series: series.clone() });
            }
        }
        all
    }

    /// The series called `name`: `algorithm (series)`, or `algorithm` for the first series of the algorithm.
    pub fn find(&self, benchmark: &str, name: &str) -> Option<PublishedSeries> {
        let all = self.series(benchmark);
        let exact = all.iter().find(|series| series.name() == name);
        exact.or_else(|| all.iter().find(|series| series.algorithm == name)).cloned()
    }

    /// All names that [`PublishedTables::find`] finds.
    pub fn names(&self, benchmark: &str) -> Vec<String> {
        let mut names = Vec::new();
        for series in self.series(benchmark) {
            if !names.contains(&series.algorithm) {
                names.push(series.algorithm.clone());
            }
            names.push(series.name());
        }
        names
    }

    /// The scores of a series, task by task.
    pub fn scores_of<'a>(
        &'a self,
        benchmark: &'a str,
        series: &'a PublishedSeries,
    ) -> impl Iterator<Item = &'a PublishedScore> {
        let here = move |row: &&PublishedScore| {
            row.benchmark == benchmark && series.is(&row.algorithm, &row.series)
        };
        self.scores.iter().filter(here)
    }

    /// The scores of a random agent and of a human on a task, if known.
    pub fn references(&self, benchmark: &str, task: &str) -> Option<[f64; 2]> {
        let of = |algorithm: &str| {
            let here = |row: &&PublishedScore| {
                row.benchmark == benchmark && row.algorithm == algorithm && row.task == task
            };
            self.scores.iter().find(here).map(|row| row.score)
        };
        let [random, human] = REFERENCES;
        Some([of(random)?, of(human)?])
    }

    /// The scale on which a random agent has 0 and a human 1, if their scores are known.
    ///
    /// # Errors
    /// If the two scores are equal.
    pub fn scale(
        &self,
        benchmark: &str,
        task: &str,
    ) -> Result<Option<Normalisation>, NormalisationError> {
        let references = self.references(benchmark, task);
        references.map(|[random, human]| Normalisation::new(random, human)).transpose()
    }

    /// The scores of the runs of a series, for each task in the order of [`PublishedTables::tasks`]; `None`
    /// unless every task has runs.
    ///
    /// # Errors
    /// If a score is not finite.
    pub fn runs_of(
        &self,
        benchmark: &str,
        series: &PublishedSeries,
    ) -> Result<Option<ScoreMatrix>, ScoresError> {
        let runs = self.runs.iter().filter(|row| row.benchmark == benchmark);
        let runs: Vec<_> = runs.filter(|row| series.is(&row.algorithm, &row.series)).collect();
        let of_task = |task: &&str| -> Vec<f64> {
            runs.iter().filter(|row| row.task == *task).map(|row| row.score).collect()
        };
        let tasks: Vec<_> = self.tasks(benchmark).iter().map(of_task).collect();
        let complete = !tasks.is_empty() && tasks.iter().all(|runs| !runs.is_empty());
        complete.then(|| ScoreMatrix::new(tasks)).transpose()
    }

    /// An aggregate of a series: the authors' own number if there is one, else a recomputed one.
    pub fn estimate(
        &self,
        benchmark: &str,
        series: &PublishedSeries,
        metric: AggregateMetric,
    ) -> Option<PublishedEstimate<'_>> {
        let here = |row: &&Aggregate| {
            row.benchmark == benchmark
                && row.metric == metric
                && series.is(&row.algorithm, &row.series)
        };
        let mut rows: Vec<&Aggregate> = self.aggregates.iter().filter(here).collect();
        rows.sort_by_key(|row| match row.kind {
            Evidence::Published | Evidence::PerRun => 0,
            Evidence::SecondHand => 1,
            Evidence::Recomputed | Evidence::Computed => 2,
            Evidence::RecomputedFromMeans => 3,
            Evidence::ReadOffPlot => 4,
        });
        let interval =
            rows.iter().find_map(|row| Some(Interval { low: row.low?, high: row.high? }));
        rows.first().map(|row| PublishedEstimate { row, interval })
    }
}
