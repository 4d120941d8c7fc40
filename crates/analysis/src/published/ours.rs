//! Our agents on the tasks of a benchmark, from their finished runs.
//!
//! A run's score is the mean return of its last evaluation. The estimates over tasks are those of rliable,
//! over the tasks that have a finished run, with 95 % bootstrap intervals if each of these tasks has two.

use zerolab_metrics::published::is_task;
use zerolab_metrics::statistics::{
    Bootstrap, Normalisation, ScoreMatrix, ScoresError, mean, standard_deviation,
};

use super::entry::{AggregateScore, Benchmark, BenchmarkEntry, METRICS, Origin, TaskScore};
use crate::groups::Group;
use crate::results::RunResults;
use crate::scores::{ScoreMetric, seed_scores};

/// One entry for each agent with runs in a task of the benchmark, in the order of the plan.
pub(super) fn entries(
    benchmark: &Benchmark,
    groups: &[Group],
    runs: &[RunResults],
) -> Result<Vec<BenchmarkEntry>, ScoresError> {
    // The groups of each agent, with the indices of their tasks.
    let mut agents: Vec<(String, Vec<(usize, &Group)>)> = Vec::new();
    for group in groups {
        let Some(run) = group.runs.first().map(|&run| &runs[run]) else { continue };
        let environment = run.reference.environment.as_str();
        let is_task = |task: &String| is_task(environment, &benchmark.name, task);
        let Some(task) = benchmark.tasks.iter().position(is_task) else { continue };
        // Swept options of the environment become part of the agent's name here.
        let varied = group.environment.strip_prefix(environment).unwrap_or_default();
        let name = format!("{}{varied}", group.agent);
        match agents.iter_mut().find(|(agent, _)| *agent == name) {
            Some((_, groups)) => groups.push((task, group)),
            None => agents.push((name, vec![(task, group)])),
        }
    }
    agents.into_iter().map(|(name, groups)| entry(benchmark, name, &groups, runs)).collect()
}

fn entry(
    benchmark: &Benchmark,
    name: String,
    groups: &[(usize, &Group)],
    runs: &[RunResults],
) -> Result<BenchmarkEntry, ScoresError> {
    let scale = |task: usize| {
        let [random, human] = benchmark.references.as_ref()?[task];
        Normalisation::new(random, human).ok()
    };
    let mut task_scores: Vec<Option<TaskScore>> = benchmark.tasks.iter().map(|_| None).collect();
    let (mut scores, mut scales) = (Vec::new(), Vec::new());
    for &(task, group) in groups {
        let of_runs: Vec<f64> =
            seed_scores(group, runs, ScoreMetric::Return).map(|(_, score)| score).collect();
        if of_runs.is_empty() {
            continue;
        }
        let deviation = standard_deviation(&of_runs);
        task_scores[task] = Some(TaskScore {
            real_steps: group.finished(runs).next().map(RunResults::real_steps),
            score: mean(&of_runs),
            deviation: deviation.is_finite().then_some(deviation),
            normalised: scale(task).map(|scale| scale.apply(mean(&of_runs))),
            runs: Some(of_runs.len() as u32),
            origin: Origin::Ours,
        });
        if let Some(scale) = scale(task) {
            scores.push(of_runs);
            scales.push(scale);
        }
    }
    let aggregates = if scores.is_empty() {
        Vec::new()
    } else {
        aggregate_scores(&ScoreMatrix::new(&scores)?.normalised(&scales)?)
    };
    Ok(BenchmarkEntry { name, series: None, task_scores, aggregates })
}

fn aggregate_scores(scores: &ScoreMatrix) -> Vec<AggregateScore> {
    let estimates = |scores: &ScoreMatrix| -> Vec<f64> {
        METRICS.iter().map(|metric| metric.of(scores)).collect()
    };
    let intervals = Bootstrap::default().intervals_of(scores, estimates);
    let tasks = scores.tasks().len() as u32;
    let runs = scores.tasks().map(|task| task.len() as u32).min();
    let aggregate =
        |(index, metric): (usize, zerolab_metrics::published::AggregateMetric)| AggregateScore {
            metric,
            value: metric.of(scores),
            interval: intervals.as_ref().map(|intervals| intervals[index]),
            tasks: Some(tasks),
            runs,
            origin: Origin::Ours,
        };
    METRICS.into_iter().enumerate().map(aggregate).collect()
}
