//! A series of theirs as it stands in the tables.

use zerolab_metrics::published::{PublishedScore, PublishedSeries, PublishedTables};
use zerolab_metrics::statistics::Normalisation;

use super::{Benchmark, Cell, Entry, METRICS, Origin, Standing};
use crate::numbers::prefixed;

/// The entries of a series that goes by `name`: one for each number of real steps.
pub(super) fn entries(
    benchmark: &Benchmark,
    tables: &PublishedTables,
    name: &str,
    series: &PublishedSeries,
) -> Vec<Entry> {
    let standing = |metric| {
        let estimate = tables.estimate(&benchmark.name, series, metric)?;
        Some(Standing {
            metric,
            value: estimate.row.value,
            interval: estimate.interval,
            tasks: estimate.row.tasks,
            runs: estimate.row.runs,
            origin: Origin::Theirs {
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
        let cell = |(place, task): (usize, &String)| {
            let mut here = scores.iter().filter(|row| row.real_steps == budget);
            let row = here.find(|row| row.task == *task)?;
            Some(cell(row, benchmark.references.as_ref().map(|all| all[place])))
        };
        Entry {
            name: format!("{name}{}", at.unwrap_or_default()),
            series: Some(series.clone()),
            cells: benchmark.tasks.iter().enumerate().map(cell).collect(),
            standings: METRICS.into_iter().filter_map(standing).collect(),
        }
    };
    budgets.into_iter().map(entry).collect()
}

fn cell(row: &PublishedScore, references: Option<[f64; 2]>) -> Cell {
    let scale = references.and_then(|[random, human]| Normalisation::new(random, human).ok());
    Cell {
        real_steps: row.real_steps,
        score: row.score,
        deviation: row.deviation,
        normalised: scale.map(|scale| scale.apply(row.score)),
        runs: row.runs,
        origin: Origin::Theirs {
            kind: row.kind,
            disputed: row.disputed.clone(),
            source: row.source.clone(),
        },
    }
}
