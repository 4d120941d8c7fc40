//! `[examination.NAME]`: reads and checks the examinations of a spec, and finds those of each run.

use std::collections::HashSet;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use zerolab_environments::Description;
use zerolab_metrics::format::count;
use zerolab_metrics::labels::Axes;
use zerolab_metrics::one_or_many;
use zerolab_settings::read;

use super::choices::Choices;
use super::keys::{Key, Target};
use super::layers::shown;
use super::located_error::LocatedError;
use super::node::{Content, Node};
use super::resolve::Resolver;
use super::sections::{AnyTable, Experiment};
use super::source::Span;
use super::sweep::{Assignment, Combination, Origin, cross};
use super::unseeded_run::UnseededRun;
use crate::plan::chosen_weights::ChosenWeights;
use crate::plan::examination::{ExaminedPart, PlannedExamination};
use crate::plan::instantiate;
use crate::plan::persistence::KeptWeights;
use crate::plan::phases::TrainingPhase;
use crate::plan::resolved::{EnvironmentChoice, MOST_EPISODES};

/// `[examination.NAME]`: the agents of finished runs are measured again.
#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
#[schemars(rename = "Examination")]
pub struct ExaminationSection {
    /// Settings of the environment that differ from those of the training. A list of values is an axis.
    #[serde(default)]
    #[schemars(with = "AnyTable")]
    pub environment: toml::Table,
    /// Settings that differ from those of the training, of all agents that have them. A list of values is an axis.
    #[serde(default)]
    #[schemars(with = "AnyTable")]
    pub agent: toml::Table,
    /// The weights: `last`, `best` or the real steps of an evaluation. A list is an axis.
    #[serde(default, deserialize_with = "one_or_many")]
    #[schemars(schema_with = "zerolab_metrics::one_or_many_schema::<ChosenWeights>")]
    pub weights: Vec<ChosenWeights>,
    /// The number of episodes.
    #[schemars(range(min = 1, max = MOST_EPISODES))]
    pub episodes: u64,
    /// The seed of the episodes. Without one they begin with those of the run's own evaluations.
    #[serde(default)]
    pub seed: Option<u64>,
    /// What is measured.
    #[serde(default = "only_play")]
    #[schemars(length(min = 1))]
    pub measure: Vec<ExaminedPart>,
}

fn only_play() -> Vec<ExaminedPart> {
    vec![ExaminedPart::Play]
}

/// The examinations of a spec.
pub(super) struct Examinations {
    all: Vec<WrittenExamination>,
    /// The weights that the runs keep.
    keeps: KeptWeights,
}

/// An examination, and the settings of each of its points.
struct WrittenExamination {
    name: String,
    section: ExaminationSection,
    points: Vec<Combination>,
    /// The keys of its axes, as they are shown.
    axes: HashSet<String>,
    /// Keys of agents' settings that no agent has had so far.
    idle: Vec<Key>,
    place: Span,
    /// Where its weights stand.
    weights_place: Span,
}

impl Examinations {
    /// Those in the table `examination` of the spec, whose runs keep these weights.
    pub fn read(root: &Node, keeps: KeptWeights) -> Result<Self, LocatedError> {
        let entries = root.get("examination").map_or(&[][..], Node::entries);
        let all = entries.iter().map(|(name, node)| WrittenExamination::read(name, node));
        Ok(Self { all: all.collect::<Result<_, _>>()?, keeps })
    }

    /// Those of a variant, which was resolved from `assignments`.
    pub fn of(
        &mut self,
        variant: &UnseededRun,
        assignments: &[&Assignment],
        resolver: &mut Resolver<'_>,
    ) -> Result<Vec<PlannedExamination>, LocatedError> {
        let mut planned = Vec::new();
        for examination in &mut self.all {
            planned.extend(examination.of(variant, assignments, self.keeps, resolver)?);
        }
        Ok(planned)
    }

    /// Checks that each setting applied to some agent.
    pub fn check_used(&self) -> Result<(), LocatedError> {
        match self.all.iter().flat_map(|examination| &examination.idle).next() {
            Some(key) => {
                let message = format!("no agent of this experiment has the setting `{}`", own(key));
                Err(LocatedError::new(key.span, message))
            }
            None => Ok(()),
        }
    }
}

