//! The agents by name, and the presets: to add one, add a line here and its file.

use serde::Serialize;
use serde::de::DeserializeOwned;
use zerolab_environments::SettingsError;
use zerolab_environments::settings::{read, write};

use crate::agent::{Agent, AgentError, Context};
use crate::checks::Wrong;
use crate::summary::Summary;

/// One kind of agent.
pub struct Entry {
    /// Its name, as a preset's `agent` key says it.
    pub name: &'static str,
    /// What it is, in one line.
    pub summary: &'static str,
    /// Settings as written, made complete with defaults and checked.
    pub resolve: fn(&toml::Table) -> Result<toml::Table, SettingsError>,
    /// The JSON Schema of its settings.
    pub schema: fn() -> schemars::Schema,
    /// Makes it from resolved settings.
    pub make: Make,
    /// What it is made of and what a run will cost, from resolved settings.
    pub describe: fn(&toml::Table, &Context) -> Result<Summary, AgentError>,
}

/// Makes an agent from resolved settings.
pub type Make = fn(&toml::Table, &Context) -> Result<Box<dyn Agent>, AgentError>;

/// A complete table of an agent's settings, shipped with the program.
pub struct Preset {
    /// Its name, as `[agents.NAME]` or `preset = "NAME"` says it.
    pub name: &'static str,
    /// What it is, in one line.
    pub summary: &'static str,
    /// Its TOML: the key `agent` names the [`Entry`], the rest are its settings.
    pub toml: &'static str,
}

/// Every kind of agent.
#[must_use]
pub fn agents() -> &'static [Entry] {
    const AGENTS: &[Entry] = &[
        crate::planner::ENTRY,
        crate::planner::simulated::ENTRY,
        crate::dqn::ENTRY,
        crate::ppo::ENTRY,
        crate::random::ENTRY,
        crate::scripted::ENTRY,
    ];
    AGENTS
}

/// Every preset.
#[must_use]
pub fn presets() -> &'static [Preset] {
    const PRESETS: &[Preset] = &[
        Preset {
            name: "efficientzero",
            summary: "EfficientZero (Ye et al. 2021), sized for small worlds",
            toml: include_str!("../presets/efficientzero.toml"),
        },
        Preset {
            name: "muzero",
            summary: "MuZero: EfficientZero with its three components switched off",
            toml: include_str!("../presets/muzero.toml"),
        },
        Preset {
            name: "alphazero",
            summary: "AlphaZero (Silver et al. 2018), sized for small worlds: searches in a simulator",
            toml: include_str!("../presets/alphazero.toml"),
        },
        Preset {
            name: "atari/efficientzero",
            summary: "EfficientZero (Ye et al. 2021) as published for Atari",
            toml: include_str!("../presets/atari/efficientzero.toml"),
        },
        Preset {
            name: "atari/efficientzero-fast",
            summary: "EfficientZero on Atari with less work: Gumbel search, 16 simulations, mixed value target, bf16",
            toml: include_str!("../presets/atari/efficientzero-fast.toml"),
        },
        Preset {
            name: "atari/muzero",
            summary: "MuZero on Atari: atari/efficientzero with its three components switched off",
            toml: include_str!("../presets/atari/muzero.toml"),
        },
        Preset {
            name: "atari/der",
            summary: "data-efficient Rainbow (van Hasselt et al. 2019) as published for Atari",
            toml: include_str!("../presets/atari/der.toml"),
        },
        Preset {
            name: "dqn",
            summary: "double DQN with n-step returns, sized for small worlds",
            toml: include_str!("../presets/dqn.toml"),
        },
        Preset {
            name: "rainbow",
            summary: "Rainbow (Hessel et al. 2018), sized for small worlds",
            toml: include_str!("../presets/rainbow.toml"),
        },
        Preset {
            name: "der",
            summary: "data-efficient Rainbow (van Hasselt et al. 2019)",
            toml: include_str!("../presets/der.toml"),
        },
        Preset {
            name: "ppo",
            summary: "proximal policy optimisation (Schulman et al. 2017), sized for small worlds",
            toml: include_str!("../presets/ppo.toml"),
        },
        Preset {
            name: "random",
            summary: "uniform over the legal actions",
            toml: include_str!("../presets/random.toml"),
        },
        Preset {
            name: "scripted",
            summary: "made-up losses, failures on command",
            toml: include_str!("../presets/scripted.toml"),
        },
    ];
    PRESETS
}

/// The kind of agent called `name`.
#[must_use]
pub fn find(name: &str) -> Option<&'static Entry> {
    agents().iter().find(|entry| entry.name == name)
}

/// The preset called `name`.
#[must_use]
pub fn find_preset(name: &str) -> Option<&'static Preset> {
    presets().iter().find(|preset| preset.name == name)
}

/// Reads a settings table, lets `check` look at the ranges (it names the key and what is wrong), and
/// writes it out complete.
pub(crate) fn resolve<T: Serialize + DeserializeOwned>(
    table: &toml::Table,
    check: impl Fn(&T) -> Result<(), Wrong>,
) -> Result<toml::Table, SettingsError> {
    let settings: T = read(table)?;
    check(&settings).map_err(|(path, message)| SettingsError::new(path, message))?;
    write(&settings)
}
