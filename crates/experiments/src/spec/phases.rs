//! `[[phase]]`: the phases of the training.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use zerolab_settings::read;

use super::choices::Choices;
use super::examinations::check_shape;
use super::layers::{Layers, Scope};
use super::located_error::LocatedError;
use super::node::{Content, Node};
use super::resolve::Resolver;
use super::sections::AnyTable;
use super::source::Span;
use crate::plan::phases::{EarlierExperience, TrainingPhase};
use crate::plan::resolved::{Budget, EnvironmentChoice};

/// A phase of the training. Phases follow each other in one run, with the same agent.
#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
#[schemars(rename = "Phase")]
pub struct PhaseSection {
    /// Its real steps, summed over all lanes: of all but the last phase a multiple of the number of lanes.
    #[schemars(range(min = 1))]
    pub real_steps: u64,
    /// Settings of the environment in which it differs from `[environment]`.
    #[serde(default)]
    #[schemars(with = "AnyTable")]
    pub environment: toml::Table,
    /// What becomes of the experience of the phases before.
    #[serde(default)]
    pub replay: EarlierExperience,
    /// The layers whose weights are drawn anew at its start, by the beginnings of the names that `zerolab describe`
    /// shows, such as `dynamics.reward`; `all` for every layer.
    #[serde(default)]
    pub reset: Vec<String>,
    /// Updates after its real steps, without new experience.
    #[serde(default)]
    pub updates: u64,
}

/// The phases of a run as written, with the settings of the sweep.
pub(super) struct WrittenPhases {
    phases: Vec<(Node, PhaseSection)>,
}

impl WrittenPhases {
    /// Those of the spec for a run with these layers; none if the spec has none.
    pub fn read(spec: &Node, layers: &Layers<'_>) -> Result<Self, LocatedError> {
        let written = spec.get("phase").map_or(&[][..], Node::elements);
        if let Some((number, place)) = layers.phases().find(|(it, _)| *it > written.len()) {
            let (message, help) = match written.len() {
                0 => (
                    "there are no phases here".to_owned(),
                    "name keys of `budget` and `environment`, such as `budget.real_steps`",
                ),
                count => (
                    format!("there is no phase {number}: the spec has {count}"),
                    "`phase.1` is the first `[[phase]]` of the spec",
                ),
            };
            return Err(LocatedError::new(place, message).help(help));
        }
        let phase = |(index, node): (usize, &Node)| {
            let mut node = node.clone();
            layers.lay_over(&mut node, Scope::Phase(index + 1), Choices::default(), "");
            let section: PhaseSection = read(&node.to_table())
                .map_err(|error| LocatedError::from_settings(&node, &error, "`[[phase]]`"))?;
            check(&node, &section, index)?;
            Ok((node, section))
        };
        let phases = written.iter().enumerate().map(phase).collect::<Result<_, LocatedError>>()?;
        Ok(Self { phases })
    }

    /// Adds the real steps of all phases to a budget as written, which must have none.
    pub fn complete(&self, budget: &Node) -> Result<Node, LocatedError> {
        if self.phases.is_empty() {
            return Ok(budget.clone());
        }
        if let Some(given) = budget.get("real_steps") {
            let message = "the real steps are those of the phases";
            return Err(LocatedError::new(given.key, message).help(
                "delete `real_steps`, or change `phase.1.real_steps` and those that follow",
            ));
        }
        let steps = self.phases.iter().map(|(_, phase)| phase.real_steps);
        let sum = steps.fold(0, u64::saturating_add);
        let content = Content::Scalar(i64::try_from(sum).unwrap_or(i64::MAX).into());
        let steps = Node { content, ..*budget };
        let mut entries = budget.entries().to_vec();
        entries.push(("real_steps".to_owned(), steps));
        Ok(Node { content: Content::Table(entries), ..*budget })
    }

    /// The environment of the first phase, and the phases of a run in `environment`. There are none if the only phase
    /// is like a run without phases.
    pub fn resolve(
        &self,
        environment: EnvironmentChoice,
        budget: &Budget,
        resolver: &Resolver<'_>,
    ) -> Result<(EnvironmentChoice, Vec<TrainingPhase>), LocatedError> {
        let mut resolved = Vec::new();
        for (index, (node, section)) in self.phases.iter().enumerate() {
            let place = node.locate("environment");
            let (phase, _) = resolver.laid_over(&environment, &section.environment, place)?;
            check_shape(&environment, &phase, place.key)?;
            let is_last = index + 1 == self.phases.len();
            if !is_last && !section.real_steps.is_multiple_of(budget.lanes as u64) {
                let place = node.locate("real_steps").span;
                let message = format!("must be a multiple of the {} lanes", budget.lanes);
                return Err(LocatedError::new(place, message)
                    .help("all lanes step together, and a phase ends between two rounds"));
            }
            resolved.push(TrainingPhase {
                real_steps: section.real_steps,
                environment: phase.options,
                replay: section.replay,
                reset: section.reset.clone(),
                updates: section.updates,
            });
        }
        match &resolved[..] {
            [] => Ok((environment, resolved)),
            [only] if only.updates == 0 => {
                let options = only.environment.clone();
                Ok((EnvironmentChoice { options, ..environment }, Vec::new()))
            }
            [first, ..] => {
                let options = first.environment.clone();
                Ok((EnvironmentChoice { options, ..environment }, resolved))
            }
        }
    }
}

/// Checks what the types do not express.
fn check(node: &Node, section: &PhaseSection, index: usize) -> Result<(), LocatedError> {
    let error = |key: &str, message: &str| Err(LocatedError::new(place(node, key), message));
    if section.real_steps == 0 {
        return error("real_steps", "must be at least 1");
    }
    if index == 0 && section.replay == EarlierExperience::Forget {
        return error("replay", "before the first phase there is nothing to forget");
    }
    if index == 0 && !section.reset.is_empty() {
        return error("reset", "before the first phase all weights are new");
    }
    Ok(())
}

fn place(node: &Node, key: &str) -> Span {
    node.locate(key).span
}
