//! Balancing a pole on a cart: `CartPole-v1` of Gymnasium, with the same numbers.
//!
//! Barto, Sutton and Anderson, "Neuronlike adaptive elements that can solve difficult learning control
//! problems" (1983), with the frictionless equations of Florian, "Correct equations for the dynamics of
//! the cart-pole system" (2007), eq. 23 and 24. As in Gymnasium: 64-bit arithmetic, explicit Euler steps, a
//! reward of 1 for every step including the last, and at most 500 steps. Its other reward
//! (`sutton_barto_reward`) and integrator are not implemented.

mod scene;

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
use zerolab_settings::range::at_least_one;

const GRAVITY: f64 = 9.8; // m/s²
const POLE_MASS: f64 = 0.1; // kg
const TOTAL_MASS: f64 = 1.0 + POLE_MASS; // the cart's 1 kg with the pole
const HALF_LENGTH: f64 = 0.5; // m, of the pole
const POLE_MASS_LENGTH: f64 = POLE_MASS * HALF_LENGTH;
const FORCE: f64 = 10.0; // N
const TIME_STEP: f64 = 0.02; // s
const POSITION_LIMIT: f64 = 2.4; // m
const ANGLE_LIMIT: f64 = 12.0 * 2.0 * std::f64::consts::PI / 360.0; // rad
const START_LIMIT: f64 = 0.05; // each of the four numbers, in its unit

/// Bound on the numbers of an observation. Within the limits on position and angle the accelerations
/// stay below 10.2 m/s² and 19 rad/s². So the speeds stay below √(2 · 10.2 · 4.8) < 10 m/s and
/// √(2 · 19 · 0.42) < 4 rad/s. The margin is for the Euler steps.
const OBSERVATION_LIMIT: f64 = 12.0;

const TAG: &str = "cartpole 1";

/// Settings of the environment.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct Settings {
    /// Number of steps after which an episode is truncated.
    #[schemars(range(min = 1))]
    pub max_steps: u32,
}

impl Default for Settings {
    fn default() -> Self {
        Self { max_steps: 500 }
    }
}

impl EnvironmentSettings for Settings {
    const NAME: &'static str = "cartpole";
    const SUMMARY: &'static str = "balance a pole on a cart, +1 a step (Gymnasium's CartPole-v1)";

    fn check(&self) -> Result<(), SettingsError> {
        at_least_one("max_steps", self.max_steps.into())
    }

    fn make(&self) -> Result<Box<dyn Environment>, SettingsError> {
        Ok(Box::new(CartPole::new(self)))
    }
}

/// The physical state of the cart and the pole.
#[derive(Clone, Copy, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Physics {
    /// Position of the cart, from the middle of the track, in metres.
    pub position: f64,
    /// Velocity of the cart, in metres per second.
    pub velocity: f64,
    /// Angle of the pole, clockwise from upright, in radians.
    pub angle: f64,
    /// Angular velocity of the pole, in radians per second.
    pub angular_velocity: f64,
}

impl Physics {
    /// The state one time step after a push of `force` newtons to the right.
    fn after(self, force: f64) -> Self {
        let (sin, cos) = self.angle.sin_cos();
        let push = (force
            + POLE_MASS_LENGTH * (self.angular_velocity * self.angular_velocity) * sin)
            / TOTAL_MASS;
        let angular_acceleration = (GRAVITY * sin - cos * push)
            / (HALF_LENGTH * (4.0 / 3.0 - POLE_MASS * (cos * cos) / TOTAL_MASS));
        let acceleration = push - POLE_MASS_LENGTH * angular_acceleration * cos / TOTAL_MASS;
        Self {
            position: self.position + TIME_STEP * self.velocity,
            velocity: self.velocity + TIME_STEP * acceleration,
            angle: self.angle + TIME_STEP * self.angular_velocity,
            angular_velocity: self.angular_velocity + TIME_STEP * angular_acceleration,
        }
    }

    fn has_fallen(&self) -> bool {
        self.position.abs() > POSITION_LIMIT || self.angle.abs() > ANGLE_LIMIT
    }

    fn numbers(&self) -> [f64; 4] {
        [self.position, self.velocity, self.angle, self.angular_velocity]
    }
}

/// The environment. Observation `[4]`: position, velocity, angle, angular velocity. Actions: 0 pushes
/// left, 1 pushes right.
#[derive(Clone, Debug)]
pub struct CartPole {
    description: Description,
    state: State,
}

/// There is no random stream: only the start of an episode is random.
#[derive(Clone, Copy, Debug, Default, Serialize, Deserialize)]
struct State {
    physics: Physics,
    episode: Episode,
}

impl CartPole {
    /// The environment before its first episode.
    pub fn new(settings: &Settings) -> Self {
        let description = Description {
            observation_range: (-OBSERVATION_LIMIT as f32, OBSERVATION_LIMIT as f32),
            max_episode_steps: Some(settings.max_steps),
            // Sine and cosine 15 each, push 5, angular acceleration 9, acceleration 4, Euler 8; the limits 4;
            // two checks and the force 3, step count, time limit and flag 3, assignments of the state 4.
            operations_per_step: 70,
            ..Description::new(Settings::NAME, [4], 2)
        };
        Self { description, state: State::default() }
    }

    /// Begins an episode in the given state.
    pub fn reset_to(&mut self, physics: Physics) {
        self.state = State { physics, episode: Episode::begin() };
    }

    /// The physical state in full precision.
    pub fn physics(&self) -> Physics {
        self.state.physics
    }
}

impl Environment for CartPole {
    fn description(&self) -> &Description {
        &self.description
    }

    fn reset(&mut self, seed: u64) {
        let mut random = ChaCha8Rng::seed_from_u64(seed);
        let mut draw = || random.random_range(-START_LIMIT..START_LIMIT);
        self.reset_to(Physics {
            position: draw(),
            velocity: draw(),
            angle: draw(),
            angular_velocity: draw(),
        });
    }

    fn step(&mut self, action: usize) -> Result<Step, StepError> {
        let State { physics, episode } = &mut self.state;
        episode.check(action, &self.description)?;
        *physics = physics.after(if action == 1 { FORCE } else { -FORCE });
        let terminated = physics.has_fallen();
        let truncated = episode.advance(terminated, &self.description);
        Ok(Step::new(1.0, terminated, truncated))
    }

    fn observe(&self, observation: &mut [f32]) {
        observation.copy_from_slice(&self.state.physics.numbers().map(|number| number as f32));
    }

    fn save(&self) -> Vec<u8> {
        encode_state(TAG, &self.state)
    }

    fn restore(&mut self, state: &[u8]) -> Result<(), RestoreError> {
        self.state = decode_state(TAG, state, |state: &State| {
            // `<=` is false for NaN too.
            let possible = |number: &_| f64::abs(*number) <= OBSERVATION_LIMIT;
            let fault = "a number is out of the range of observations";
            (!state.physics.numbers().iter().all(possible)).then_some(fault)
        })?;
        Ok(())
    }

    fn clone_box(&self) -> Box<dyn Environment> {
        Box::new(self.clone())
    }

    fn simulator(&self, _: u64) -> Option<Box<dyn Environment>> {
        Some(self.clone_box())
    }

    fn scene(&self) -> Option<Scene> {
        Some(scene::scene(&self.state.physics))
    }
}
