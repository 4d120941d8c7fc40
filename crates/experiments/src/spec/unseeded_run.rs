//! A resolved run without its seed.

use zerolab_metrics::labels::{Axes, environment_label};

use super::keys::Target;
use crate::plan::examination::PlannedExamination;
use crate::plan::phases::TrainingPhase;
use crate::plan::resolved::{AgentChoice, Budget, EnvironmentChoice, EvaluationSchedule};

/// A resolved run without its seed.
#[derive(Debug, Clone)]
pub(super) struct UnseededRun {
    /// The environment.
    pub environment: EnvironmentChoice,
    /// NAME of `[agents.NAME]`.
    pub agent_name: String,
    /// The agent. Its label distinguishes the swept variants.
    pub agent: AgentChoice,
    /// How many steps it may take.
    pub budget: Budget,
    /// The phases of the training; empty for one phase.
    pub phases: Vec<TrainingPhase>,
    /// When it is evaluated.
    pub evaluation: EvaluationSchedule,
    /// The swept keys that apply to it, with their values.
    pub axes: Axes,
    /// Whether all swept keys of its combination apply to it.
    pub has_every_key: bool,
    /// Its examinations.
    pub examinations: Vec<PlannedExamination>,
}

impl UnseededRun {
    /// The agent and the environment, with the swept settings that apply to them.
    pub fn name(&self) -> String {
        let environment = environment_label(&self.environment.name, &self.axes, &[]);
        format!("{} in {environment}", self.agent.label)
    }

    /// The value of a setting, if the run has it.
    pub fn setting(&self, target: &Target, path: &[String]) -> Option<toml::Value> {
        let table = match target {
            Target::Environment if path == ["name"] => {
                return Some(self.environment.name.clone().into());
            }
            Target::Environment => self.environment.options.clone(),
            Target::Budget => toml::Table::try_from(&self.budget).ok()?,
            Target::Evaluation => toml::Table::try_from(&self.evaluation).ok()?,
            Target::Phase(number) => {
                let phase = self.phases.get(number.checked_sub(1)?)?;
                toml::Table::try_from(phase).ok()?
            }
            Target::Agent(name) if *name != self.agent_name => return None,
            Target::Agent(_) | Target::EveryAgent if path == ["preset"] => {
                return Some(self.agent.preset.clone().into());
            }
            Target::Agent(_) | Target::EveryAgent => self.agent.settings.clone(),
        };
        let (last, above) = path.split_last()?;
        let table = above.iter().try_fold(&table, |table, key| table.get(key)?.as_table())?;
        table.get(last).cloned()
    }

    /// The keys of all settings, as `[sweep]` and `--set` name them.
    pub fn keys(&self) -> Vec<String> {
        let tables = [
            ("environment", Some(self.environment.options.clone())),
            ("budget", toml::Table::try_from(&self.budget).ok()),
            ("evaluation", toml::Table::try_from(&self.evaluation).ok()),
            ("agents.*", Some(self.agent.settings.clone())),
        ];
        let filled = tables.iter().filter_map(|(name, table)| Some((name, table.as_ref()?)));
        let mut keys: Vec<_> = filled.flat_map(|(name, table)| dotted(name, table)).collect();
        keys.extend(["environment.name", "agents.*.preset"].map(str::to_owned));
        keys
    }
}

/// The dotted keys of a table and its inner tables.
fn dotted(above: &str, table: &toml::Table) -> Vec<String> {
    let below = |(key, value): (&String, &toml::Value)| {
        let path = format!("{above}.{key}");
        value.as_table().map_or_else(|| vec![path.clone()], |inner| dotted(&path, inner))
    };
    table.iter().flat_map(below).collect()
}
