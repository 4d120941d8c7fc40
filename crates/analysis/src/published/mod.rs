//! What others published, and ours beside it: computed once, read by tables, figure and page.
//!
//! Theirs is what the tables of [`zerolab_metrics::published`] say, named as the experiment asks for it. Ours are the
//! finished runs in environments that are tasks of the benchmark; nothing of theirs is mixed into them.

mod ours;
pub(crate) mod text;
mod theirs;

use zerolab_metrics::PublishedRequest;
use zerolab_metrics::published::{AggregateMetric, Evidence, PublishedSeries, PublishedTables};
use zerolab_metrics::statistics::Interval;

use crate::error::ReportError;
use crate::groups::Group;
use crate::results::Run;

/// What is estimated over the tasks of a benchmark.
pub(crate) const METRICS: [AggregateMetric; 5] = [
    AggregateMetric::Mean,
    AggregateMetric::Median,
    AggregateMetric::Iqm,
    AggregateMetric::OptimalityGap,
    AggregateMetric::SuperhumanTasks,
];

/// Others' results with ours beside them.
pub(crate) struct Beside {
    pub tables: PublishedTables,
    pub benchmarks: Vec<Benchmark>,
}

/// One benchmark: ours first, then theirs as asked for.
pub(crate) struct Benchmark {
    pub name: String,
    pub tasks: Vec<String>,
    /// The scores of a random agent and of a human, task by task, where they are known for all tasks.
    pub references: Option<Vec<[f64; 2]>>,
    pub entries: Vec<Entry>,
}

/// One agent of ours or one series of theirs.
pub(crate) struct Entry {
    /// As the experiment calls it.
    pub name: String,
    /// Which series of theirs it is; nothing for ours.
    pub series: Option<PublishedSeries>,
    /// The score of each task, in their order.
    pub cells: Vec<Option<Cell>>,
    /// Estimates over the tasks of human-normalised scores.
    pub standings: Vec<Standing>,
}

/// A score on one task.
pub(crate) struct Cell {
    pub real_steps: Option<u64>,
    /// The mean over runs.
    pub score: f64,
    /// The standard deviation over runs.
    pub deviation: Option<f64>,
    pub normalised: Option<f64>,
    pub runs: Option<u32>,
    pub origin: Origin,
}

/// An estimate over tasks.
pub(crate) struct Standing {
    pub metric: AggregateMetric,
    pub value: f64,
    pub interval: Option<Interval>,
    /// Of how many tasks, where that is known.
    pub tasks: Option<u32>,
    /// Runs of each task, the fewest of any.
    pub runs: Option<u32>,
    pub origin: Origin,
}

/// Where a number comes from.
#[derive(Clone)]
pub(crate) enum Origin {
    Ours,
    Theirs {
        kind: Evidence,
        /// What speaks against it; empty for most.
        disputed: String,
        /// The name of its source.
        source: String,
    },
}

impl Origin {
    /// `ours`, or how theirs is known.
    pub fn name(&self) -> &'static str {
        match self {
            Origin::Ours => "ours",
            Origin::Theirs { kind, .. } => kind.name(),
        }
    }

    pub fn disputed(&self) -> &str {
        match self {
            Origin::Ours => "",
            Origin::Theirs { disputed, .. } => disputed,
        }
    }

    pub fn source(&self) -> &str {
        match self {
            Origin::Ours => "",
            Origin::Theirs { source, .. } => source,
        }
    }
}

impl Standing {
    /// Whether it is another estimate than that of runs: made of the tasks' means where that makes a difference.
    pub fn is_of_means(&self) -> bool {
        let of_means = Evidence::RecomputedFromMeans;
        let recomputed = matches!(&self.origin, Origin::Theirs { kind, .. } if *kind == of_means);
        recomputed && !self.metric.is_of_means()
    }
}

impl Entry {
    pub fn is_ours(&self) -> bool {
        self.series.is_none()
    }

    pub fn standing(&self, metric: AggregateMetric) -> Option<&Standing> {
        self.standings.iter().find(|standing| standing.metric == metric)
    }
}

impl Benchmark {
    /// The name of an entry, with how much of the benchmark it is where that is not all.
    pub fn label(&self, entry: &Entry) -> String {
        let done = entry.cells.iter().flatten().count();
        let whole = !entry.is_ours() || done == self.tasks.len();
        if whole {
            entry.name.clone()
        } else {
            format!("{} ({done} of {} tasks)", entry.name, self.tasks.len())
        }
    }
}

impl Beside {
    /// What the experiment asks for.
    ///
    /// # Errors
    ///
    /// If the tables are broken, or know no such benchmark or algorithm.
    pub fn of(
        asked: &PublishedRequest,
        groups: &[Group],
        runs: &[Run],
    ) -> Result<Self, ReportError> {
        let failed = |error: &dyn std::fmt::Display| ReportError::Published(error.to_string());
        let tables = PublishedTables::read().map_err(|error| failed(&error))?;
        for name in &asked.algorithms {
            let known = asked.benchmarks.iter().any(|it| tables.find(it, name).is_some());
            if !known {
                return Err(failed(&format_args!("nothing goes by the name `{name}`")));
            }
        }
        let benchmark = |name: &String| -> Result<Benchmark, ReportError> {
            let tasks: Vec<String> = tables.tasks(name).into_iter().map(str::to_owned).collect();
            let references = tasks.iter().map(|task| tables.references(name, task)).collect();
            let mut benchmark =
                Benchmark { name: name.clone(), tasks, references, entries: Vec::new() };
            let mut entries =
                ours::entries(&benchmark, groups, runs).map_err(|error| failed(&error))?;
            let mut shown: Vec<PublishedSeries> = Vec::new();
            for name in &asked.algorithms {
                // Where a benchmark has one series of an algorithm only, two names may mean it.
                let series = tables.find(&benchmark.name, name);
                if let Some(series) = series.filter(|series| !shown.contains(series)) {
                    entries.extend(theirs::entries(&benchmark, &tables, name, &series));
                    shown.push(series);
                }
            }
            benchmark.entries = entries;
            Ok(benchmark)
        };
        let benchmarks = asked.benchmarks.iter().map(benchmark).collect::<Result<_, _>>()?;
        Ok(Self { tables, benchmarks })
    }

    /// The algorithms of theirs that are shown, each once.
    pub fn algorithms(&self) -> Vec<&str> {
        let mut algorithms = Vec::new();
        for entry in self.benchmarks.iter().flat_map(|benchmark| &benchmark.entries) {
            let series = entry.series.as_ref();
            algorithms.extend(
                series
                    .map(|series| series.algorithm.as_str())
                    .filter(|name| !algorithms.contains(name)),
            );
        }
        algorithms
    }

    /// Whether rows of a benchmark and an algorithm are shown.
    pub fn shows(&self, benchmark: &str, algorithm: &str) -> bool {
        let mut benchmarks = self.benchmarks.iter();
        benchmarks.any(|known| known.name == benchmark) && self.algorithms().contains(&algorithm)
    }
}
