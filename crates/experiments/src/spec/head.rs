//! The parts of a spec that ask and show rather than run: name, question, figures, hypothesis.

use std::collections::BTreeSet;

use super::fault::Fault;
use super::node::Node;
use super::sections::Spec;
use crate::plan::ExperimentHead;
use crate::plan::FailurePolicy;
use crate::plan::resolved::ResolvedRun;

/// What the x-axis of a figure may count.
pub(super) const FIGURE_AXES: [&str; 5] =
    ["real_steps", "wall_seconds", "imagined_steps", "flops", "dollars"];

/// What a hypothesis may be about.
pub(super) const METRICS: [&str; 2] = ["evaluation.return", "evaluation.performance"];

/// Checks what needs no runs, and takes the head out of the spec.
pub(super) fn read(
    root: &Node,
    spec: &Spec,
    kinds: Option<&[String]>,
) -> Result<ExperimentHead, Fault> {
    let checked = spec.experiment.check();
    checked.map_err(|error| Fault::from_settings(root, &error, "the experiment"))?;
    let nodes = root.get("figure").map_or(&[][..], Node::elements);
    for (node, figure) in nodes.iter().zip(&spec.figure) {
        if let Some(kinds) = kinds.filter(|kinds| !kinds.contains(&figure.kind)) {
            let message = format!("unknown kind of figure `{}`", figure.kind);
            return Err(Fault::new(node.locate("kind").span, message).suggest(&figure.kind, kinds));
        }
        if !figure.x.is_empty() && !FIGURE_AXES.contains(&figure.x.as_str()) {
            let message = format!("unknown quantity for the x-axis `{}`", figure.x);
            return Err(Fault::new(node.locate("x").span, message).suggest(&figure.x, &FIGURE_AXES));
        }
    }
    Ok(ExperimentHead {
        name: spec.experiment.name.clone(),
        question: spec.experiment.question.clone(),
        hypothesis: spec.hypothesis.clone(),
        published: spec.published.clone(),
        figures: spec.figure.clone(),
        on_failure: FailurePolicy {
            retries: spec.experiment.retries,
            fail_fast: spec.experiment.fail_fast,
        },
    })
}

/// Checks that the hypothesis compares two agents that run.
pub(super) fn check_hypothesis(
    root: &Node,
    spec: &Spec,
    runs: &[ResolvedRun],
) -> Result<(), Fault> {
    let (Some(hypothesis), Some(node)) = (&spec.hypothesis, root.get("hypothesis")) else {
        return Ok(());
    };
    if !METRICS.contains(&hypothesis.metric.as_str()) {
        let message = format!("unknown metric `{}`", hypothesis.metric);
        return Err(
            Fault::new(node.locate("metric").span, message).suggest(&hypothesis.metric, &METRICS)
        );
    }
    let span = node.locate("statement").span;
    let sides: Vec<_> = hypothesis.statement.split(['>', '<']).map(str::trim).collect();
    let [left, right] = sides[..] else {
        return Err(Fault::new(span, "the statement compares nothing")
            .help("write `A > B` or `A < B`, where A and B are agents"));
    };
    let names: BTreeSet<_> = runs.iter().map(|run| run.agent.name()).collect();
    match [left, right].into_iter().find(|side| !names.contains(side)) {
        None => Ok(()),
        Some(side) => {
            let names: Vec<_> = names.into_iter().collect();
            let message = format!("no agent of this experiment is called `{side}`");
            Err(Fault::new(span, message).suggest(side, &names))
        }
    }
}
