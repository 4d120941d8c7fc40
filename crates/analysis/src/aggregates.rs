//! The final scores of agents over the tasks that they share, as the estimates of rliable take them.
//!
//! Scores of different environments go together only where they are normalised: where the environments are tasks of a
//! benchmark that the experiment asks for, and the scores of a random agent and of a human are known. Otherwise each
//! environment stands by itself.

use zerolab_metrics::published::is_task;
use zerolab_metrics::statistics::{Normalisation, ScoreMatrix};

use crate::findings::Findings;
use crate::groups::in_order;
use crate::published::Benchmark;
use crate::scores::{Metric, seed_scores};

/// Tasks whose scores are on one scale, and the agents that have finished runs in all of them.
pub(crate) struct Field<'a> {
    /// The environment, or the benchmark with the number of its tasks.
    pub title: String,
    /// Whether 0 is a random agent and 1 a human.
    pub normalised: bool,
    /// In the order of the plan.
    pub agents: Vec<(&'a str, ScoreMatrix)>,
}

/// Every field that has finished runs.
pub(crate) fn fields(findings: &Findings, metric: Metric) -> Vec<Field<'_>> {
    let mut left = in_order(&findings.groups, |group| &group.environment);
    let mut fields = Vec::new();
    for benchmark in findings.published.iter().flat_map(|beside| &beside.benchmarks) {
        if let Some((field, environments)) = normalised(findings, metric, benchmark, &left) {
            left.retain(|environment| !environments.contains(environment));
            fields.push(field);
        }
    }
    let alone = |environment: &str| Field {
        title: environment.to_owned(),
        normalised: false,
        agents: agents(findings, metric, &[environment]),
    };
    fields.extend(left.into_iter().map(alone).filter(|field| !field.agents.is_empty()));
    fields
}

/// The environments that are tasks of a benchmark and in which all agents that play any of them have finished runs.
fn normalised<'a>(
    findings: &'a Findings,
    metric: Metric,
    benchmark: &Benchmark,
    environments: &[&'a str],
) -> Option<(Field<'a>, Vec<&'a str>)> {
    let references = benchmark.references.as_ref()?;
    let scale = |environment: &str| {
        let is_task = |task: &String| is_task(environment, &benchmark.name, task);
        let [random, human] = references[benchmark.tasks.iter().position(is_task)?];
        Normalisation::new(random, human).ok()
    };
    let playing = |environment: &str| agents(findings, metric, &[environment]);
    let tasks: Vec<(&str, Normalisation)> = environments
        .iter()
        .filter_map(|environment| Some((*environment, scale(environment)?)))
        .collect();
    let most = tasks.iter().map(|(task, _)| playing(task).len()).max()?;
    let shared: Vec<_> =
        tasks.into_iter().filter(|(task, _)| most > 0 && playing(task).len() == most).collect();
    let (names, scales): (Vec<&str>, Vec<Normalisation>) = shared.into_iter().unzip();
    let scores = agents(findings, metric, &names).into_iter();
    let agents: Vec<_> = scores
        .filter_map(|(agent, scores)| Some((agent, scores.normalised(&scales).ok()?)))
        .collect();
    let title = format!("{}, {} of {} tasks", benchmark.name, names.len(), benchmark.tasks.len());
    (!agents.is_empty()).then_some((Field { title, normalised: true, agents }, names))
}

/// The scores of each agent that has finished runs in all of `environments`.
fn agents<'a>(
    findings: &'a Findings,
    metric: Metric,
    environments: &[&str],
) -> Vec<(&'a str, ScoreMatrix)> {
    let scores = |agent: &str, environment: &&str| -> Vec<f64> {
        let is = |agent: &str, environment: &str| {
            let mut groups = findings.groups.iter();
            groups.find(|group| group.agent == agent && group.environment == environment)
        };
        let group = is(agent, environment);
        let scores = group.map(|group| seed_scores(group, &findings.runs, metric));
        scores.into_iter().flatten().map(|(_, score)| score).collect()
    };
    let agents = in_order(&findings.groups, |group| &group.agent).into_iter();
    agents
        .filter_map(|agent| {
            let tasks = environments.iter().map(|environment| scores(agent, environment));
            Some((agent, ScoreMatrix::new(tasks).ok()?))
        })
        .collect()
}
