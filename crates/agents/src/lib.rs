//! Agents: the planners (EfficientZero, MuZero, AlphaZero), the model-free baselines (DQN, Rainbow, PPO,
//! the cross-entropy method), their replay buffer and training targets, and presets of their settings.
//!
//! An [`Agent`] acts, observes transitions, learns, and can be saved. The training loop is in
//! `zerolab-experiments`. Agents do not choose a device, do not know a run's folder, and make no decision by
//! the clock.
//!
//! | module | content |
//! | --- | --- |
//! | [`registry`] | the lists of agents and presets |
//! | `planner` | EfficientZero, MuZero and AlphaZero: search, unrolled losses, reanalysis |
//! | `dqn`, `ppo` | the model-free agents that learn from single steps |
//! | `cem` | a search over the parameters of a policy |
//! | `random`, `scripted` | an agent without learning, and one for tests of the program |
//! | `replay`, `targets` | the replay buffer, and n-step returns and value prefixes |
//!
//! # Example
//!
//! Thirty steps of DQN in one environment:
//!
//! ```
//! use zerolab_agents::{
//!     Context, Device, EnvironmentBatch, Mode, Observations, PhasedUpdates, Transition,
//! };
//!
//! // A preset is a TOML table. Its key `agent` names the kind of agent, the other keys are settings.
//! let preset = zerolab_agents::find_preset("dqn").ok_or("no such preset")?;
//! let mut table: toml::Table = preset.toml.parse()?;
//! table.remove("agent");
//! table.insert("learning_starts".to_owned(), 20.into());
//! let entry = zerolab_agents::find("dqn").ok_or("no such agent")?;
//! let settings = (entry.resolve)(&table)?;
//!
//! let kind = zerolab_environments::find("catch").ok_or("no such environment")?;
//! let mut environment = (kind.make)(&(kind.resolve)(&toml::Table::new())?)?;
//! environment.reset(1);
//! let description = environment.description().clone();
//! let context = Context {
//!     description: description.clone(),
//!     real_steps: 30,
//!     phases: PhasedUpdates::default(),
//!     lanes: 1,
//!     seed: 1,
//!     device: Device::cpu(),
//! };
//! let mut agent = (entry.make)(&settings, &context)?;
//!
//! let observe = |environment: &dyn zerolab_environments::Environment| {
//!     let mut observation = vec![0.0; context.observation_len()];
//!     environment.observe(&mut observation);
//!     observation
//! };
//! for step in 1..=context.real_steps {
//!     let observation = observe(&*environment);
//!     let mut legal = vec![true; description.num_actions];
//!     environment.legal_actions(&mut legal);
//!     let to_play = environment.to_play();
//!     let action = agent.act(
//!         &Observations {
//!             observations: &observation,
//!             legal: &legal,
//!             to_play: &[to_play],
//!             // Only agents that search in copies of the environment need it.
//!             environments: EnvironmentBatch::default(),
//!         },
//!         Mode::Explore,
//!     )?[0];
//!     let outcome = environment.step(action)?;
//!     agent.observe(vec![Transition {
//!         lane: 0,
//!         observation,
//!         action,
//!         reward: outcome.reward,
//!         terminated: outcome.terminated,
//!         truncated: outcome.truncated,
//!         next_observation: observe(&*environment),
//!         legal,
//!         to_play,
//!         next_to_play: environment.to_play(),
//!     }])?;
//!     agent.learn(step)?;
//!     if outcome.terminated || outcome.truncated {
//!         environment.reset(1 + step);
//!     }
//! }
//! assert!(agent.updates() > 0 && agent.drain_losses()["total"].is_finite());
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```

// Not among the workspace's lints: tests may unwrap.
#![warn(clippy::unwrap_used)]

mod agent;
mod agent_entry;
mod cem;
mod decision;
mod dqn;
mod environment_batch;
mod imagination;
mod ledger;
mod memory;
mod online_and_target;
mod optimal;
mod phase_start;
mod planner;
mod ppo;
mod random;
pub mod registry;
mod replay;
mod reward_clipping;
pub mod saved;
mod scripted;
mod streams;
mod summary;
mod targets;
mod update_schedule;

pub use agent::{Agent, AgentError, Context, Mode, Observations, Transition};
pub use agent_entry::{AgentEntry, Make, Preset, resolve};
pub use decision::{Decision, ImaginedStep};
pub use environment_batch::EnvironmentBatch;
pub use imagination::{Imagination, ImaginedState};
pub use ledger::Ledger;
pub use phase_start::{EVERY_LAYER, PhaseStart, is_within};
pub use planner::Settings as PlannerSettings;
pub use ppo::{ValuedStep, advantages};
pub use registry::{ExtensionError, agents, extend, find, find_preset, presets};
pub use replay::{End, Episode, Insertion, Replay, Sample};
pub use streams::Streams;
pub use summary::Summary;
pub use targets::{
    Bootstrap, Return, StateTarget, UnrollLengths, UnrollTargets, horizon_for_age, n_step_return,
    unroll_targets, value_prefixes,
};
pub use update_schedule::PhasedUpdates;
pub use zerolab_models::{
    Device, DeviceError, DeviceName, Layer, Parameters, Part, machine_memory, measured_peak_flops,
};
