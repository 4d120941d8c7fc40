//! The final scores of agents over sets of tasks, as input for rliable's estimates.
//!
//! Environments form one set only if their scores can be normalised: they are tasks of a benchmark that the
//! experiment asks for, and the scores of a random agent and of a human are known. Otherwise each
//! environment is a set of its own.

use zerolab_metrics::Measure;
use zerolab_metrics::published::is_task;
use zerolab_metrics::statistics::{Normalisation, ScoreMatrix};

use crate::findings::Findings;
use crate::groups::distinct_in_order;
use crate::published::Benchmark;
use crate::scores::seed_scores;

/// Tasks with scores on one scale, and the agents that have finished runs in all of them.
pub(crate) struct TaskSet<'a> {
    /// The environment, or the benchmark with the number of its tasks.
    pub title: String,
    /// Whether 0 is a random agent and 1 a human.
    pub normalised: bool,
    /// In the order of the plan.
    pub agents: Vec<(&'a str, ScoreMatrix)>,
}

/// Every task set that has finished runs.
pub(crate) fn task_sets<'a>(findings: &'a Findings, measure: &Measure) -> Vec<TaskSet<'a>> {
    let mut remaining = distinct_in_order(&findings.groups, |group| &group.environment);
    let mut task_sets = Vec::new();
    // Only sums of rewards have a random agent's and a human's score.
    let is_sum = matches!(measure, Measure::Return | Measure::Performance);
    let published = findings.published.iter().filter(|_| is_sum);
    for benchmark in published.flat_map(|published| &published.benchmarks) {
        if let Some((task_set, environments)) = normalised(findings, measure, benchmark, &remaining)
        {
            remaining.retain(|environment| !environments.contains(environment));
            task_sets.push(task_set);
        }
    }
    let single = |environment: &str| TaskSet {
        title: environment.to_owned(),
        normalised: false,
        agents: agents(findings, measure, &[environment]),
    };
    task_sets
        .extend(remaining.into_iter().map(single).filter(|task_set| !task_set.agents.is_empty()));
    task_sets
}

/// The tasks of a benchmark in which all agents have finished runs that have any in one of its tasks.
fn normalised<'a>(
    findings: &'a Findings,
    measure: &Measure,
    benchmark: &Benchmark,
    environments: &[&'a str],
) -> Option<(TaskSet<'a>, Vec<&'a str>)> {
    let references = benchmark.references.as_ref()?;
    let scale = |environment: &str| {
        let is_task = |task: &String| is_task(environment, &benchmark.name, task);
        let [random, human] = references[benchmark.tasks.iter().position(is_task)?];
        Normalisation::new(random, human).ok()
    };
    let agents_in = |environment: &str| agents(findings, measure, &[environment]).len();
    let tasks: Vec<(&str, Normalisation)> = environments
        .iter()
        .filter_map(|environment| Some((*environment, scale(environment)?)))
        .collect();
    let max_agents = tasks.iter().map(|(task, _)| agents_in(task)).max()?;
    let shared: Vec<_> = tasks
        .into_iter()
        .filter(|(task, _)| max_agents > 0 && agents_in(task) == max_agents)
        .collect();
    let (names, scales): (Vec<&str>, Vec<Normalisation>) = shared.into_iter().unzip();
    let scores = agents(findings, measure, &names).into_iter();
    let agents: Vec<_> = scores
        .filter_map(|(agent, scores)| Some((agent, scores.normalised(&scales).ok()?)))
        .collect();
    let title = format!("{}, {} of {} tasks", benchmark.name, names.len(), benchmark.tasks.len());
    (!agents.is_empty()).then_some((TaskSet { title, normalised: true, agents }, names))
}

/// The scores of each agent that has finished runs in all of `environments`.
fn agents<'a>(
    findings: &'a Findings,
    measure: &Measure,
    environments: &[&str],
) -> Vec<(&'a str, ScoreMatrix)> {
    let scores = |agent: &str, environment: &&str| -> Vec<f64> {
        let mut groups = findings.groups.iter();
        let group = groups.find(|group| group.agent == agent && group.environment == *environment);
        let scores = group.map(|group| seed_scores(group, &findings.runs, measure));
        scores.into_iter().flatten().map(|(_, score)| score).collect()
    };
    let agents = distinct_in_order(&findings.groups, |group| &group.agent).into_iter();
    agents
        .filter_map(|agent| {
            let tasks = environments.iter().map(|environment| scores(agent, environment));
            Some((agent, ScoreMatrix::new(tasks).ok()?))
        })
        .collect()
}
