//! Questions to the tables: which results there are, and what they come to.

use super::Published;
use super::rows::{Aggregate, Kind, Metric, Score};
use crate::statistics::{Interval, Normalisation, NormalisationError, ScoreMatrix, ScoresError};

/// The scores that are 0 and 1 of a human-normalised score.
const REFERENCES: [&str; 2] = ["Random", "Human"];

/// One set of results of one algorithm.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Series {
    /// The algorithm.
    pub algorithm: String,
    /// Which of its results.
    pub series: String,
}

impl Series {
    /// `algorithm (series)`, which names it among all.
    pub fn name(&self) -> String {
        format!("{} ({})", self.algorithm, self.series)
    }

    fn is(&self, algorithm: &str, series: &str) -> bool {
        self.algorithm == algorithm && self.series == series
    }
}

/// An estimate over the tasks of a benchmark with its interval.
#[derive(Clone, Debug, PartialEq)]
pub struct Estimate<'a> {
    /// The row that has it.
    pub row: &'a Aggregate,
    /// Its interval, or that of the same estimate recomputed from the same runs.
    pub interval: Option<Interval>,
}

/// Whether an environment of ours, as `atari/ms_pacman`, is the task of a benchmark, as `MsPacman` of `atari-100k`.
pub fn is_task(environment: &str, benchmark: &str, task: &str) -> bool {
    let letters = |name: &str| -> String {
        let kept = name.chars().filter(|letter| letter.is_alphanumeric());
        kept.flat_map(char::to_lowercase).collect()
    };
    environment.split_once('/').is_some_and(|(family, name)| {
        benchmark.split('-').next() == Some(family) && letters(name) == letters(task)
    })
}

impl Published {
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

    /// All results of a benchmark but the references, an algorithm's best known first.
    pub fn series(&self, benchmark: &str) -> Vec<Series> {
        let scores = self.scores.iter().filter(|row| row.benchmark == benchmark);
        let scores = scores.map(|row| (&row.algorithm, &row.series));
        let aggregates = self.aggregates.iter().filter(|row| row.benchmark == benchmark);
        let aggregates = aggregates.map(|row| (&row.algorithm, &row.series));
        let mut all: Vec<Series> = Vec::new();
        for (algorithm, series) in scores.chain(aggregates) {
            let is_reference = REFERENCES.contains(&algorithm.as_str());
            if !is_reference && !all.iter().any(|known| known.is(algorithm, series)) {
                all.push(Series { algorithm: algorithm.clone(), series: series.clone() });
            }
        }
        all
    }

    /// The results that a person names: `algorithm (series)`, or `algorithm` for its first ones.
    pub fn find(&self, benchmark: &str, name: &str) -> Option<Series> {
        let all = self.series(benchmark);
        let exact = all.iter().find(|series| series.name() == name);
        exact.or_else(|| all.iter().find(|series| series.algorithm == name)).cloned()
    }

    /// All that [`Published::find`] knows.
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
        series: &'a Series,
    ) -> impl Iterator<Item = &'a Score> {
        let here = move |row: &&Score| {
            row.benchmark == benchmark && series.is(&row.algorithm, &row.series)
        };
        self.scores.iter().filter(here)
    }

    /// The scores of a random agent and of a human on a task, where they are known.
    pub fn references(&self, benchmark: &str, task: &str) -> Option<[f64; 2]> {
        let of = |algorithm: &str| {
            let here = |row: &&Score| {
                row.benchmark == benchmark && row.algorithm == algorithm && row.task == task
            };
            self.scores.iter().find(here).map(|row| row.score)
        };
        let [random, human] = REFERENCES;
        Some([of(random)?, of(human)?])
    }

    /// The scale on which a random agent has 0 and a human 1, where their scores are known.
    ///
    /// # Errors
    /// If the two are equal.
    pub fn scale(
        &self,
        benchmark: &str,
        task: &str,
    ) -> Result<Option<Normalisation>, NormalisationError> {
        let references = self.references(benchmark, task);
        references.map(|[random, human]| Normalisation::new(random, human)).transpose()
    }

    /// The scores of the runs of a series, task by task in the order of [`Published::tasks`]; none unless each
    /// task has some.
    ///
    /// # Errors
    /// If a score is not finite.
    pub fn runs_of(
        &self,
        benchmark: &str,
        series: &Series,
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

    /// The estimate that a series is known by: what its authors state where they do, else what was recomputed.
    pub fn estimate(
        &self,
        benchmark: &str,
        series: &Series,
        metric: Metric,
    ) -> Option<Estimate<'_>> {
        let here = |row: &&Aggregate| {
            row.benchmark == benchmark
                && row.metric == metric
                && series.is(&row.algorithm, &row.series)
        };
        let mut rows: Vec<&Aggregate> = self.aggregates.iter().filter(here).collect();
        rows.sort_by_key(|row| match row.kind {
            Kind::Published | Kind::PerRun => 0,
            Kind::SecondHand => 1,
            Kind::Recomputed => 2,
            Kind::RecomputedFromMeans => 3,
            Kind::ReadOffPlot => 4,
        });
        let interval =
            rows.iter().find_map(|row| Some(Interval { low: row.low?, high: row.high? }));
        rows.first().map(|row| Estimate { row, interval })
    }
}
