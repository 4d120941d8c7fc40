//! Catching a falling ball: `catch` of bsuite.
//!
//! Osband et al., "Behaviour Suite for Reinforcement Learning" (2020), table 1. The order of moves is that
//! of the published program: the paddle moves, then the ball falls; the episode ends when the ball reaches
//! the paddle's row. Every episode has 9 steps and an optimal return of 1. The noisy and scaled variants of
//! bsuite are not implemented.

use rand::{RngExt, SeedableRng};
use rand_chacha::ChaCha8Rng;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::entry::EnvironmentSettings;
use crate::environment::{Description, Environment, RestoreError, Step, StepError};
use crate::episode::Episode;
use crate::saved_state::{decode_state, encode_state};
use crate::scene::Scene;
use zerolab_settings::SettingsError;

const ROWS: usize = 10;
const COLUMNS: usize = 5;
const PADDLE_ROW: usize = ROWS - 1;

const TAG: &str = "catch 1";

/// Settings of the environment: there are none.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct Settings {}

impl EnvironmentSettings for Settings {
    const NAME: &'static str = "catch";
    const SUMMARY: &'static str =
        "catch a falling ball with a paddle, +1 or -1 at the end (bsuite)";

    fn make(&self) -> Result<Box<dyn Environment>, SettingsError> {
        Ok(Box::new(Catch::new()))
    }
}

/// The environment. Observation `[1, 10, 5]`: 1 in the cells of the ball and the paddle, else 0. Actions:
/// 0 left, 1 stay, 2 right.
#[derive(Clone, Debug)]
pub struct Catch {
    description: Description,
    state: State,
}

/// There is no random stream: only the start of an episode is random.
#[derive(Clone, Copy, Debug, Default, Serialize, Deserialize)]
struct State {
    ball_row: usize,
    ball_column: usize,
    paddle_column: usize,
    episode: Episode,
}

impl Catch {
    /// The environment before its first episode.
    pub fn new() -> Self {
        let description = Description {
            // Two checks before the step; paddle 4 with its clip, ball 1, end 1, reward 2, step count and
            // flag 2.
            operations_per_step: 12,
            ..Description::new(Settings::NAME, [1, ROWS, COLUMNS], 3)
        };
        Self { description, state: State::default() }
    }
}

impl Default for Catch {
    fn default() -> Self {
        Self::new()
    }
}

impl Environment for Catch {
    fn description(&self) -> &Description {
        &self.description
    }

    fn reset(&mut self, seed: u64) {
        let ball_column = ChaCha8Rng::seed_from_u64(seed).random_range(0..COLUMNS);
        self.state = State {
            ball_row: 0,
            ball_column,
            paddle_column: COLUMNS / 2,
            episode: Episode::begin(),
        };
    }

    fn step(&mut self, action: usize) -> Result<Step, StepError> {
        let state = &mut self.state;
        state.episode.check(action, &self.description)?;
        // Actions 0, 1, 2 move the paddle by -1, 0, +1; the walls stop it.
        state.paddle_column = (state.paddle_column + action).saturating_sub(1).min(COLUMNS - 1);
        state.ball_row += 1;
        let terminated = state.ball_row == PADDLE_ROW;
        let reward = match (terminated, state.paddle_column == state.ball_column) {
            (false, _) => 0.0,
            (true, true) => 1.0,
            (true, false) => -1.0,
        };
        let truncated = state.episode.advance(terminated, &self.description);
        Ok(Step::new(reward, terminated, truncated))
    }

    fn observe(&self, observation: &mut [f32]) {
        observation.fill(0.0);
        observation[self.state.ball_row * COLUMNS + self.state.ball_column] = 1.0;
        observation[PADDLE_ROW * COLUMNS + self.state.paddle_column] = 1.0;
    }

    fn save(&self) -> Vec<u8> {
        encode_state(TAG, &self.state)
    }

    fn restore(&mut self, state: &[u8]) -> Result<(), RestoreError> {
        self.state = decode_state(TAG, state, |state: &State| {
            let last_row = if state.episode.is_over() { PADDLE_ROW } else { PADDLE_ROW - 1 };
            let columns = state.ball_column.max(state.paddle_column);
            let off_the_board = state.ball_row > last_row || columns >= COLUMNS;
            off_the_board.then_some("the ball or the paddle is off the board")
        })?;
        Ok(())
    }

    fn clone_box(&self) -> Box<dyn Environment> {
        Box::new(self.clone())
    }

    fn simulator(&self, _: u64) -> Option<Box<dyn Environment>> {
        Some(self.clone_box())
    }

    /// The observation does not distinguish the ball (1) from the paddle (2).
    fn scene(&self) -> Option<Scene> {
        let mut scene = Scene::board(ROWS, COLUMNS);
        scene.put(self.state.ball_row, self.state.ball_column, 1);
        scene.put(PADDLE_ROW, self.state.paddle_column, 2);
        Some(scene)
    }
}
