//! A published series, as listed in the tables.

use zerolab_metrics::published::{PublishedScore, PublishedSeries, PublishedTables};
use zerolab_metrics::statistics::{Normalisation, ScoresError};

use super::aggregates;
use super::entry::{Benchmark, BenchmarkEntry, Origin, TaskScore};
use crate::numbers::{counted, prefixed};

/// The entries of a series with the given name: one for each number of real steps.
///
/// Over the whole benchmark the estimates are the published ones, otherwise those of the compared tasks.
pub(super) fn entries(
    benchmark: &Benchmark,
    tables: &PublishedTables,
    name: &str,
    series: &PublishedSeries,
) -> Result<Vec<BenchmarkEntry>, ScoresError> {
    let scores: Vec<&PublishedScore> = tables.scores_of(&benchmark.name, series).collect();
    let mut budgets: Vec<Option<u64>> = scores.iter().map(|row| row.real_steps).collect();
    budgets.sort_unstable();
    budgets.dedup();
    if budgets.is_empty() {
        budgets.push(None);
    }
    let several = budgets.len() > 1;
    let entry = |budget: Option<u64>| {
        let at = budget.filter(|_| several).map(|steps| format!(" at {}", prefixed(steps as f64)));
        let cell = |(index, task): (usize, &String)| {
            let mut here = scores.iter().filter(|row| row.real_steps == budget);
            let row = here.find(|row| row.task == *task)?;
            Some(task_score(row, benchmark.scale(index)))
        };
        let task_scores: Vec<_> = benchmark.tasks.iter().enumerate().map(cell).collect();
        Ok(BenchmarkEntry {
            name: format!("{name}{}", at.unwrap_or_default()),
            series: Some(series.clone()),
            aggregates: match benchmark.is_whole() {
                true => aggregates::of_whole_benchmark(benchmark, tables, series),
                false => aggregates::of_series(benchmark, tables, series, &task_scores)?,
            },
            task_scores,
        })
    };
    budgets.into_iter().map(entry).collect()
}

/// What was published of a series for the whole benchmark, as an entry of its own; nothing if the other
/// entries are over the whole benchmark, or if there is no such number.
pub(super) fn whole(
    benchmark: &Benchmark,
    tables: &PublishedTables,
    name: &str,
    series: &PublishedSeries,
) -> Option<BenchmarkEntry> {
    let aggregates = aggregates::of_whole_benchmark(benchmark, tables, series);
    (!benchmark.is_whole() && !aggregates.is_empty()).then(|| BenchmarkEntry {
        name: format!("{name}, all {}", counted(benchmark.tasks.len(), "task")),
        series: Some(series.clone()),
        task_scores: benchmark.tasks.iter().map(|_| None).collect(),
        aggregates,
    })
}

fn task_score(row: &PublishedScore, scale: Option<Normalisation>) -> TaskScore {
    TaskScore {
        real_steps: row.real_steps,
        score: row.score,
        deviation: row.deviation,
        normalised: scale.map(|scale| scale.apply(row.score)),
        runs: row.runs,
        origin: Origin::Published {
            kind: row.kind,
            disputed: row.disputed.clone(),
            source: row.source.clone(),
        },
    }
}