impl WrittenExamination {
    fn read(name: &str, node: &Node) -> Result<Self, LocatedError> {
        let what = format!("the examination `{name}`");
        if Experiment::check_name(name).is_err() || name.contains('.') {
            let message = format!("an examination cannot be called {name:?}");
            let error = LocatedError::new(node.key, message);
            return Err(error.help("a name must be letters, digits, `-` and `_`"));
        }
        let mut section: ExaminationSection = read(&node.to_table())
            .map_err(|error| LocatedError::from_settings(node, &error, &what))?;
        if !(1..=MOST_EPISODES).contains(&section.episodes) {
            let message = format!("must be between 1 and {MOST_EPISODES}");
            return Err(LocatedError::new(node.locate("episodes").span, message));
        }
        if section.measure.is_empty() {
            let error = LocatedError::new(node.locate("measure").span, "nothing is measured");
            return Err(error.help("for example: `measure = [\"play\", \"values\"]`"));
        }
        section.measure.sort_unstable();
        section.measure.dedup();
        if node.get("weights").is_some() && section.weights.is_empty() {
            return Err(LocatedError::new(node.locate("weights").span, "no weights are named"));
        }
        let mut axes = Vec::new();
        for (table, target) in [("environment", &["environment"][..]), ("agent", &["agents", "*"])]
        {
            let settings = node.get(table).map_or(&[][..], Node::entries);
            add_axes(settings, target, &mut axes)?;
        }
        let shown = axes.iter().filter(|axis| axis.len() > 1);
        let shown = shown.flatten().flatten().map(|assignment| own(&assignment.key)).collect();
        let keys = axes.iter().flatten().flatten().map(|assignment| &assignment.key);
        let of_agents = keys.filter(|key| key.written.starts_with("agents."));
        let mut idle: Vec<Key> = Vec::new();
        for key in of_agents {
            if !idle.iter().any(|known| known.is_same(key)) {
                idle.push(key.clone());
            }
        }
        let points = cross(&axes, node.span)?;
        Ok(Self {
            name: name.to_owned(),
            section,
            points,
            axes: shown,
            idle,
            place: node.key,
            weights_place: node.locate("weights").span,
        })
    }

    fn of(
        &mut self,
        variant: &UnseededRun,
        assignments: &[&Assignment],
        keeps: KeptWeights,
        resolver: &mut Resolver<'_>,
    ) -> Result<Vec<PlannedExamination>, LocatedError> {
        let mut planned: Vec<PlannedExamination> = Vec::new();
        for point in &self.points {
            // An unknown setting of the environment is an error; one of the agent is that of another agent.
            let applies = |it: &&Assignment| {
                it.key.target == Target::Environment
                    || variant.setting(&it.key.target, &it.key.path).is_some()
            };
            let applying: Vec<&Assignment> = point.iter().filter(applies).collect();
            self.idle.retain(|key| !applying.iter().any(|it| it.key.is_same(key)));
            let all: Vec<&Assignment> =
                assignments.iter().copied().chain(applying.clone()).collect();
            let changed = resolver.resolve(&variant.agent_name, &all)?;
            check_shape(
                &variant.environment,
                &changed.environment,
                applying.first().map_or(self.place, |it| it.value.span),
            )?;
            let set = |it: &&Assignment| format!("{}={}", it.key.written, it.value.to_value());
            self.check_networks(variant, &changed, &applying)?;
            // An agent without a setting is at each of its values, so that it can be compared.
            let is_axis = |it: &&Assignment| self.axes.contains(&own(&it.key));
            let axis = |it: &Assignment| (own(&it.key), shown(&it.value));
            let axes: Axes = point.iter().filter(is_axis).map(axis).collect();
            let mut environment = match variant.phases.last() {
                None => changed.environment,
                Some(last) => self.in_phase(variant, last, &applying, resolver)?,
            };
            // What evaluations change too, except what this examination sets.
            for (key, value) in &variant.evaluation.environment {
                let is_set = |it: &&Assignment| {
                    it.key.target == Target::Environment && it.key.path == [key.as_str()]
                };
                if !applying.iter().any(is_set) {
                    environment.options.insert(key.clone(), value.clone());
                }
            }
            let written = &self.section.weights;
            let weights = if written.is_empty() { &[ChosenWeights::Last] } else { &written[..] };
            for weights in weights {
                let mut axes = axes.clone();
                if written.len() > 1 {
                    axes.insert("weights".to_owned(), weights.to_string());
                }
                self.check_weights(*weights, variant, keeps)?;
                planned.push(PlannedExamination {
                    name: self.name.clone(),
                    axes,
                    set: applying.iter().map(set).collect(),
                    environment: environment.clone(),
                    weights: *weights,
                    episodes: self.section.episodes,
                    seed: self.section.seed,
                    parts: self.section.measure.clone(),
                });
            }
        }
        Ok(planned)
    }

    /// The environment of the last phase of a variant's training, with what this examination sets.
    fn in_phase(
        &self,
        variant: &UnseededRun,
        last: &TrainingPhase,
        applying: &[&Assignment],
        resolver: &Resolver<'_>,
    ) -> Result<EnvironmentChoice, LocatedError> {
        let mut set =
            Node { content: Content::Table(Vec::new()), key: self.place, span: self.place };
        for it in applying.iter().filter(|it| it.key.target == Target::Environment) {
            set.merge(&Node::nested(&it.key.path, &it.value), Choices::default());
        }
        let name = variant.environment.name.clone();
        let environment = EnvironmentChoice { name, options: last.environment.clone() };
        Ok(resolver.laid_over(&environment, &set.to_table(), &set)?.0)
    }

