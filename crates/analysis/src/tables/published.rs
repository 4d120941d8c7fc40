//! The tables of published results with our own, written only if the experiment asks for them.

use polars::prelude::{DataFrame, PolarsResult, df};
use zerolab_metrics::published::{Aggregate, TrainingCost};

use crate::published::{
    AggregateScore, Benchmark, BenchmarkEntry, Origin, PublishedComparison, TaskScore,
};

/// The citation and the address of a source; both are empty for our own results.
pub(super) fn cited(comparison: &PublishedComparison, source: &str) -> (String, String) {
    let found = comparison.tables.source(source);
    found.map(|it| (it.citation.clone(), it.address.clone())).unwrap_or_default()
}

fn series(entry: &BenchmarkEntry) -> String {
    entry.series.as_ref().map_or("", |series| &series.series).to_owned()
}

/// `published_scores`: one row per benchmark, task and entry.
pub(super) fn scores(comparison: &PublishedComparison) -> PolarsResult<DataFrame> {
    struct ScoreRow<'a> {
        benchmark: &'a Benchmark,
        task: &'a str,
        entry: &'a BenchmarkEntry,
        cell: &'a TaskScore,
        references: Option<[f64; 2]>,
    }
    let mut rows = Vec::new();
    for benchmark in &comparison.benchmarks {
        for (index, task) in benchmark.tasks.iter().enumerate() {
            let references = benchmark.references.as_ref().map(|all| all[index]);
            let of_entry = |entry| Some((entry, entry_cell(entry, index)?));
            let task_scores = benchmark.entries.iter().filter_map(of_entry);
            rows.extend(task_scores.map(|(entry, cell)| ScoreRow {
                benchmark,
                task,
                entry,
                cell,
                references,
            }));
        }
    }
    let texts = |of: &dyn Fn(&ScoreRow) -> String| -> Vec<String> { rows.iter().map(of).collect() };
    let numbers = |of: &dyn Fn(&ScoreRow) -> Option<f64>| -> Vec<Option<f64>> {
        rows.iter().map(of).collect()
    };
    df![
        "benchmark" => texts(&|row| row.benchmark.name.clone()),
        "task" => texts(&|row| row.task.to_owned()),
        "algorithm" => texts(&|row| row.entry.name.clone()),
        "series" => texts(&|row| series(row.entry)),
        "known" => texts(&|row| row.cell.origin.name().to_owned()),
        "real_steps" => rows.iter().map(|row| row.cell.real_steps).collect::<Vec<_>>(),
        "score" => rows.iter().map(|row| row.cell.score).collect::<Vec<_>>(),
        "deviation" => numbers(&|row| row.cell.deviation),
        "random" => numbers(&|row| Some(row.references?[0])),
        "human" => numbers(&|row| Some(row.references?[1])),
        "human_normalised" => numbers(&|row| row.cell.normalised),
        "runs" => rows.iter().map(|row| row.cell.runs).collect::<Vec<_>>(),
        "disputed" => texts(&|row| row.cell.origin.disputed().to_owned()),
        "source" => texts(&|row| cited(comparison, row.cell.origin.source()).0),
        "address" => texts(&|row| cited(comparison, row.cell.origin.source()).1),
    ]
}

fn entry_cell(entry: &BenchmarkEntry, index: usize) -> Option<&TaskScore> {
    entry.task_scores.get(index)?.as_ref()
}

/// `human_normalised`: one row per benchmark, entry and estimate, as in the figure of the same name.
pub(super) fn aggregate_scores(comparison: &PublishedComparison) -> PolarsResult<DataFrame> {
    let rows: Vec<(&Benchmark, &BenchmarkEntry, &AggregateScore)> = comparison
        .benchmarks
        .iter()
        .flat_map(|benchmark| benchmark.entries.iter().map(move |entry| (benchmark, entry)))
        .flat_map(|(benchmark, entry)| {
            entry.aggregates.iter().map(move |aggregate| (benchmark, entry, aggregate))
        })
        .collect();
    let origins = |of: &dyn Fn(&Origin) -> String| -> Vec<String> {
        rows.iter().map(|(_, _, aggregate)| of(&aggregate.origin)).collect()
    };
    let aggregates = || rows.iter().map(|(_, _, aggregate)| aggregate);
    df![
        "benchmark" => rows.iter().map(|(benchmark, ..)| benchmark.name.clone()).collect::<Vec<_>>(),
        "algorithm" => rows.iter().map(|(_, entry, _)| entry.name.clone()).collect::<Vec<_>>(),
        "series" => rows.iter().map(|(_, entry, _)| series(entry)).collect::<Vec<_>>(),
        "known" => origins(&|origin| origin.name().to_owned()),
        "metric" => aggregates().map(|it| it.metric.name()).collect::<Vec<_>>(),
        "value" => aggregates().map(|it| it.value).collect::<Vec<_>>(),
        "low" => aggregates().map(|it| it.interval.map(|it| it.low)).collect::<Vec<_>>(),
        "high" => aggregates().map(|it| it.interval.map(|it| it.high)).collect::<Vec<_>>(),
        "tasks" => aggregates().map(|it| it.tasks).collect::<Vec<_>>(),
        "runs" => aggregates().map(|it| it.runs).collect::<Vec<_>>(),
        "disputed" => origins(&|origin| origin.disputed().to_owned()),
        "source" => origins(&|origin| cited(comparison, origin.source()).0),
        "address" => origins(&|origin| cited(comparison, origin.source()).1),
    ]
}

