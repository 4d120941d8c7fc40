//! The lists of agents and presets. A new one is a file of its own and a line here.

use zerolab_registry::{Named, Registry, RegistryError};
use zerolab_settings::SettingsError;

use crate::agent_entry::{AgentEntry, Preset};

static AGENTS: Registry<AgentEntry> = Registry::new("agent", built_in_agents);
static PRESETS: Registry<Preset> = Registry::new("preset", built_in_presets);

fn built_in_agents() -> Vec<AgentEntry> {
    vec![
        crate::planner::ENTRY,
        crate::planner::simulated::ENTRY,
        crate::dqn::ENTRY,
        crate::ppo::ENTRY,
        crate::cem::ENTRY,
        crate::random::ENTRY,
        crate::optimal::ENTRY,
        crate::scripted::ENTRY,
    ]
}

fn built_in_presets() -> Vec<Preset> {
    vec![
        Preset {
            name: "efficientzero",
            summary: "EfficientZero (Ye et al. 2021), sized for small environments",
            toml: include_str!("../presets/efficientzero.toml"),
        },
        Preset {
            name: "muzero",
            summary: "MuZero: EfficientZero with its three components switched off",
            toml: include_str!("../presets/muzero.toml"),
        },
        Preset {
            name: "alphazero",
            summary: "AlphaZero (Silver et al. 2018), sized for small environments: searches in a simulator",
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
            summary: "double DQN with n-step returns, sized for small environments",
            toml: include_str!("../presets/dqn.toml"),
        },
        Preset {
            name: "rainbow",
            summary: "Rainbow (Hessel et al. 2018), sized for small environments",
            toml: include_str!("../presets/rainbow.toml"),
        },
        Preset {
            name: "der",
            summary: "data-efficient Rainbow (van Hasselt et al. 2019)",
            toml: include_str!("../presets/der.toml"),
        },
        Preset {
            name: "ppo",
            summary: "proximal policy optimisation (Schulman et al. 2017), sized for small environments",
            toml: include_str!("../presets/ppo.toml"),
        },
        Preset {
            name: "cem",
            summary: "cross-entropy method (Szita & Lőrincz 2006): a search for a policy, sized for small environments",
            toml: include_str!("../presets/cem.toml"),
        },
        Preset {
            name: "random",
            summary: "uniform over the legal actions",
            toml: include_str!("../presets/random.toml"),
        },
        Preset {
            name: "optimal",
            summary: "the exact solution, for the paid reward (environments that can be solved)",
            toml: include_str!("../presets/optimal.toml"),
        },
        Preset {
            name: "scripted",
            summary: "for tests of runners and reports: artificial losses, failures on demand",
            toml: include_str!("../presets/scripted.toml"),
        },
    ]
}

impl Named for AgentEntry {
    fn name(&self) -> &str {
        self.name
    }
}

impl Named for Preset {
    fn name(&self) -> &str {
        self.name
    }
}

/// Why kinds of agent or presets cannot be added.
#[derive(Clone, Debug, PartialEq, thiserror::Error)]
pub enum ExtensionError {
    /// A name is wrong or taken, or it is too late.
    #[error(transparent)]
    Registry(#[from] RegistryError),
    /// A preset is no table of settings of an agent.
    #[error("the preset `{name}` that you add is wrong: {source}")]
    Preset {
        /// The name of the preset.
        name: &'static str,
        /// What is wrong.
        source: SettingsError,
    },
}

/// Adds kinds of agent, and presets, which may be of these kinds. A program does this once, before anything looks for an
/// agent or a preset.
///
/// # Errors
/// If a name is wrong or taken, if the settings of a preset are wrong, or if it is too late.
pub fn extend(agents: Vec<AgentEntry>, presets: Vec<Preset>) -> Result<(), ExtensionError> {
    AGENTS.extend(agents)?;
    for preset in &presets {
        let name = preset.name;
        preset.resolve().map_err(|source| ExtensionError::Preset { name, source })?;
    }
    Ok(PRESETS.extend(presets)?)
}

/// Every kind of agent.
#[must_use]
pub fn agents() -> &'static [AgentEntry] {
    AGENTS.entries()
}

/// Every preset.
#[must_use]
pub fn presets() -> &'static [Preset] {
    PRESETS.entries()
}

/// The kind of agent called `name`.
#[must_use]
pub fn find(name: &str) -> Option<&'static AgentEntry> {
    AGENTS.find(name)
}

/// The preset called `name`.
#[must_use]
pub fn find_preset(name: &str) -> Option<&'static Preset> {
    PRESETS.find(name)
}
