//! A ferry crosses a river to a pier. Each step takes it one column to the right, and the current carries it
//! down.
//!
//! The current is strongest in the middle: a ferry that does not steer against it from the beginning is lost.
//! Gusts make the crossing random.

use rand::{RngExt, SeedableRng};
use rand_chacha::ChaCha8Rng;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use zerolab::environments::{
    Description, Environment, EnvironmentSettings, Episode, RestoreError, SettingsError, Step,
    StepError, decode_state, encode_state,
};

/// Name and version of a saved state. Raise the version when `State` changes.
const TAG: &str = "ferry 1";
const ROWS: usize = 9;
/// Rows that the current carries the ferry down, by column.
const CURRENT: [usize; 6] = [0, 1, 2, 2, 1, 0];
const COLUMNS: usize = CURRENT.len() + 1;
const PIER: usize = 4;

/// Settings of the environment.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct Settings {
    /// Probability that a gust carries the ferry down one more row in a step.
    #[schemars(range(min = 0, max = 1))]
    pub gusts: f64,
}

impl Default for Settings {
    fn default() -> Self {
        Self { gusts: 0.1 }
    }
}

impl EnvironmentSettings for Settings {
    const NAME: &'static str = "ferry";
    const SUMMARY: &'static str = "cross a river against its current, +1 at the pier";

    fn check(&self) -> Result<(), SettingsError> {
        if (0.0..=1.0).contains(&self.gusts) {
            return Ok(());
        }
        let message = format!("must be between 0 and 1, not {}", self.gusts);
        Err(SettingsError::new("gusts", message))
    }

    fn make(&self) -> Result<Box<dyn Environment>, SettingsError> {
        let description = Description::new(Self::NAME, [1, ROWS, COLUMNS], 3);
        let state = State {
            row: 0,
            column: 0,
            chance: ChaCha8Rng::seed_from_u64(0),
            episode: Episode::default(),
        };
        Ok(Box::new(Ferry { description, gusts: self.gusts, state }))
    }
}

/// The environment. Observation `[1, 9, 7]`, with a 1 where the ferry is. Actions: 0 up, 1 straight, 2 down.
#[derive(Clone, Debug)]
struct Ferry {
    description: Description,
    gusts: f64,
    state: State,
}

#[derive(Clone, Debug, Serialize, Deserialize)]
struct State {
    row: usize,
    column: usize,
    /// Part of the state, so that a restored episode has the same gusts.
    chance: ChaCha8Rng,
    episode: Episode,
}

impl Environment for Ferry {
    fn description(&self) -> &Description {
        &self.description
    }

    fn reset(&mut self, seed: u64) {
        let mut chance = ChaCha8Rng::seed_from_u64(seed);
        let row = chance.random_range(0..=PIER);
        self.state = State { row, column: 0, chance, episode: Episode::begin() };
    }

    fn step(&mut self, action: usize) -> Result<Step, StepError> {
        let State { row, column, chance, episode } = &mut self.state;
        episode.check(action, &self.description)?;
        let gust = usize::from(chance.random_bool(self.gusts));
        let down = *row + action + CURRENT[*column] + gust;
        *row = down.saturating_sub(1).min(ROWS);
        *column += 1;
        let lost = *row == ROWS;
        let ends = lost || *column == CURRENT.len();
        let reward = match (ends, lost) {
            (false, _) => 0.0,
            (true, true) => -1.0,
            (true, false) => 1.0 - row.abs_diff(PIER) as f32 / PIER as f32,
        };
        let truncated = episode.advance(ends, &self.description);
        Ok(Step::new(reward, ends, truncated))
    }

    fn observe(&self, observation: &mut [f32]) {
        observation.fill(0.0);
        // A ferry that is lost is not on the map.
        if self.state.row < ROWS {
            observation[self.state.row * COLUMNS + self.state.column] = 1.0;
        }
    }

    fn save(&self) -> Vec<u8> {
        encode_state(TAG, &self.state)
    }

    fn restore(&mut self, state: &[u8]) -> Result<(), RestoreError> {
        self.state = decode_state(TAG, state, |state: &State| {
            let ended = state.row == ROWS || state.column == CURRENT.len();
            let outside = state.row > ROWS || state.column > CURRENT.len();
            let wrong = outside || (ended && !state.episode.is_over());
            wrong.then_some("the ferry is where it cannot be")
        })?;
        Ok(())
    }

    fn clone_box(&self) -> Box<dyn Environment> {
        Box::new(self.clone())
    }

    /// The gusts of a copy are its own: agents that search in copies must not know those that come.
    fn simulator(&self, seed: u64) -> Option<Box<dyn Environment>> {
        let mut copy = self.clone();
        copy.state.chance = ChaCha8Rng::seed_from_u64(seed);
        Some(Box::new(copy))
    }
}
