//! The parts of a spec that describe the experiment and its report: name, question, figures.

use super::catalogue::Figure;
use super::located_error::LocatedError;
use super::node::Node;
use super::sections::{Experiment, Spec};
use crate::plan::ExperimentMetadata;
use crate::plan::FailurePolicy;
use crate::plan::slurm::SlurmSettings;
use zerolab_metrics::{FigureRequest, IncludeRequest};
use zerolab_settings::within;

/// Reads and checks the metadata of an experiment, which needs no runs.
pub(super) fn read(
    root: &Node,
    spec: &Spec,
    figures: Option<&[Figure]>,
) -> Result<ExperimentMetadata, LocatedError> {
    let checked = spec.experiment.check();
    checked.map_err(|error| LocatedError::from_settings(root, &error, "the experiment"))?;
    if let Some(known) = figures {
        let nodes = root.get("figure").map_or(&[][..], Node::elements);
        nodes
            .iter()
            .zip(&spec.figure)
            .try_for_each(|(node, asked)| check_figure(node, asked, known))?;
    }
    let slurm = SlurmSettings::read(&spec.launcher.slurm).map(drop);
    within("launcher.slurm", slurm)
        .map_err(|error| LocatedError::from_settings(root, &error, "`[launcher.slurm]`"))?;
    Ok(ExperimentMetadata {
        name: spec.experiment.name.clone(),
        question: spec.experiment.question.clone(),
        hypotheses: spec.hypotheses.clone(),
        published: spec.published.clone(),
        figures: spec.figure.clone(),
        includes: spec.include.clone(),
        on_failure: FailurePolicy {
            retries: spec.experiment.retries,
            fail_fast: spec.experiment.fail_fast,
        },
    })
}

/// Checks that a kind of figure exists and can show the quantity along x.
fn check_figure(node: &Node, asked: &FigureRequest, known: &[Figure]) -> Result<(), LocatedError> {
    let FigureRequest { kind, x, .. } = asked;
    for (key, size) in
        [("width", asked.width_in_millimetres()), ("height", asked.height_in_millimetres())]
    {
        size.map_err(|message| LocatedError::new(node.locate(key).span, message))?;
    }
    let Some(figure) = known.iter().find(|figure| figure.kind == kind) else {
        let kinds: Vec<_> = known.iter().map(|figure| figure.kind).collect();
        let message = format!("unknown kind of figure `{kind}`");
        return Err(LocatedError::new(node.locate("kind").span, message).suggest(kind, &kinds));
    };
    if !asked.y.is_empty() && !figure.has_y {
        let message = format!("a figure of the kind `{kind}` has no choice of `y`");
        let error = LocatedError::new(node.locate("y").span, message);
        return Err(error.help("leave the key out"));
    }
    if x.is_empty() || figure.xs.contains(&x.as_str()) {
        return Ok(());
    }
    let error = LocatedError::new(
        node.locate("x").span,
        format!("a figure of the kind `{kind}` cannot show `{x}` along x"),
    );
    Err(match figure.xs {
        [] => error.help("this kind has no choice of x: leave the key out"),
        xs => error.possible(xs),
    })
}

/// Checks what the spec alone can say about the included experiments. Their results may come later.
pub(super) fn check_includes(
    root: &Node,
    experiment: &ExperimentMetadata,
) -> Result<(), LocatedError> {
    let nodes = root.get("include").map_or(&[][..], Node::elements);
    for (node, IncludeRequest { experiment: name, agents }) in
        nodes.iter().zip(&experiment.includes)
    {
        let place = node.locate("experiment").span;
        if let Err(rule) = Experiment::check_name(name) {
            let message = format!("no experiment can be called {name:?}");
            return Err(LocatedError::new(place, message).help(format!("a name {rule}")));
        }
        if *name == experiment.name {
            let message = format!("the experiment `{name}` cannot include itself");
            return Err(LocatedError::new(place, message).help("name another experiment"));
        }
        let Some(list) = node.get("agents") else { continue };
        if agents.is_empty() {
            let error = LocatedError::new(list.span, "an empty list includes no agent");
            return Err(error.help("name agents, or leave `agents` out to include all"));
        }
        let repeated = (1..agents.len()).find(|&place| agents[..place].contains(&agents[place]));
        if let Some(place) = repeated {
            let message = format!("the agent `{}` is listed twice", agents[place]);
            return Err(LocatedError::new(list.locate(&format!("[{place}]")).span, message));
        }
    }
    Ok(())
}
