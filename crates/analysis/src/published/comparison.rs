//! Collects the benchmarks that an experiment asks for, with our entries and the published ones.

use zerolab_metrics::PublishedRequest;
use zerolab_metrics::published::{ENVIRONMENTS, PublishedSeries, PublishedTables, Quantity};

use super::entry::{Benchmark, BenchmarkEntry};
use super::{ours, series};
use crate::error::ReportError;
use crate::groups::Group;
use crate::results::RunResults;

/// Published results and our own, benchmark by benchmark.
pub(crate) struct PublishedComparison {
    pub tables: PublishedTables,
    pub benchmarks: Vec<Benchmark>,
    /// The names of the tables of facts that are shown.
    pub facts: Vec<String>,
}

impl PublishedComparison {
    /// The comparison that the experiment asks for.
    ///
    /// # Errors
    ///
    /// If the tables are broken, or have no such benchmark, algorithm or table of facts.
    pub fn of(
        request: &PublishedRequest,
        groups: &[Group],
        runs: &[RunResults],
    ) -> Result<Self, ReportError> {
        let failed = |error: &dyn std::fmt::Display| ReportError::Published(error.to_string());
        let tables = PublishedTables::read().map_err(|error| failed(&error))?;
        if let Some(name) = request.facts.iter().find(|it| !tables.facts().contains(&it.as_str())) {
            return Err(failed(&format_args!("there are no facts of the name `{name}`")));
        }
        for name in &request.algorithms {
            let known = request.benchmarks.iter().any(|it| tables.find(it, name).is_some());
            if !known {
                return Err(failed(&format_args!("there are no results of the name `{name}`")));
            }
        }
        let benchmark = |name: &String| -> Result<Benchmark, ReportError> {
            let tasks: Vec<String> = tables.tasks(name).into_iter().map(str::to_owned).collect();
            let references = tasks.iter().map(|task| tables.references(name, task)).collect();
            let (compared, entries) = (Vec::new(), Vec::new());
            let mut benchmark =
                Benchmark { name: name.clone(), tasks, references, compared, entries };
            let ours = ours::agents(&benchmark, groups, runs);
            benchmark.compared = ours::compared_tasks(&benchmark, &ours);
            let ours = ours.into_iter().map(|agent| ours::entry(&benchmark, agent));
            let mut entries =
                ours.collect::<Result<Vec<_>, _>>().map_err(|error| failed(&error))?;
            let mut shown: Vec<PublishedSeries> = Vec::new();
            let mut whole: Vec<BenchmarkEntry> = Vec::new();
            for name in &request.algorithms {
                // Two names can mean the same series if a benchmark has only one series of an algorithm.
                let found = tables.find(&benchmark.name, name);
                if let Some(found) = found.filter(|found| !shown.contains(found)) {
                    let published = series::entries(&benchmark, &tables, name, &found);
                    entries.extend(published.map_err(|error| failed(&error))?);
                    whole.extend(series::whole(&benchmark, &tables, name, &found));
                    shown.push(found);
                }
            }
            entries.extend(whole);
            benchmark.entries = entries;
            Ok(benchmark)
        };
        let benchmarks = request.benchmarks.iter().map(benchmark).collect::<Result<_, _>>()?;
        Ok(Self { tables, benchmarks, facts: request.facts.clone() })
    }

    /// Whether the table of environments is shown.
    pub fn shows_environments(&self) -> bool {
        self.facts.iter().any(|name| name == ENVIRONMENTS)
    }

    /// Whether any quantities are shown.
    pub fn shows_quantities(&self) -> bool {
        self.quantities().next().is_some()
    }

    /// The quantities that are shown, those that can be compared together.
    pub fn quantities(&self) -> impl Iterator<Item = &[Quantity]> {
        self.facts.iter().flat_map(|table| self.tables.quantities_of(table))
    }

    /// The published algorithms that are shown, each once.
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

    /// Whether the rows of this benchmark and algorithm are shown.
    pub fn shows(&self, benchmark: &str, algorithm: &str) -> bool {
        let mut benchmarks = self.benchmarks.iter();
        benchmarks.any(|known| known.name == benchmark) && self.algorithms().contains(&algorithm)
    }
}
