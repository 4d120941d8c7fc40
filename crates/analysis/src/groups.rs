//! Which runs answer the same question: those that differ in nothing but their seed.

use std::collections::HashSet;

use zerolab_metrics::RunReference;

use crate::axes::{agent_label, environment_label};
use crate::results::{Run, Status};

/// Runs of one agent in one environment, one for each seed.
pub(crate) struct Group {
    /// The environment with its swept options.
    pub environment: String,
    /// The agent's label with its swept settings.
    pub agent: String,
    /// The agent's label alone.
    pub agent_name: String,
    /// The swept keys and values, as `key=value; …`.
    pub axes: String,
    /// Places of its runs in the results, in the order of the plan, no run twice.
    pub runs: Vec<usize>,
}

impl Group {
    /// The group's finished runs: the only ones whose last evaluation is at the full budget.
    pub fn finished<'a>(&'a self, runs: &'a [Run]) -> impl Iterator<Item = &'a Run> {
        self.runs.iter().map(|&place| &runs[place]).filter(|run| run.status == Status::Done)
    }
}

/// Groups the runs, in the order of the plan.
pub(crate) fn group(runs: &[Run]) -> Vec<Group> {
    let mut groups: Vec<Group> = Vec::new();
    let mut seen: HashSet<(usize, &str)> = HashSet::new();
    for (place, run) in runs.iter().enumerate() {
        let reference = &run.reference;
        let (environment, agent) = (environment_label(reference, &[]), agent_label(reference, &[]));
        let found = groups
            .iter()
            .position(|group| group.environment == environment && group.agent == agent);
        let index = found.unwrap_or_else(|| {
            groups.push(Group {
                environment,
                agent,
                agent_name: reference.agent.clone(),
                axes: written_axes(reference),
                runs: Vec::new(),
            });
            groups.len() - 1
        });
        // One run may stand in a plan more than once, where an axis does not touch its agent.
        if seen.insert((index, &reference.id)) {
            groups[index].runs.push(place);
        }
    }
    groups
}

/// The swept keys and values of a run, as `key=value; …`.
pub(crate) fn written_axes(reference: &RunReference) -> String {
    let axes: Vec<String> =
        reference.axes.iter().map(|(key, value)| format!("{key}={value}")).collect();
    axes.join("; ")
}

/// The first of `items` that `is`, or else a new one behind them.
pub(crate) fn find_or_add<T>(
    items: &mut Vec<T>,
    is: impl Fn(&T) -> bool,
    new: impl FnOnce() -> T,
) -> &mut T {
    let place = items.iter().position(is).unwrap_or_else(|| {
        items.push(new());
        items.len() - 1
    });
    &mut items[place]
}

/// The distinct values of `of`, in order of first appearance.
pub(crate) fn in_order<'a, T>(items: &'a [T], of: impl Fn(&'a T) -> &'a str) -> Vec<&'a str> {
    let mut names: Vec<&str> = Vec::new();
    for item in items {
        let name = of(item);
        if !names.contains(&name) {
            names.push(name);
        }
    }
    names
}
