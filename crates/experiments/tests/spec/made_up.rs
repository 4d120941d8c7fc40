//! A catalogue of made-up environments and agents, so that tests do not depend on the real ones; and
//! functions to load specs.

use std::path::Path;

use schemars::{JsonSchema, schema_for};
use serde::{Deserialize, Serialize, de::DeserializeOwned};
use zerolab_environments::Surroundings;
use zerolab_experiments::error::SpecError;
use zerolab_experiments::plan::{Overrides, Plan};
use zerolab_experiments::spec::{Catalogue, Configurable, Figure, Preset, load_text};
use zerolab_settings::SettingsError;
use zerolab_settings::{read, write};

/// A square grid on which steps may slip.
#[derive(Debug, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
struct Grid {
    /// Cells along one side.
    #[schemars(range(min = 2, max = 100))]
    size: u32,
    /// The probability that a step slips.
    slip_probability: f32,
}

impl Default for Grid {
    fn default() -> Self {
        Self { size: 5, slip_probability: 0.0 }
    }
}

/// A maze without options.
#[derive(Debug, Default, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
struct Maze {}

/// An agent with everything that makes merging difficult: nested tables, a choice, an optional key.
#[derive(Debug, Default, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
struct Learner {
    /// Step size of the optimiser.
    learning_rate: f64,
    /// Clips the gradient, if given.
    #[serde(skip_serializing_if = "Option::is_none")]
    clip: Option<f64>,
    /// The search.
    search: Search,
    /// The network.
    network: Network,
}

/// The search of an agent.
#[derive(Debug, Default, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
struct Search {
    /// Simulations per move.
    simulations: u32,
    /// The exploration noise.
    noise: Noise,
}

/// Kinds of exploration noise.
#[derive(Debug, Default, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
enum Noise {
    /// Dirichlet noise.
    #[default]
    Dirichlet,
    /// Gumbel noise.
    Gumbel,
}

/// One of two networks.
#[derive(Debug, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
enum Network {
    /// Fully connected.
    Connected(Connected),
    /// Convolutions.
    Residual(Residual),
}

impl Default for Network {
    fn default() -> Self {
        Self::Connected(Connected::default())
    }
}

/// Fully connected layers.
#[derive(Debug, Default, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
struct Connected {
    /// Units of each layer.
    widths: Vec<u32>,
}

/// Residual blocks.
#[derive(Debug, Default, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
struct Residual {
    /// Feature maps.
    channels: u32,
    /// Blocks.
    blocks: u32,
}

/// An agent without settings.
#[derive(Debug, Default, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
struct Lazy {}

fn complete<T: Serialize + DeserializeOwned>(
    table: &toml::Table,
    check: impl Fn(&T) -> Result<(), SettingsError>,
) -> Result<toml::Table, SettingsError> {
    let settings: T = read(table)?;
    check(&settings)?;
    write(&settings)
}

fn check_grid(grid: &Grid) -> Result<(), SettingsError> {
    match grid.size {
        2..=100 => Ok(()),
        _ => Err(SettingsError::new("size", "must be between 2 and 100")),
    }
}

fn check_learner(learner: &Learner) -> Result<(), SettingsError> {
    if learner.learning_rate <= 0.0 {
        return Err(SettingsError::new("learning_rate", "must be above 0"));
    }
    if learner.search.simulations < 1 {
        return Err(SettingsError::new("search.simulations", "must be at least 1"));
    }
    if learner.clip.is_some_and(|clip| clip < learner.learning_rate) {
        return Err(SettingsError::new("learning_rate", "must not be above `clip`"));
    }
    if matches!(learner.search.noise, Noise::Gumbel) && learner.search.simulations > 100 {
        return Err(SettingsError::new("", "Gumbel noise is for at most 100 simulations"));
    }
    Ok(())
}

/// The made-up catalogue.
pub fn catalogue() -> Catalogue {
    Catalogue {
        surroundings: Surroundings::default(),
        environments: vec![
            Configurable {
                name: "grid",
                summary: "a square to cross",
                resolve: |table| complete(table, check_grid),
                schema: || schema_for!(Grid),
            },
            Configurable {
                name: "maze/small",
                summary: "a small maze",
                resolve: |table| complete::<Maze>(table, |_| Ok(())),
                schema: || schema_for!(Maze),
            },
        ],
        agents: vec![
            Configurable {
                name: "learner",
                summary: "learns",
                resolve: |table| complete(table, check_learner),
                schema: || schema_for!(Learner),
            },
            Configurable {
                name: "lazy",
                summary: "does not",
                resolve: |table| complete::<Lazy>(table, |_| Ok(())),
                schema: || schema_for!(Lazy),
            },
        ],
        presets: vec![
            Preset {
                name: "careful",
                summary: "small steps",
                toml: "agent = \"learner\"\nlearning_rate = 0.001\nsearch.simulations = 50\n\
                       network.connected.widths = [64, 64]\n",
            },
            Preset {
                name: "bold",
                summary: "large steps",
                toml: "agent = \"learner\"\nlearning_rate = 0.1\nsearch.simulations = 8\n\
                       search.noise = \"gumbel\"\nnetwork.residual = { channels = 16, blocks = 2 }\n",
            },
            Preset { name: "lazy", summary: "no steps", toml: "agent = \"lazy\"\n" },
        ],
        figures: Some(vec![
            Figure { kind: "learning-curve", xs: &["real_steps", "wall_seconds"], has_y: true },
            Figure { kind: "cost", xs: &[], has_y: false },
        ]),
    }
}

/// A spec with the required tables, followed by `rest`.
pub fn spec(rest: &str) -> String {
    format!(
        "[experiment]\nname = \"trial\"\n\n[environment]\nname = \"grid\"\n\n\
         [budget]\nreal_steps = 1000\n\n[evaluation]\nevery = 100\nepisodes = 4\n\n{rest}"
    )
}

/// Loads a spec.
pub fn load(text: &str) -> Result<Plan, SpecError> {
    load_with(text, &Overrides::default())
}

/// Loads a spec with overrides.
pub fn load_with(text: &str, overrides: &Overrides) -> Result<Plan, SpecError> {
    load_text(Path::new("trial.toml"), text.to_owned(), overrides, &catalogue())
}

/// The overrides `--set` of `arguments`.
pub fn set(arguments: &[&str]) -> Overrides {
    let set = arguments.iter().map(|&argument| argument.to_owned()).collect();
    Overrides { set, ..Overrides::default() }
}
