//! Checks what a hypothesis compares, and where, against the runs of the plan.

use std::collections::BTreeSet;

use zerolab_metrics::Hypothesis;
use zerolab_metrics::labels::agent_label;

use super::located_error::LocatedError;
use super::source::Span;
use crate::plan::Plan;

/// Checks that the plan has an environment of a hypothesis.
pub(super) fn check_environment(
    hypothesis: &Hypothesis,
    plan: &Plan,
    span: Span,
) -> Result<(), LocatedError> {
    let wanted = &hypothesis.environment;
    let labels: BTreeSet<String> =
        plan.all_runs.iter().map(|run| plan.environment_label(run)).collect();
    if wanted.is_empty() || labels.iter().any(|label| hypothesis.counts_in(label)) {
        return Ok(());
    }
    let message = format!("no environment of this experiment is labelled `{wanted}`");
    let known: Vec<String> = labels.into_iter().collect();
    Err(LocatedError::new(span, message).suggest(wanted, &known))
}

/// Checks that a hypothesis compares two agents of the plan, or one with a number.
pub(super) fn check_sides(
    hypothesis: &Hypothesis,
    plan: &Plan,
    span: Span,
) -> Result<(), LocatedError> {
    let error = |message: &str| Err(LocatedError::new(span, message));
    let Some((first, second)) = hypothesis.sides() else {
        return error("the statement is no comparison").map_err(|error| {
            error
                .help("write `A > B` or `A < B`, where A and B are agents, or one of them a number")
        });
    };
    if first == second {
        return error("both sides are the same");
    }
    let mut names = BTreeSet::new();
    let mut labels = BTreeSet::new();
    for run in &plan.all_runs {
        names.insert(run.agent.name().to_owned());
        if let Some(axes) = plan.axes.get(&run.id) {
            labels.insert(agent_label(run.agent.name(), axes, &[]));
        }
    }
    // The results of an included experiment may come later, so its agents are not known yet.
    let is_included = |side: &str| {
        let includes = &plan.experiment.includes;
        includes.iter().any(|it| side.ends_with(&format!(" of {}", it.experiment)))
    };
    let is_agent = |side: &str| names.contains(side) || labels.contains(side) || is_included(side);
    let is_number = |side: &str| side.parse::<f64>().is_ok_and(f64::is_finite);
    let unknown = [first, second].into_iter().find(|side| !is_agent(side) && !is_number(side));
    if let Some(side) = unknown {
        let known: Vec<_> = match side.contains(" [") {
            true => labels.into_iter().collect(),
            false => names.into_iter().collect(),
        };
        let message = format!("no agent of this experiment is called `{side}`");
        return Err(LocatedError::new(span, message).suggest(side, &known));
    }
    match is_agent(first) || is_agent(second) {
        true => Ok(()),
        false => error("the statement compares two numbers: one side must be an agent"),
    }
}
