//! Agents against each other: how likely a run of one is to beat a run of another, with its interval.
//!
//! In each environment that both have finished runs in, and over all such environments together, each of which counts
//! alike. Where the agents share their seeds, they are drawn again in pairs.

use std::collections::BTreeMap;

use rayon::prelude::*;
use zerolab_metrics::statistics::{self, Bootstrap, Interval, ScoreMatrix};

use crate::groups::{Group, in_order};
use crate::results::Run;
use crate::scores::{Metric, seed_scores};

/// What stands for all environments together.
pub(crate) const ALL: &str = "all";

/// The probability of improvement of one agent over another.
pub(crate) struct Comparison {
    /// The environment with its swept options, or [`ALL`].
    pub environment: String,
    /// The agents' labels. The plan names the first before the second.
    pub first: String,
    pub second: String,
    pub metric: Metric,
    /// The share of pairs of runs that the first wins, a tie counting half.
    pub probability_of_improvement: f64,
    /// Nothing where an agent has a single run in some environment.
    pub interval: Option<Interval>,
    /// Runs of the first and of the second.
    pub runs: (usize, usize),
}

/// Every agent against every one that the plan names later, by every metric.
pub(crate) fn comparisons(groups: &[Group], runs: &[Run]) -> Vec<Comparison> {
    let agents = in_order(groups, |group| group.agent.as_str());
    let mut wanted = Vec::new();
    for (place, first) in agents.iter().enumerate() {
        for second in &agents[place + 1..] {
            wanted.extend(Metric::ALL.map(|metric| (*first, *second, metric)));
        }
    }
    wanted
        .into_par_iter()
        .flat_map_iter(|(first, second, metric)| {
            let shared = shared(first, second, metric, groups, runs);
            let each =
                shared.iter().map(|task| (task.environment.as_str(), std::slice::from_ref(task)));
            let all = (shared.len() > 1).then_some((ALL, &shared[..]));
            each.chain(all)
                .filter_map(|(environment, tasks)| {
                    compare(environment, tasks, first, second, metric)
                })
                .collect::<Vec<_>>()
        })
        .collect()
}

/// An environment in which both agents have finished runs: the score of each seed.
struct Task {
    environment: String,
    firsts: BTreeMap<u64, f64>,
    seconds: BTreeMap<u64, f64>,
}

fn shared(first: &str, second: &str, metric: Metric, groups: &[Group], runs: &[Run]) -> Vec<Task> {
    let scores = |agent: &str, environment: &str| -> BTreeMap<u64, f64> {
        let found = groups.iter().find(|it| it.agent == agent && it.environment == environment);
        found.map(|group| seed_scores(group, runs, metric).collect()).unwrap_or_default()
    };
    let environments = in_order(groups, |group| group.environment.as_str());
    let task = |environment: &str| Task {
        environment: environment.to_owned(),
        firsts: scores(first, environment),
        seconds: scores(second, environment),
    };
    let tasks = environments.into_iter().map(task);
    tasks.filter(|task| !task.firsts.is_empty() && !task.seconds.is_empty()).collect()
}

fn compare(
    environment: &str,
    tasks: &[Task],
    first: &str,
    second: &str,
    metric: Metric,
) -> Option<Comparison> {
    let matrix = |of: fn(&Task) -> &BTreeMap<u64, f64>| {
        let tasks = tasks.iter().map(|task| of(task).values().copied().collect::<Vec<f64>>());
        ScoreMatrix::new(tasks).ok()
    };
    let (firsts, seconds) = (matrix(|task| &task.firsts)?, matrix(|task| &task.seconds)?);
    let runs = (firsts.pooled().len(), seconds.pooled().len());
    let paired = tasks.iter().all(|task| task.firsts.keys().eq(task.seconds.keys()));
    let compared = if paired {
        statistics::AgentPair::paired(firsts, seconds)
    } else {
        statistics::AgentPair::independent(firsts, seconds)
    };
    let compared = compared.ok()?;
    let probability = statistics::AgentPair::probability_of_improvement;
    Some(Comparison {
        environment: environment.to_owned(),
        first: first.to_owned(),
        second: second.to_owned(),
        metric,
        probability_of_improvement: probability(&compared),
        interval: Bootstrap::default().interval_of(&compared, probability),
        runs,
    })
}
