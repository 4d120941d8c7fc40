//! A resolved run less its seed, and its settings by key.

use std::collections::BTreeMap;

use super::keys::Target;
use crate::plan::resolved::{AgentChoice, Budget, Environment, Evaluation};

/// A run less its seed.
#[derive(Debug, Clone)]
pub(super) struct Draft {
    /// The world.
    pub environment: Environment,
    /// NAME of `[agents.NAME]`.
    pub agent_name: String,
    /// The learner, under a label that tells swept variants apart.
    pub agent: AgentChoice,
    /// How much it may play.
    pub budget: Budget,
    /// When it is examined.
    pub evaluation: Evaluation,
    /// The swept keys that concern it, with their values.
    pub axes: BTreeMap<String, String>,
}

impl Draft {
    /// What the run has at a key, if the key concerns it.
    pub fn setting(&self, target: &Target, path: &[String]) -> Option<toml::Value> {
        let table = match target {
            Target::Environment if path == ["name"] => {
                return Some(self.environment.name.clone().into());
            }
            Target::Environment => self.environment.options.clone(),
            Target::Budget => toml::Table::try_from(&self.budget).ok()?,
            Target::Evaluation => toml::Table::try_from(&self.evaluation).ok()?,
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

    /// The keys of all of its settings, as `[sweep]` and `--set` would name them.
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

/// The keys of a table and of the tables in it.
fn dotted(above: &str, table: &toml::Table) -> Vec<String> {
    let below = |(key, value): (&String, &toml::Value)| {
        let path = format!("{above}.{key}");
        value.as_table().map_or_else(|| vec![path.clone()], |inner| dotted(&path, inner))
    };
    table.iter().flat_map(below).collect()
}
