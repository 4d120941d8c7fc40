//! A published series, as listed in the tables.

use zerolab_metrics::published::{PublishedScore, PublishedSeries, PublishedTables};
use zerolab_metrics::statistics::Normalisation;

use super::entry::{AggregateScore, Benchmark, BenchmarkEntry, METRICS, Origin, TaskScore};
use crate::numbers::prefixed;

/// The entries of a series with the given name: one for each number of real steps.
pub(super) fn entries(
    benchmark: &Benchmark,
    tables: &PublishedTables,
    name: &str,
    series: &PublishedSeries,
) -> Vec<BenchmarkEntry> {
    let aggregate = |metric| {
        let estimate = tables.estimate(&benchmark.name, series, metric)?;
        Some(AggregateScore {
            metric,
            value: estimate.row.value,
            interval: estimate.interval,
            tasks: estimate.row.tasks,
            runs: estimate.row.runs,
            origin: Origin::Published {
                kind: estimate.row.kind,
                disputed: estimate.row.disputed.clone(),
                source: estimate.row.source.clone(),
            },
        })
    };
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
            Some(cell(row, benchmark.references.as_ref().map(|all| all[index])))
        };
        BenchmarkEntry {
            name: format!("{name}{}", at.unwrap_or_default()),
            series: Some(series.clone()),
            task_scores: benchmark.tasks.iter().enumerate().map(cell).collect(),
            aggregates: METRICS.into_iter().filter_map(aggregate).collect(),
        }
    };
    budgets.into_iter().map(entry).collect()
}

fn cell(row: &PublishedScore, references: Option<[f64; 2]>) -> TaskScore {
    let scale = references.and_then(|[random, human]| Normalisation::new(random, human).ok());
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
