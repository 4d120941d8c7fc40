//! Groups of runs that differ only in their seed.

use std::collections::HashSet;

use zerolab_metrics::{Measure, RunReference};

use crate::labels::{agent_label, environment_label};
use crate::results::{RunResults, RunStatus};

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
    /// Indices of its runs in the results, in the order of the plan, each run once.
    pub runs: Vec<usize>,
}

impl Group {
    /// Whether `name` is that of its agent, or its label with the swept settings.
    pub fn is_called(&self, name: &str) -> bool {
        self.agent == name || self.agent_name == name
    }

    /// Whether the measure is that of an examination which its runs have, or another one that a finished run has.
    pub fn has(&self, measure: &Measure, runs: &[RunResults]) -> bool {
        let Measure::Examined { label, .. } = measure else {
            return self.finished(runs).any(|run| run.score(measure).is_some());
        };
        let mut references = self.runs.iter().flat_map(|&run| &runs[run].reference.examinations);
        references.any(|reference| reference.label() == *label)
    }

    /// The group's finished runs. Only their last evaluation is at the full budget.
    pub fn finished<'a>(&'a self, runs: &'a [RunResults]) -> impl Iterator<Item = &'a RunResults> {
        self.runs.iter().map(|&run| &runs[run]).filter(|run| run.status == RunStatus::Done)
    }
}

/// Groups the runs, in the order of the plan.
pub(crate) fn group_runs(runs: &[RunResults]) -> Vec<Group> {
    let mut groups: Vec<Group> = Vec::new();
    let mut seen: HashSet<(usize, &str)> = HashSet::new();
    for (run_index, run) in runs.iter().enumerate() {
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
        // A plan can contain a run more than once, if an axis does not affect the run's agent.
        if seen.insert((index, &reference.id)) {
            groups[index].runs.push(run_index);
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

/// The first of `items` for which `is` holds; if there is none, `new` is added at the end.
pub(crate) fn find_or_add<T>(
    items: &mut Vec<T>,
    is: impl Fn(&T) -> bool,
    new: impl FnOnce() -> T,
) -> &mut T {
    let index = items.iter().position(is).unwrap_or_else(|| {
        items.push(new());
        items.len() - 1
    });
    &mut items[index]
}

/// The distinct values of `of`, in the order of first appearance.
pub(crate) fn distinct_in_order<'a, T>(
    items: &'a [T],
    of: impl Fn(&'a T) -> &'a str,
) -> Vec<&'a str> {
    let mut names: Vec<&str> = Vec::new();
    for item in items {
        let name = of(item);
        if !names.contains(&name) {
            names.push(name);
        }
    }
    names
}
