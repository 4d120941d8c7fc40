//! Estimates over the tasks of a benchmark, ours and published ones over the same tasks.

use zerolab_metrics::published::{
    AggregateMetric, Evidence, PublishedEstimate, PublishedSeries, PublishedTables,
};
use zerolab_metrics::statistics::{Bootstrap, ScoreMatrix, ScoresError};

use super::entry::{AggregateScore, Benchmark, METRICS, Origin, TaskScore};

/// The estimates from scores on the tasks of `benchmark.compared`, in their order, with 95 % bootstrap
/// intervals if each task has two runs. None if the benchmark has no human scores.
pub(super) fn over_compared(
    benchmark: &Benchmark,
    scores: &ScoreMatrix,
    origin: &Origin,
) -> Result<Vec<AggregateScore>, ScoresError> {
    let Some(scales) = benchmark.scales() else { return Ok(Vec::new()) };
    let scores = scores.normalised(&scales)?;
    let estimates = |scores: &ScoreMatrix| -> Vec<f64> {
        METRICS.iter().map(|metric| metric.of(scores)).collect()
    };
    let intervals = Bootstrap::default().intervals_of(&scores, estimates);
    let aggregate = |(index, metric): (usize, AggregateMetric)| AggregateScore {
        metric,
        value: metric.of(&scores),
        interval: intervals.as_ref().map(|intervals| intervals[index]),
        tasks: Some(scores.tasks().len() as u32),
        runs: scores.tasks().map(|task| task.len() as u32).min(),
        origin: origin.clone(),
    };
    Ok(METRICS.into_iter().enumerate().map(aggregate).collect())
}

/// The estimates of a published series over the tasks of `benchmark.compared`: from its runs if they are
/// public, else from the means of tasks. None if the series lacks a score on one of them.
pub(super) fn of_series(
    benchmark: &Benchmark,
    tables: &PublishedTables,
    series: &PublishedSeries,
    task_scores: &[Option<TaskScore>],
) -> Result<Vec<AggregateScore>, ScoresError> {
    let compared = benchmark.compared.iter().map(|task| task_scores[*task].as_ref());
    let Some(compared) = compared.collect::<Option<Vec<&TaskScore>>>() else {
        return Ok(Vec::new());
    };
    let sources = compared.iter().map(|cell| cell.origin.source());
    let disputed = compared.iter().map(|cell| cell.origin.disputed()).find(|it| !it.is_empty());
    let origin = |kind: Evidence| Origin::Published {
        kind,
        disputed: disputed.unwrap_or_default().to_owned(),
        source: sources.clone().next().unwrap_or_default().to_owned(),
    };
    if let Some(runs) = tables.runs_of(&benchmark.name, series)? {
        let tasks: Vec<&[f64]> = runs.tasks().collect();
        let scores = ScoreMatrix::new(benchmark.compared.iter().map(|task| tasks[*task]))?;
        return over_compared(benchmark, &scores, &origin(Evidence::Recomputed));
    }
    let means = ScoreMatrix::new(compared.iter().map(|cell| [cell.score]))?;
    let aggregates = over_compared(benchmark, &means, &origin(Evidence::RecomputedFromMeans))?;
    // The matrix has one mean for each task; the number of runs behind a mean is in the tables.
    let runs = compared.iter().map(|cell| cell.runs).min().flatten();
    Ok(aggregates.into_iter().map(|aggregate| AggregateScore { runs, ..aggregate }).collect())
}

/// The estimates of a published series over the whole benchmark, as in the tables.
pub(super) fn of_whole_benchmark(
    benchmark: &Benchmark,
    tables: &PublishedTables,
    series: &PublishedSeries,
) -> Vec<AggregateScore> {
    let aggregate = |metric| {
        let PublishedEstimate { row, interval } =
            tables.estimate(&benchmark.name, series, metric)?;
        Some(AggregateScore {
            metric,
            value: row.value,
            interval,
            tasks: row.tasks,
            runs: row.runs,
            origin: Origin::Published {
                kind: row.kind,
                disputed: row.disputed.clone(),
                source: row.source.clone(),
            },
        })
    };
    METRICS.into_iter().filter_map(aggregate).collect()
}
