//! Published results of others: scores, aggregates, ablations, costs and other facts, each with its source and origin.
//!
//! The tables are `analysis/published/*.csv`, explained by the README.md in that folder, and compiled into
//! the program. Our own results, and the choice of what a report shows, are elsewhere.

mod facts;
mod rows;
mod series;
mod table;

pub use facts::{ENVIRONMENTS, FamilyEnvironment, Quantity, Role};
pub use rows::{
    Ablation, Aggregate, AggregateMetric, Evidence, PublishedScore, PublishedSource, RunScore,
    TrainingCost,
};
pub use series::{PublishedEstimate, PublishedSeries, is_task};
pub use table::PublishedError;

use table::rows;

/// All tables, with rows in the order of the files.
#[derive(Clone, Debug, PartialEq)]
pub struct PublishedTables {
    /// Scores of single tasks.
    pub scores: Vec<PublishedScore>,
    /// Scores of single runs, where they are public.
    pub runs: Vec<RunScore>,
    /// Estimates over the tasks of a benchmark.
    pub aggregates: Vec<Aggregate>,
    /// Ablations of algorithms.
    pub ablations: Vec<Ablation>,
    /// Costs of training.
    pub costs: Vec<TrainingCost>,
    /// Environments of the MuZero family.
    pub environments: Vec<FamilyEnvironment>,
    /// Parameters, costs and other numbers.
    pub quantities: Vec<Quantity>,
    /// The sources of all rows.
    pub sources: Vec<PublishedSource>,
}

/// The file of a table, for messages, and its text.
macro_rules! table {
    ($name:literal) => {
        (
            concat!("analysis/published/", $name),
            include_str!(concat!("../../../../analysis/published/", $name)),
        )
    };
}

impl PublishedTables {
    /// Reads the tables that are compiled into the program.
    ///
    /// # Errors
    /// The first row that does not fit the columns of its table, with file and line.
    pub fn read() -> Result<Self, PublishedError> {
        Ok(Self {
            scores: rows(table!("scores.csv"))?,
            runs: rows(table!("runs.csv"))?,
            aggregates: rows(table!("aggregates.csv"))?,
            ablations: rows(table!("ablations.csv"))?,
            costs: rows(table!("costs.csv"))?,
            environments: rows(table!("environments.csv"))?,
            quantities: rows(table!("quantities.csv"))?,
            sources: rows(table!("sources.csv"))?,
        })
    }

    /// The source called `name`.
    pub fn source(&self, name: &str) -> Option<&PublishedSource> {
        self.sources.iter().find(|source| source.source == name)
    }
}
