//! The environments, agents, presets and figure kinds that a spec may name.

use zerolab_agents::registry as agents;
use zerolab_environments::{SettingsError, registry as environments};

/// What a spec may name.
#[derive(Debug, Clone)]
pub struct Catalogue {
    /// The environments.
    pub environments: Vec<Kind>,
    /// The kinds of agent.
    pub agents: Vec<Kind>,
    /// The presets.
    pub presets: Vec<Preset>,
    /// The kinds of figure, where the program knows them.
    pub figure_kinds: Option<Vec<String>>,
}

/// Something with settings: an environment or a kind of agent.
#[derive(Debug, Clone)]
pub struct Kind {
    /// Its name.
    pub name: &'static str,
    /// What it is, in one line.
    pub summary: &'static str,
    /// Settings as written, made complete with defaults and checked.
    pub resolve: fn(&toml::Table) -> Result<toml::Table, SettingsError>,
    /// The JSON Schema of its settings.
    pub schema: fn() -> schemars::Schema,
}

/// A complete table of an agent's settings.
#[derive(Debug, Clone)]
pub struct Preset {
    /// Its name.
    pub name: &'static str,
    /// What it is, in one line.
    pub summary: &'static str,
    /// Its TOML: the key `agent` names the kind of agent, the rest are its settings.
    pub toml: &'static str,
}

impl Catalogue {
    /// What the program is built with; `figure_kinds` are the report's.
    pub fn built_in(figure_kinds: Option<&[&str]>) -> Self {
        let environments = environments::entries().iter().map(|entry| Kind {
            name: entry.name,
            summary: entry.summary,
            resolve: entry.resolve,
            schema: entry.schema,
        });
        let agents = agents::agents().iter().map(|entry| Kind {
            name: entry.name,
            summary: entry.summary,
            resolve: entry.resolve,
            schema: entry.schema,
        });
        let presets = agents::presets().iter().map(|preset| Preset {
            name: preset.name,
            summary: preset.summary,
            toml: preset.toml,
        });
        Self {
            environments: environments.collect(),
            agents: agents.collect(),
            presets: presets.collect(),
            figure_kinds: figure_kinds
                .map(|kinds| kinds.iter().map(|kind| (*kind).to_owned()).collect()),
        }
    }
}
