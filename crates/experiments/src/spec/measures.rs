//! Checks the measures of hypotheses and figures against the runs of the plan.

use std::collections::{BTreeMap, BTreeSet};

use zerolab_metrics::{FigureRequest, Measure};

use super::hypotheses::{check_environment, check_sides};
use super::located_error::LocatedError;
use super::node::{Content, Node};
use super::sections::Spec;
use super::source::Span;
use crate::examine;
use crate::plan::examination::ExaminedPart;
use crate::plan::{Plan, instantiate};

/// The names of measures of an event or an examination, for the schema.
pub(super) const OF_EVENTS: &str = r"^((share|rate|half_life|examination|training)\..+|steps_until\[.+>=.+\]|contingency\[.+,.+\])$";

/// The names of measures without an event, for the schema and for suggestions.
pub(super) fn plain_names() -> Vec<String> {
    Measure::PLAIN.iter().map(Measure::name).collect()
}

/// The older names of a hypothesis's measures.
pub(super) const OLDER_NAMES: [&str; 2] = ["evaluation.return", "evaluation.performance"];

/// The kind of figure that shows all points of an examination. Other kinds, and hypotheses, name one point.
const RESPONSE: &str = "response";

/// The kind of figure that shows one measure against another.
const SCATTER: &str = "scatter";

/// The kind of figure that shows measures along the training.
const CURVE: &str = "learning-curve";

/// The kind of figure that shows what a score costs.
const COST: &str = "cost-against-score";

/// Checks every measure and hypothesis.
pub(super) fn check(root: &Node, spec: &Spec, plan: &Plan) -> Result<(), LocatedError> {
    let known = KnownMeasures::of(plan);
    let figures = root.get("figure").map_or(&[][..], Node::elements);
    for (node, figure) in figures.iter().zip(&spec.figure) {
        known.check_figure(figure, node)?;
    }
    let Some(node) = root.get("hypothesis") else { return Ok(()) };
    let nodes = match &node.content {
        Content::Array(elements) => elements.as_slice(),
        Content::Table(_) | Content::Scalar(_) => std::slice::from_ref(node),
    };
    for (node, hypothesis) in nodes.iter().zip(&spec.hypotheses) {
        known.check(&hypothesis.metric, hypothesis.measure(), node.locate("metric").span)?;
        check_sides(hypothesis, plan, node.locate("statement").span)?;
        check_environment(hypothesis, plan, node.locate("environment").span)?;
    }
    Ok(())
}

/// The measures that the environments of a plan have.
struct KnownMeasures {
    names: Vec<String>,
    /// What each examination measures, by its name.
    examinations: BTreeMap<String, Vec<ExaminedPart>>,
    /// What the examinations measure, by the label of each point.
    points: BTreeMap<String, Vec<ExaminedPart>>,
    /// Whether the plan has runs whose environments are all known here.
    is_complete: bool,
    /// Whether a run has a further phase.
    has_phases: bool,
}

impl KnownMeasures {
    fn of(plan: &Plan) -> Self {
        let mut environments = BTreeSet::new();
        let mut events = BTreeSet::new();
        let (mut is_solved, mut is_complete) = (false, !plan.all_runs.is_empty());
        for run in &plan.all_runs {
            let environment = &run.environment;
            if !environments.insert(format!("{} {}", environment.name, environment.options)) {
                continue;
            }
            match instantiate::description(run) {
                Ok(description) => {
                    events.extend(description.events);
                    is_solved |= description.is_solved;
                }
                Err(_) => is_complete = false,
            }
        }
        let plain = Measure::PLAIN.into_iter().filter(|it| is_solved || !it.needs_anchors());
        let of_events = events.iter().flat_map(|event| Measure::of_event(event));
        let names = plain.chain(of_events).map(|measure| measure.name()).collect();
        let planned = || plan.all_runs.iter().flat_map(|run| plan.examinations_of(run));
        let examinations = planned().map(|it| (it.name.clone(), it.parts.clone())).collect();
        let points = planned().map(|it| (it.label(), it.parts.clone())).collect();
        let has_phases = plan.all_runs.iter().any(|run| !run.changes().is_empty());
        Self { names, examinations, points, is_complete, has_phases }
    }

    /// Examples of measures that are made of other names.
    fn composed_names(&self) -> Vec<String> {
        let mut rates = self.names.iter().filter_map(|name| name.strip_prefix("rate."));
        let two = rates.next().zip(rates.next());
        let contingency = two.map(|(given, event)| format!("contingency[{given},{event}]"));
        let others = ["steps_until[return>=0]", "training.return"].map(str::to_owned);
        contingency.into_iter().chain(others).collect()
    }

