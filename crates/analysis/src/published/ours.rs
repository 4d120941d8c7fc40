//! Our agents on the tasks of a benchmark, from their finished runs.
//!
//! A run's score is the mean return of its last evaluation. The estimates over tasks are those of rliable.

use zerolab_metrics::Measure;
use zerolab_metrics::published::is_task;
use zerolab_metrics::statistics::{ScoreMatrix, ScoresError, mean, standard_deviation};

use super::aggregates;
use super::entry::{Benchmark, BenchmarkEntry, Origin, TaskScore};
use crate::groups::{Group, find_or_add};
use crate::results::RunResults;
use crate::scores::seed_scores;

/// One of our agents that has runs in a task of the benchmark.
pub(super) struct OurAgent {
    name: String,
    /// Its finished runs of each task; nothing for a task without any.
    tasks: Vec<Option<TaskRuns>>,
}

struct TaskRuns {
    real_steps: Option<u64>,
    scores: Vec<f64>,
}

/// Our agents with runs in a task of the benchmark, in the order of the plan.
pub(super) fn agents(
    benchmark: &Benchmark,
    groups: &[Group],
    runs: &[RunResults],
) -> Vec<OurAgent> {
    let mut agents: Vec<OurAgent> = Vec::new();
    for group in groups {
        let Some(run) = group.runs.first().map(|&run| &runs[run]) else { continue };
        let environment = run.reference.environment.as_str();
        let is_task = |task: &String| is_task(environment, &benchmark.name, task);
        let Some(task) = benchmark.tasks.iter().position(is_task) else { continue };
        // Swept options of the environment become part of the agent's name here.
        let varied = group.environment.strip_prefix(environment).unwrap_or_default();
        let name = format!("{}{varied}", group.agent);
        let agent = find_or_add(
            &mut agents,
            |agent| agent.name == name,
            || OurAgent {
                name: name.clone(),
                tasks: benchmark.tasks.iter().map(|_| None).collect(),
            },
        );
        let scores: Vec<f64> =
            seed_scores(group, runs, &Measure::Return).map(|(_, score)| score).collect();
        let real_steps = group.finished(runs).next().map(RunResults::real_steps);
        if !scores.is_empty() {
            agent.tasks[task] = Some(TaskRuns { real_steps, scores });
        }
    }
    agents
}

/// The tasks in which the most of our agents have finished runs; all tasks of the benchmark if we have none.
pub(super) fn compared_tasks(benchmark: &Benchmark, agents: &[OurAgent]) -> Vec<usize> {
    let agents_in = |task: usize| agents.iter().filter(|it| it.tasks[task].is_some()).count();
    let tasks = 0..benchmark.tasks.len();
    let most = tasks.clone().map(agents_in).max().unwrap_or(0);
    tasks.filter(|task| agents_in(*task) == most).collect()
}

/// The entry of one of our agents. It has estimates if it has finished runs in all compared tasks.
pub(super) fn entry(benchmark: &Benchmark, agent: OurAgent) -> Result<BenchmarkEntry, ScoresError> {
    let compared = benchmark.compared.iter().map(|task| agent.tasks[*task].as_ref());
    let compared: Option<Vec<&[f64]>> =
        compared.map(|runs| runs.map(|runs| runs.scores.as_slice())).collect();
    let aggregates = match compared {
        Some(scores) => {
            aggregates::over_compared(benchmark, &ScoreMatrix::new(scores)?, &Origin::Ours)?
        }
        None => Vec::new(),
    };
    let cell = |(task, runs): (usize, TaskRuns)| {
        let deviation = standard_deviation(&runs.scores);
        TaskScore {
            real_steps: runs.real_steps,
            score: mean(&runs.scores),
            deviation: deviation.is_finite().then_some(deviation),
            normalised: benchmark.scale(task).map(|scale| scale.apply(mean(&runs.scores))),
            runs: Some(runs.scores.len() as u32),
            origin: Origin::Ours,
        }
    };
    let tasks = agent.tasks.into_iter().enumerate();
    let task_scores = tasks.map(|(task, runs)| Some(cell((task, runs?)))).collect();
    Ok(BenchmarkEntry { name: agent.name, series: None, task_scores, aggregates })
}
