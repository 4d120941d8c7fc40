//! Collects the benchmarks that an experiment asks for, with our entries and the published ones.

use zerolab_metrics::PublishedRequest;
use zerolab_metrics::published::{PublishedSeries, PublishedTables};

use super::entry::{Benchmark, BenchmarkEntry};
use super::{ours, series};
use crate::error::ReportError;
use crate::groups::Group;
use crate::results::RunResults;

/// Published results and our own, benchmark by benchmark.
pub(crate) struct PublishedComparison {
    pub tables: PublishedTables,
    pub benchmarks: Vec<Benchmark>,
}

impl PublishedComparison {
    /// The comparison that the experiment asks for.
    ///
    /// # Errors
    ///
    /// If the tables are broken, or have no such benchmark or algorithm.
    pub fn of(
        request: &PublishedRequest,
        groups: &[Group],
        runs: &[RunResults],
    ) -> Result<Self, ReportError> {
        let failed = |error: &dyn std::fmt::Display| ReportError::Published(error.to_string());
        let tables = PublishedTables::read().map_err(|error| failed(&error))?;
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
        Ok(Self { tables, benchmarks })
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
