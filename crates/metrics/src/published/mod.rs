//! What others published: scores, aggregates, ablations and costs, each with its source and how it is known.
//!
//! The tables lie in `analysis/published/*.csv`, where README.md explains them, and are part of the program. Not
//! here: anything of ours, and which of it is shown.

mod rows;
mod series;
mod table;

pub use rows::{Ablation, Aggregate, Kind, Metric, RunScore, Score, Source, TrainingCost};
pub use series::{Estimate, Series, is_task};
pub use table::PublishedError;

use table::rows;

/// Every table, in the order of its file.
#[derive(Clone, Debug, PartialEq)]
pub struct Published {
    /// The score of each task.
    pub scores: Vec<Score>,
    /// The scores of single runs, where there are any.
    pub runs: Vec<RunScore>,
    /// Estimates over the tasks of a benchmark.
    pub aggregates: Vec<Aggregate>,
    /// What parts of an algorithm are worth.
    pub ablations: Vec<Ablation>,
    /// What a training took.
    pub costs: Vec<TrainingCost>,
    /// Where all of it comes from.
    pub sources: Vec<Source>,
}

/// The text of a table, and its file for messages.
macro_rules! table {
    ($name:literal) => {
        (
            concat!("analysis/published/", $name),
            include_str!(concat!("../../../../analysis/published/", $name)),
        )
    };
}

impl Published {
    /// Reads the tables that the program is built with.
    ///
    /// # Errors
    /// The first row that is not what its table's columns ask for, with file and line.
    pub fn read() -> Result<Self, PublishedError> {
        Ok(Self {
            scores: rows(table!("scores.csv"))?,
            runs: rows(table!("runs.csv"))?,
            aggregates: rows(table!("aggregates.csv"))?,
            ablations: rows(table!("ablations.csv"))?,
            costs: rows(table!("costs.csv"))?,
            sources: rows(table!("sources.csv"))?,
        })
    }

    /// The source that a row names.
    pub fn source(&self, name: &str) -> Option<&Source> {
        self.sources.iter().find(|source| source.source == name)
    }
}
