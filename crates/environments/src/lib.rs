//! Environments: what an agent observes and can do, its reward, and the true reward behind it.
//!
//! [`entries`] lists all environments and [`find`] finds one by its name. Each implements
//! [`Environment`]: it can be stepped, saved, restored and copied. All randomness comes from the seed of
//! [`Environment::reset`], so the seed and the actions decide every observation and reward. There are no
//! vectorised environments: a run steps several of them side by side.
//!
//! No environment uses another crate of this workspace, reads a clock, or opens a file, except a game's
//! ROM (with the feature `atari`) and the user's own environments, which [`python`] runs in another process.
//! [`checking`] tests whether an environment keeps the rules.
//!
//! # Example
//!
//! One episode of Catch with random actions:
//!
//! ```
//! use rand::{RngExt, SeedableRng};
//! use rand_chacha::ChaCha8Rng;
//! use zerolab_environments::find;
//!
//! let entry = find("catch").ok_or("no such environment")?;
//! // An empty table stands for the default settings.
//! let mut environment = (entry.make)(&toml::Table::new())?;
//! let num_actions = environment.description().num_actions;
//! let mut observation = vec![0.0; environment.description().observation_len()];
//!
//! let mut random = ChaCha8Rng::seed_from_u64(1);
//! let mut steps = 0;
//! environment.reset(7);
//! let reward = loop {
//!     environment.observe(&mut observation);
//!     let step = environment.step(random.random_range(0..num_actions))?;
//!     steps += 1;
//!     if step.ends() {
//!         break step.reward;
//!     }
//! };
//! assert_eq!(steps, 9);
//! assert!(reward == Some(1.0) || reward == Some(-1.0));
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```
//!
//! # A new environment
//!
//! An environment is one file and one line in [`registry`]. The file has
//!
//! * its settings, a type with a default that implements [`EnvironmentSettings`]: the name, a one-line
//!   summary, and how to make the environment;
//! * its state and rules, a type that implements [`Environment`].
//!
//! [`Description::new`] has defaults for the rare properties, [`Episode`] counts steps and ends episodes,
//! and [`encode_state`] and [`decode_state`] do the work of saving and restoring. See the file `catch.rs`
//! for a short example. The conformance suite runs on every registered environment.

// Not among the workspace's lints: tests may unwrap.
#![warn(clippy::unwrap_used)]

pub mod atari;
pub mod board;
pub mod cartpole;
pub mod catch;
pub mod checking;
pub mod decision;
mod entry;
mod environment;
mod episode;
mod examination;
pub mod gridworlds;
pub mod minatar;
pub mod python;
pub mod registry;
pub mod resize;
mod saved_state;
mod scene;
mod surroundings;
pub mod tabular;

pub use entry::{EnvironmentEntry, EnvironmentSettings};
pub use environment::{
    Description, Environment, Environments, Events, RestoreError, Step, StepError,
};
pub use episode::Episode;
pub use examination::{ActionPlan, Position};
pub use registry::{entries, extend, find};
pub use saved_state::{decode_state, encode_state, saved_state_tag};
pub use scene::Scene;
pub use surroundings::{OutsideProgram, Surroundings};
pub use zerolab_settings::SettingsError;

/// The worked example of `docs/adding.md`.
#[cfg(test)]
#[path = "../../../docs/examples/corridor.rs"]
mod corridor_example;

#[cfg(test)]
mod tests {
    use crate::EnvironmentEntry;
    use crate::corridor_example::Settings;

    #[test]
    fn the_worked_example_is_an_environment() {
        let entry = EnvironmentEntry::of::<Settings>();
        let settings = (entry.resolve)(&toml::Table::new()).unwrap();
        let mut environment = (entry.make)(&settings).unwrap();
        environment.reset(1);
        let right = environment.description().num_actions - 1;
        let mut step = environment.step(right).unwrap();
        while !step.ends() {
            let saved = environment.save();
            step = environment.step(right).unwrap();
            if step.ends() {
                environment.restore(&saved).unwrap();
                assert_eq!(environment.step(right).unwrap(), step);
            }
        }
        assert_eq!((step.reward, step.terminated), (Some(1.0), true));
    }
}