    /// Checks that the weights fit the agent with the changed settings.
    fn check_networks(
        &self,
        trained: &UnseededRun,
        changed: &UnseededRun,
        applying: &[&Assignment],
    ) -> Result<(), LocatedError> {
        let of_networks = |it: &&&Assignment| {
            it.key.target == Target::EveryAgent
                && it.key.path.first().is_none_or(|it| it != "search")
        };
        let Some(setting) = applying.iter().find(of_networks) else { return Ok(()) };
        let parts =
            |run: &UnseededRun| instantiate::networks_of(&run.agent, &trained.environment).ok();
        if parts(trained) == parts(changed) {
            return Ok(());
        }
        let message = format!("`{}` changes the networks", own(&setting.key));
        let error = LocatedError::new(setting.value.span, message);
        Err(error.help("an examination plays the weights of the training"))
    }

    /// Checks that the runs of a variant will have these weights.
    fn check_weights(
        &self,
        weights: ChosenWeights,
        variant: &UnseededRun,
        keeps: KeptWeights,
    ) -> Result<(), LocatedError> {
        let error = |message: String| LocatedError::new(self.weights_place, message);
        let last = variant.budget.real_steps;
        match (weights, keeps) {
            (ChosenWeights::Last, _)
            | (ChosenWeights::Best, KeptWeights::Best | KeptWeights::EachEvaluation) => Ok(()),
            (ChosenWeights::At(real_steps), _) if real_steps == last => Ok(()),
            (ChosenWeights::Best, KeptWeights::Last) => {
                let error = error("the runs keep their last weights only".to_owned());
                Err(error.help("set `weights = \"best\"` in `[records]`"))
            }
            (ChosenWeights::At(_), KeptWeights::Last | KeptWeights::Best) => {
                let error = error("the runs do not keep the weights of each evaluation".to_owned());
                Err(error.help("set `weights = \"each-evaluation\"` in `[records]`"))
            }
            (ChosenWeights::At(real_steps), KeptWeights::EachEvaluation) => {
                let lanes = variant.budget.lanes as u64;
                let due = |number: u64| number.saturating_mul(variant.evaluation.every);
                // Evaluations are at the first round at or after they are due.
                let at = |number: u64| due(number).div_ceil(lanes).saturating_mul(lanes).min(last);
                let before = real_steps / variant.evaluation.every;
                if real_steps > 0 && (before..=before + 1).map(at).any(|it| it == real_steps) {
                    return Ok(());
                }
                let near = [at(before.max(1)), at(before + 1)].map(count);
                let message = format!("no evaluation is after {} real steps", count(real_steps));
                Err(error(message)
                    .help(format!("there is one after {} and after {}", near[0], near[1])))
            }
        }
    }
}

/// Whether two values of an axis have one label.
fn same_value(one: &Node, other: &Node) -> bool {
    shown(one) == shown(other)
}

/// The path of a key inside its table.
fn own(key: &Key) -> String {
    key.path.join(".")
}

/// Adds an axis for each setting of a table and of the tables in it. A setting with one value is an axis too.
fn add_axes(
    entries: &[(String, Node)],
    above: &[&str],
    axes: &mut Vec<Vec<Combination>>,
) -> Result<(), LocatedError> {
    for (name, node) in entries {
        let mut path: Vec<&str> = above.to_vec();
        path.extend(name.split('.'));
        let values = match &node.content {
            Content::Table(inner) => {
                add_axes(inner, &path, axes)?;
                continue;
            }
            Content::Array(values) => values.as_slice(),
            Content::Scalar(_) => std::slice::from_ref(node),
        };
        if values.is_empty() {
            let message = format!("the axis `{name}` has no values");
            return Err(LocatedError::new(node.span, message));
        }
        if [&["environment", "name"][..], &["agents", "*", "preset"]].contains(&&path[..]) {
            let message = format!("an examination cannot change `{name}`");
            return Err(LocatedError::new(node.key, message));
        }
        for (index, value) in values.iter().enumerate() {
            if values[..index].iter().any(|other| same_value(other, value)) {
                let message = format!("the axis `{name}` has {} twice", shown(value));
                return Err(LocatedError::new(value.span, message));
            }
        }
        let parts = path.into_iter().map(str::to_owned).collect();
        let key = Key::new(parts, node.key, &[])?;
        let step = |value: &Node| {
            let (key, value) = (key.clone(), value.clone());
            vec![Assignment { key, value, origin: Origin::Examination }]
        };
        axes.push(values.iter().map(step).collect());
    }
    Ok(())
}

/// Checks that an agent that was trained in one environment can act in the other, which is set at `place`.
pub(super) fn check_shape(
    trained: &EnvironmentChoice,
    other: &EnvironmentChoice,
    place: Span,
) -> Result<(), LocatedError> {
    let describe = |environment| instantiate::description_of(environment).ok();
    let (Some(before), Some(after)) = (describe(trained), describe(other)) else {
        return Ok(());
    };
    let shape = |it: &Description| (it.observation_shape.clone(), it.num_actions, it.num_players);
    if shape(&before) == shape(&after) {
        return Ok(());
    }
    let message = "the observations or actions differ from those of the training";
    Err(LocatedError::new(place, message).help("an agent can act only where they are the same"))
}
