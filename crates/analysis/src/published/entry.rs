//! A benchmark and its entries: the scores of one of our agents or of one published series.

use zerolab_metrics::published::{AggregateMetric, Evidence, PublishedSeries};
use zerolab_metrics::statistics::{Interval, Normalisation};

use crate::numbers::{counted, enumerated};

/// The estimates over the tasks of a benchmark.
pub(crate) const METRICS: [AggregateMetric; 5] = [
    AggregateMetric::Mean,
    AggregateMetric::Median,
    AggregateMetric::Iqm,
    AggregateMetric::OptimalityGap,
    AggregateMetric::SuperhumanTasks,
];

/// One benchmark: our entries first, then the published ones in the order of the request, and last what was
/// published for the whole benchmark, if we have only a part of it.
pub(crate) struct Benchmark {
    pub name: String,
    pub tasks: Vec<String>,
    /// The scores of a random agent and of a human on each task, if they are known for all tasks.
    pub references: Option<Vec<[f64; 2]>>,
    /// The tasks over which all entries have their estimates, except those of a whole benchmark.
    pub compared: Vec<usize>,
    pub entries: Vec<BenchmarkEntry>,
}

/// One of our agents or one published series.
pub(crate) struct BenchmarkEntry {
    /// Its name in the experiment.
    pub name: String,
    /// The published series; nothing for one of our agents.
    pub series: Option<PublishedSeries>,
    /// The score on each task, in the order of the tasks.
    pub task_scores: Vec<Option<TaskScore>>,
    /// Estimates over the tasks' human-normalised scores.
    pub aggregates: Vec<AggregateScore>,
}

/// A score on one task.
pub(crate) struct TaskScore {
    pub real_steps: Option<u64>,
    /// The mean over runs.
    pub score: f64,
    /// The standard deviation over runs.
    pub deviation: Option<f64>,
    pub normalised: Option<f64>,
    pub runs: Option<u32>,
    pub origin: Origin,
}

/// An estimate over the tasks of a benchmark.
pub(crate) struct AggregateScore {
    pub metric: AggregateMetric,
    pub value: f64,
    pub interval: Option<Interval>,
    /// The number of tasks, if known.
    pub tasks: Option<u32>,
    /// Runs per task; the least if tasks differ.
    pub runs: Option<u32>,
    pub origin: Origin,
}

/// The origin of a number.
#[derive(Clone)]
pub(crate) enum Origin {
    Ours,
    Published {
        kind: Evidence,
        /// Why it is disputed; empty for most.
        disputed: String,
        /// The name of its source.
        source: String,
    },
}

impl Origin {
    /// `ours`, or how a published number is known.
    pub fn name(&self) -> &'static str {
        match self {
            Origin::Ours => "ours",
            Origin::Published { kind, .. } => kind.name(),
        }
    }

    pub fn disputed(&self) -> &str {
        match self {
            Origin::Ours => "",
            Origin::Published { disputed, .. } => disputed,
        }
    }

    pub fn source(&self) -> &str {
        match self {
            Origin::Ours => "",
            Origin::Published { source, .. } => source,
        }
    }
}

impl AggregateScore {
    /// Whether it was recomputed from the tasks' means although the metric is defined over runs.
    pub fn is_of_means(&self) -> bool {
        let of_means = Evidence::RecomputedFromMeans;
        let recomputed =
            matches!(&self.origin, Origin::Published { kind, .. } if *kind == of_means);
        recomputed && !self.metric.is_of_means()
    }
}

impl BenchmarkEntry {
    pub fn is_ours(&self) -> bool {
        self.series.is_none()
    }

    pub fn aggregate(&self, metric: AggregateMetric) -> Option<&AggregateScore> {
        self.aggregates.iter().find(|aggregate| aggregate.metric == metric)
    }
}

impl Benchmark {
    /// Whether estimates are over all tasks of the benchmark.
    pub fn is_whole(&self) -> bool {
        self.compared.len() == self.tasks.len()
    }

    /// `26 tasks` or `2 of 26 tasks`: the number of tasks of the estimates.
    pub fn number_of_tasks(&self) -> String {
        let all = counted(self.tasks.len(), "task");
        if self.is_whole() { all } else { format!("{} of {all}", self.compared.len()) }
    }

    /// `26 tasks`, or `2 of 26 tasks (Breakout and MsPacman)`: the tasks of the estimates.
    pub fn scope(&self) -> String {
        let number = self.number_of_tasks();
        if self.is_whole() {
            return number;
        }
        let names: Vec<String> =
            self.compared.iter().map(|task| self.tasks[*task].clone()).collect();
        format!("{number} ({})", enumerated(&names))
    }

    /// The scale of a task on which a random agent has 0 and a human 1.
    pub fn scale(&self, task: usize) -> Option<Normalisation> {
        let [random, human] = self.references.as_ref()?[task];
        Normalisation::new(random, human).ok()
    }

    /// The scales of the compared tasks.
    pub fn scales(&self) -> Option<Vec<Normalisation>> {
        self.compared.iter().map(|task| self.scale(*task)).collect()
    }

    /// How many of the compared tasks an entry has, if it has scores but lacks some of these.
    pub fn part(&self, entry: &BenchmarkEntry) -> Option<usize> {
        let has = |task: &&usize| entry.task_scores[**task].is_some();
        let compared = self.compared.iter().filter(has).count();
        let scored = entry.task_scores.iter().any(Option::is_some);
        (scored && self.references.is_some() && compared < self.compared.len()).then_some(compared)
    }
}
