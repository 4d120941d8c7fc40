//! The lists of agents and presets. A new one is a file of its own and a line here.

use crate::agent_entry::{AgentEntry, Preset};

/// Every kind of agent.
#[must_use]
pub fn agents() -> &'static [AgentEntry] {
    const AGENTS: &[AgentEntry] = &[
        crate::planner::ENTRY,
        crate::planner::simulated::ENTRY,
        crate::dqn::ENTRY,
        crate::ppo::ENTRY,
        crate::cem::ENTRY,
        crate::random::ENTRY,
        crate::optimal::ENTRY,
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
    ];
    PRESETS
}

/// The kind of agent called `name`.
#[must_use]
pub fn find(name: &str) -> Option<&'static AgentEntry> {
    agents().iter().find(|entry| entry.name == name)
}

/// The preset called `name`.
#[must_use]
pub fn find_preset(name: &str) -> Option<&'static Preset> {
    presets().iter().find(|preset| preset.name == name)
}
