//! A corridor: walk to the exit at its right end, +1 there.
//!
//! The simplest environment with a setting, chance and a step limit. The agent starts on a random cell and
//! sees the corridor as one row of cells, with a 1 where it stands.

use rand::{RngExt, SeedableRng};
use rand_chacha::ChaCha8Rng;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::entry::EnvironmentSettings;
use crate::environment::{Description, Environment, RestoreError, Step, StepError};
use crate::episode::Episode;
use crate::saved_state::{decode_state, encode_state};
use zerolab_settings::SettingsError;

/// Name and version of a saved state. Raise the version when `State` changes.
const TAG: &str = "corridor 1";

/// Settings of the environment.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct Settings {
    /// Cells of the corridor.
    #[schemars(range(min = 2, max = 1000))]
    pub length: usize,
}

impl Default for Settings {
    fn default() -> Self {
        Self { length: 8 }
    }
}

impl EnvironmentSettings for Settings {
    const NAME: &'static str = "corridor";
    const SUMMARY: &'static str = "walk to the right end of a corridor, +1 there";

    fn check(&self) -> Result<(), SettingsError> {
        if (2..=1000).contains(&self.length) {
            return Ok(());
        }
        let message = format!("must be between 2 and 1000, not {}", self.length);
        Err(SettingsError::new("length", message))
    }

    fn make(&self) -> Result<Box<dyn Environment>, SettingsError> {
        Ok(Box::new(Corridor::new(self.length)))
    }
}

/// The environment. Observation `[1, 1, length]`. Actions: 0 left, 1 right.
#[derive(Clone, Debug)]
struct Corridor {
    description: Description,
    state: State,
}

/// All that changes. There is no random stream in it, because only the start of an episode is random.
#[derive(Clone, Copy, Debug, Default, Serialize, Deserialize)]
struct State {
    cell: usize,
    episode: Episode,
}

impl Corridor {
    fn new(length: usize) -> Self {
        let description = Description {
            max_episode_steps: Some(100),
            // Counted by hand: two checks, the move 2, the end 1, the reward 1, step count and limit 3.
            operations_per_step: 9,
            ..Description::new(Settings::NAME, [1, 1, length], 2)
        };
        Self { description, state: State::default() }
    }

    fn exit(&self) -> usize {
        self.description.observation_len() - 1
    }
}

impl Environment for Corridor {
    fn description(&self) -> &Description {
        &self.description
    }

    fn reset(&mut self, seed: u64) {
        let cell = ChaCha8Rng::seed_from_u64(seed).random_range(0..self.exit());
        self.state = State { cell, episode: Episode::begin() };
    }

    fn step(&mut self, action: usize) -> Result<Step, StepError> {
        let exit = self.exit();
        let state = &mut self.state;
        state.episode.check(action, &self.description)?;
        state.cell = if action == 0 { state.cell.saturating_sub(1) } else { state.cell + 1 };
        let terminated = state.cell == exit;
        let reward = if terminated { 1.0 } else { 0.0 };
        let truncated = state.episode.advance(terminated, &self.description);
        Ok(Step::new(reward, terminated, truncated))
    }

    fn observe(&self, observation: &mut [f32]) {
        observation.fill(0.0);
        observation[self.state.cell] = 1.0;
    }

    fn save(&self) -> Vec<u8> {
        encode_state(TAG, &self.state)
    }

    fn restore(&mut self, state: &[u8]) -> Result<(), RestoreError> {
        let exit = self.exit();
        self.state = decode_state(TAG, state, |state: &State| {
            let last = if state.episode.is_over() { exit } else { exit - 1 };
            (state.cell > last).then_some("the agent is outside the corridor")
        })?;
        Ok(())
    }

    fn clone_box(&self) -> Box<dyn Environment> {
        Box::new(self.clone())
    }

    /// Only the start of an episode is random, so a copy reveals nothing of the future.
    fn simulator(&self, _seed: u64) -> Option<Box<dyn Environment>> {
        Some(self.clone_box())
    }
}
