//! Pairwise comparisons of agents: how likely a run of one is to beat a run of the other, with an interval.
//!
//! Agents are compared in each environment in which both have finished runs, and over all these
//! environments with equal weight. The bootstrap draws the runs of each agent by themselves, as in rliable, also
//! if the agents have the same seeds: the estimate compares every run with every other, whatever their seeds.

use std::collections::BTreeMap;

use rayon::prelude::*;
use zerolab_metrics::Measure;
use zerolab_metrics::statistics::{AgentPair, Interval, ScoreMatrix};

use crate::groups::{Group, distinct_in_order};
use crate::results::RunResults;
use crate::scores::seed_scores;

/// The name of all environments together.
pub(crate) const ALL: &str = "all";

/// What agents are compared by.
const COMPARED: [Measure; 2] = [Measure::Return, Measure::Performance];

/// The probability of improvement of one agent over another.
pub(crate) struct PairwiseComparison {
    /// The environment with its swept options, or [`ALL`].
    pub environment: String,
    /// The agents' labels, in the order of the plan.
    pub first: String,
    pub second: String,
    pub measure: Measure,
    /// The share of pairs of runs in which the first has the higher score; a tie counts half.
    pub probability_of_improvement: f64,
    /// Nothing if an agent has too few runs in some environment.
    pub interval: Option<Interval>,
    /// Runs of the first and of the second.
    pub runs: (usize, usize),
    /// The fewest seeds of an agent in an environment.
    pub fewest_seeds: usize,
}

/// Compares every agent with every later agent of the plan, by the sums of rewards.
pub(crate) fn comparisons(groups: &[Group], runs: &[RunResults]) -> Vec<PairwiseComparison> {
    let agents = distinct_in_order(groups, |group| group.agent.as_str());
    let mut pairs = Vec::new();
    for (index, first) in agents.iter().enumerate() {
        for second in &agents[index + 1..] {
            pairs.extend(COMPARED.map(|measure| (*first, *second, measure)));
        }
    }
    pairs
        .into_par_iter()
        .flat_map_iter(|(first, second, measure)| {
            let shared = shared_tasks(first, second, &measure, groups, runs);
            let each =
                shared.iter().map(|task| (task.environment.as_str(), std::slice::from_ref(task)));
            let all = (shared.len() > 1).then_some((ALL, &shared[..]));
            each.chain(all)
                .filter_map(|(environment, tasks)| {
                    compare(environment, tasks, first, second, &measure)
                })
                .collect::<Vec<_>>()
        })
        .collect()
}

/// An environment in which both agents have finished runs, with the score of each seed.
struct SharedTask {
    environment: String,
    firsts: BTreeMap<u64, f64>,
    seconds: BTreeMap<u64, f64>,
}

fn shared_tasks(
    first: &str,
    second: &str,
    measure: &Measure,
    groups: &[Group],
    runs: &[RunResults],
) -> Vec<SharedTask> {
    let scores = |agent: &str, environment: &str| -> BTreeMap<u64, f64> {
        let found = groups.iter().find(|it| it.agent == agent && it.environment == environment);
        found.map(|group| seed_scores(group, runs, measure).collect()).unwrap_or_default()
    };
    let environments = distinct_in_order(groups, |group| group.environment.as_str());
    let task = |environment: &str| SharedTask {
        environment: environment.to_owned(),
        firsts: scores(first, environment),
        seconds: scores(second, environment),
    };
    let tasks = environments.into_iter().map(task);
    tasks.filter(|task| !task.firsts.is_empty() && !task.seconds.is_empty()).collect()
}

fn compare(
    environment: &str,
    tasks: &[SharedTask],
    first: &str,
    second: &str,
    measure: &Measure,
) -> Option<PairwiseComparison> {
    let matrix = |of: fn(&SharedTask) -> &BTreeMap<u64, f64>| {
        let tasks = tasks.iter().map(|task| of(task).values().copied().collect::<Vec<f64>>());
        ScoreMatrix::new(tasks).ok()
    };
    let (firsts, seconds) = (matrix(|task| &task.firsts)?, matrix(|task| &task.seconds)?);
    let runs = (firsts.pooled().len(), seconds.pooled().len());
    let fewest = tasks.iter().map(|task| task.firsts.len().min(task.seconds.len())).min()?;
    let compared = AgentPair::independent(firsts, seconds).ok()?;
    Some(PairwiseComparison {
        environment: environment.to_owned(),
        first: first.to_owned(),
        second: second.to_owned(),
        measure: measure.clone(),
        probability_of_improvement: compared.probability_of_improvement(),
        interval: compared.improvement_interval(),
        runs,
        fewest_seeds: fewest,
    })
}