/// `published_aggregates`: every published estimate of the algorithms shown, from all sources.
pub(super) fn aggregates(comparison: &PublishedComparison) -> PolarsResult<DataFrame> {
    let shown = |row: &&Aggregate| comparison.shows(&row.benchmark, &row.algorithm);
    let rows: Vec<&Aggregate> = comparison.tables.aggregates.iter().filter(shown).collect();
    let texts = |of: &dyn Fn(&Aggregate) -> String| -> Vec<String> {
        rows.iter().map(|row| of(row)).collect()
    };
    df![
        "benchmark" => texts(&|row| row.benchmark.clone()),
        "algorithm" => texts(&|row| row.algorithm.clone()),
        "series" => texts(&|row| row.series.clone()),
        "known" => texts(&|row| row.kind.name().to_owned()),
        "metric" => texts(&|row| row.metric.name().to_owned()),
        "value" => rows.iter().map(|row| row.value).collect::<Vec<_>>(),
        "low" => rows.iter().map(|row| row.low).collect::<Vec<_>>(),
        "high" => rows.iter().map(|row| row.high).collect::<Vec<_>>(),
        "tasks" => rows.iter().map(|row| row.tasks).collect::<Vec<_>>(),
        "runs" => rows.iter().map(|row| row.runs).collect::<Vec<_>>(),
        "disputed" => texts(&|row| row.disputed.clone()),
        "source" => texts(&|row| cited(comparison, &row.source).0),
        "address" => texts(&|row| cited(comparison, &row.source).1),
    ]
}

/// `published_ablations`: published results of variants of the algorithms shown.
pub(super) fn ablations(comparison: &PublishedComparison) -> PolarsResult<DataFrame> {
    let rows = comparison.tables.ablations.iter();
    let rows: Vec<_> =
        rows.filter(|row| comparison.shows(&row.benchmark, &row.algorithm)).collect();
    df![
        "benchmark" => rows.iter().map(|row| row.benchmark.clone()).collect::<Vec<_>>(),
        "algorithm" => rows.iter().map(|row| row.algorithm.clone()).collect::<Vec<_>>(),
        "variant" => rows.iter().map(|row| row.variant.clone()).collect::<Vec<_>>(),
        "task" => rows.iter().map(|row| row.task.clone()).collect::<Vec<_>>(),
        "metric" => rows.iter().map(|row| row.metric.clone()).collect::<Vec<_>>(),
        "value" => rows.iter().map(|row| row.value).collect::<Vec<_>>(),
        "known" => rows.iter().map(|row| row.kind.name()).collect::<Vec<_>>(),
        "source" => rows.iter().map(|row| cited(comparison, &row.source).0).collect::<Vec<_>>(),
        "address" => rows.iter().map(|row| cited(comparison, &row.source).1).collect::<Vec<_>>(),
    ]
}

/// `published_costs`: the cost of published trainings of the algorithms shown.
pub(super) fn costs(comparison: &PublishedComparison) -> PolarsResult<DataFrame> {
    let shown = |row: &&TrainingCost| comparison.shows(&row.benchmark, &row.algorithm);
    let rows: Vec<&TrainingCost> = comparison.tables.costs.iter().filter(shown).collect();
    let texts = |of: &dyn Fn(&TrainingCost) -> String| -> Vec<String> {
        rows.iter().map(|row| of(row)).collect()
    };
    df![
        "benchmark" => texts(&|row| row.benchmark.clone()),
        "algorithm" => texts(&|row| row.algorithm.clone()),
        "variant" => texts(&|row| row.variant.clone()),
        "what" => texts(&|row| row.what.clone()),
        "hours" => rows.iter().map(|row| row.hours).collect::<Vec<_>>(),
        "gpu" => texts(&|row| row.gpu.clone()),
        "gpus" => rows.iter().map(|row| row.gpus).collect::<Vec<_>>(),
        "cpu" => texts(&|row| row.cpu.clone()),
        "parameters" => texts(&|row| row.parameters.clone()),
        "known" => texts(&|row| row.kind.name().to_owned()),
        "note" => texts(&|row| row.note.clone()),
        "source" => texts(&|row| cited(comparison, &row.source).0),
        "address" => texts(&|row| cited(comparison, &row.source).1),
    ]
}