    /// Checks that the measure called `name` exists, and that an environment of the plan has it.
    fn check(&self, name: &str, measure: Option<Measure>, span: Span) -> Result<(), LocatedError> {
        let Some(measure) = measure else {
            let error = LocatedError::new(span, format!("unknown measure `{name}`"));
            let plain = name.strip_prefix("evaluation.").unwrap_or(name);
            return Err(error.suggest(plain, &[&self.names[..], &self.composed_names()].concat()));
        };
        if let Measure::Examined { label, of } = &measure {
            return self.check_examined(&self.points, label, of, span);
        }
        match &measure {
            Measure::StepsUntil { of, .. } | Measure::Training(of) => {
                return self.check(of, Measure::from_name(of), span);
            }
            Measure::Contingency { given, event } => {
                let mut rates =
                    [given, event].map(|it| Measure::ShareOfEpisodes(it.clone())).into_iter();
                return rates.try_for_each(|rate| self.check(&rate.name(), Some(rate), span));
            }
            Measure::HalfLife(_) if !self.has_phases => {
                let message = "no training of this experiment has a further phase";
                return Err(LocatedError::new(span, message)
                    .help("a half-life is that of what an agent does when a phase begins"));
            }
            // Its event must be one of an environment.
            Measure::HalfLife(event) => {
                let rate = Measure::ShareOfEpisodes(event.clone());
                if self.is_complete && !self.names.contains(&rate.name()) {
                    let rates = self.names.iter().filter_map(|it| it.strip_prefix("rate."));
                    let known: Vec<String> = rates.map(|it| format!("half_life.{it}")).collect();
                    let message =
                        format!("no environment of this experiment has an event `{event}`");
                    return Err(LocatedError::new(span, message).suggest(name, &known));
                }
                return Ok(());
            }
            _ => {}
        }
        if !self.is_complete || self.names.contains(&measure.name()) {
            return Ok(());
        }
        let message = match measure.event() {
            Some(event) => format!("no environment of this experiment has an event `{event}`"),
            None => format!(
                "no environment of this experiment has an exact solution, which `{name}` needs"
            ),
        };
        Err(LocatedError::new(span, message).suggest(name, &self.names))
    }

    /// Checks the measures of a figure. Only `response` shows an examination along its axis, and several measures.
    fn check_figure(&self, figure: &FigureRequest, node: &Node) -> Result<(), LocatedError> {
        let place = |index: usize| match node.locate(&format!("y[{index}]")) {
            found if found.span == node.span => node.locate("y").span,
            found => found.span,
        };
        if figure.kind == SCATTER {
            if figure.y.len() != 2 {
                let message = "a figure of the kind `scatter` needs two measures";
                let error = LocatedError::new(node.locate("y").span, message);
                return Err(error.help("`y = [\"A\", \"B\"]` draws B against A"));
            }
            let mut measures = figure.y.iter().enumerate();
            return measures
                .try_for_each(|(index, y)| self.check(y, Measure::from_name(y), place(index)));
        }
        if figure.kind != RESPONSE {
            if figure.y.len() > 1 {
                let message = format!("a figure of the kind `{}` shows one measure", figure.kind);
                return Err(LocatedError::new(place(1), message));
            }
            let Some(y) = figure.y.first() else { return Ok(()) };
            let measure = Measure::from_name(y);
            if figure.kind == CURVE && measure.as_ref().is_some_and(|it| !it.is_of_evaluation()) {
                let message =
                    format!("`{y}` is not measured in each evaluation, so it has no curve");
                return Err(LocatedError::new(place(0), message));
            }
            if figure.kind == COST && measure.as_ref().is_some_and(|it| !it.more_is_better()) {
                let message = format!("more of `{y}` is not better, so it has no cost");
                let error = LocatedError::new(place(0), message);
                return Err(error.help("`return`, `performance` and `competence` are possible"));
            }
            return self.check(y, measure, place(0));
        }
        let mut first: Option<String> = None;
        for (index, y) in figure.y.iter().enumerate() {
            let Some(Measure::Examined { label, of }) = Measure::from_name(y) else {
                let message = format!("`{y}` is no measure of an examination");
                let error = LocatedError::new(place(index), message);
                return Err(error.help("for example: `examination.NAME.return`"));
            };
            if first.get_or_insert_with(|| label.clone()) != &label {
                let message = "a figure shows measures of one examination";
                return Err(LocatedError::new(place(index), message));
            }
            self.check_examined(&self.examinations, &label, &of, place(index))?;
        }
        match first {
            Some(_) => Ok(()),
            None => {
                let message = "a figure of the kind `response` needs `y`";
                let error = LocatedError::new(node.locate("y").span, message);
                Err(error.help("for example: `y = \"examination.NAME.return\"`"))
            }
        }
    }

    /// Checks that an examination is in `known` and measures what is asked for.
    fn check_examined(
        &self,
        known: &BTreeMap<String, Vec<ExaminedPart>>,
        label: &str,
        of: &str,
        span: Span,
    ) -> Result<(), LocatedError> {
        let Some(parts) = known.get(label) else {
            let message = match self.examinations.contains_key(label) {
                true => format!("the examination `{label}` has axes: name one of its points"),
                false => format!("there is no examination `{label}` here"),
            };
            let labels: Vec<&String> = known.keys().collect();
            return Err(LocatedError::new(span, message).suggest(label, &labels));
        };
        let unknown = |name: &str, names: &[&str]| {
            let message = format!("an examination has no measure `{of}`");
            Err(LocatedError::new(span, message).suggest(name, names))
        };
        let part = match &of.split('.').collect::<Vec<_>>()[..] {
            ["values", name] if examine::VALUES.contains(name) => ExaminedPart::Values,
            ["values", name] => return unknown(name, &examine::VALUES),
            ["plans", _, name] if examine::PLANS.contains(name) => ExaminedPart::Plans,
            ["plans", _, name] => return unknown(name, &examine::PLANS),
            ["positions", _, name] | ["positions", _, name, _]
                if examine::POSITIONS.contains(name) =>
            {
                ExaminedPart::Positions
            }
            ["positions", _, name] => return unknown(name, &examine::POSITIONS),
            _ => {
                self.check(of, Measure::from_name(of), span)?;
                ExaminedPart::Play
            }
        };
        // The episodes of `values` are played too.
        let has_values = part == ExaminedPart::Play && parts.contains(&ExaminedPart::Values);
        if parts.contains(&part) || has_values {
            return Ok(());
        }
        let message = format!("the examination `{label}` does not measure `{of}`");
        let name = format!("{part:?}").to_lowercase();
        Err(LocatedError::new(span, message).help(format!("add `\"{name}\"` to its `measure`")))
    }
}
