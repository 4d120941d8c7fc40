//! The environments, agents, presets and figure kinds that a spec may name.

use zerolab_agents::registry as agents;
use zerolab_environments::Surroundings;
use zerolab_environments::registry as environments;
use zerolab_settings::SettingsError;

/// The names that a spec may use.
#[derive(Debug, Clone)]
pub struct Catalogue {
    /// The environments.
    pub environments: Vec<Configurable>,
    /// Where the settings of environments outside of the program are completed.
    pub surroundings: Surroundings,
    /// The kinds of agent.
    pub agents: Vec<Configurable>,
    /// The presets.
    pub presets: Vec<Preset>,
    /// The kinds of figure; `None` accepts every kind.
    pub figures: Option<Vec<Figure>>,
}

/// An environment or a kind of agent, with its settings.
#[derive(Debug, Clone)]
pub struct Configurable {
    /// The name in the spec.
    pub name: &'static str,
    /// One line of description.
    pub summary: &'static str,
    /// Checks settings as written and fills in the defaults.
    pub resolve: fn(&toml::Table) -> Result<toml::Table, SettingsError>,
    /// The JSON Schema of its settings.
    pub schema: fn() -> schemars::Schema,
}

/// A complete table of an agent's settings.
#[derive(Debug, Clone)]
pub struct Preset {
    /// The name in the spec.
    pub name: &'static str,
    /// One line of description.
    pub summary: &'static str,
    /// TOML: the key `agent` names the kind of agent, the other keys are its settings.
    pub toml: &'static str,
}

/// A kind of figure of the report.
#[derive(Debug, Clone)]
pub struct Figure {
    /// The name in the spec.
    pub kind: &'static str,
    /// The quantities that its x-axis can show; empty if it has no choice.
    pub xs: &'static [&'static str],
    /// Whether it can show any measure.
    pub has_y: bool,
}

impl Catalogue {
    /// Everything that this build of the program has. `figures` are the kinds of figure of the report.
    pub fn built_in(figures: Option<&[Figure]>) -> Self {
        let environments = environments::entries().iter().map(|entry| Configurable {
            name: entry.name,
            summary: entry.summary,
            resolve: entry.resolve,
            schema: entry.schema,
        });
        let agents = agents::agents().iter().map(|entry| Configurable {
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
            surroundings: Surroundings::default(),
            agents: agents.collect(),
            presets: presets.collect(),
            figures: figures.map(<[Figure]>::to_vec),
        }
    }
}
