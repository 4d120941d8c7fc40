//! MinAtar: five games of the Arcade Learning Environment on a board of 10 × 10 cells.
//!
//! Young and Tian, "MinAtar: An Atari-Inspired Testbed for Thorough and Reproducible Reinforcement
//! Learning Experiments" (2019), and their package `minatar` 1.0.15, whose behaviour is the oracle. A game is
//! a file with its rules, a [`Game`]: a pure function of its state, the action and a random stream. This file
//! makes an environment of it, its observation `[C, 10, 10]` (the package writes `[10, 10, C]`).

use std::fmt::Debug;

use rand::{Rng, SeedableRng};
use rand_chacha::ChaCha8Rng;
use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};

use crate::environment::{Description, Environment, RestoreError, Step, StepError};
use crate::episode::Episode;
use crate::registry::Options;
use crate::saved;

pub mod asterix;
mod board;
pub mod breakout;
mod chance;
pub mod freeway;
pub mod seaquest;
mod settings;
pub mod space_invaders;

pub use board::{PLANE, Plane, SIZE};
use chance::{Repeats, Sticky};
pub use settings::CommonSettings;

/// What a player can do; a game ignores what means nothing in it.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub enum Action {
    /// Nothing.
    #[default]
    Noop,
    /// One column to the left.
    Left,
    /// One row up.
    Up,
    /// One column to the right.
    Right,
    /// One row down.
    Down,
    /// Shoot.
    Fire,
}

impl Action {
    /// All actions by their index, the same in every game.
    pub const ALL: [Self; 6] =
        [Self::Noop, Self::Left, Self::Up, Self::Right, Self::Down, Self::Fire];
}

/// What an action brought.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Outcome {
    /// Points.
    pub reward: u32,
    /// Whether the game is over.
    pub terminated: bool,
}

/// The rules of a game and its state.
pub trait Game: Clone + Debug + Send + Serialize + DeserializeOwned + 'static {
    /// Its options.
    type Settings: Options + CommonSettings + Clone + Debug + Send;

    /// What its saved states are tagged with: its name and the version of their layout.
    const TAG: &'static str;
    /// `C`: planes of an observation.
    const CHANNELS: usize;
    /// The actions that do something in it.
    const MINIMAL_ACTIONS: &'static [Action];
    /// [`Description::operations_per_step`] of [`act`](Self::act) alone.
    const OPERATIONS: u64;

    /// A new game.
    fn start<R: Rng>(random: &mut R) -> Self;

    /// Takes an action; not called after the end. Draws one 32-bit word for each decision that the game
    /// leaves to chance (a second one in less than a billionth of the cases).
    fn act<R: Rng>(&mut self, action: Action, settings: &Self::Settings, random: &mut R)
    -> Outcome;

    /// Writes ones where something is into `[C]` planes of zeros.
    fn observe(&self, planes: &mut [Plane]);

    /// What is wrong with a restored state that no game can be in, `over` or going on. It need not find
    /// everything, but what it lets pass can be played.
    fn fault(&self, over: bool) -> Option<&'static str>;
}

/// A game as an environment.
#[derive(Clone, Debug)]
pub struct MinAtar<G: Game> {
    description: Description,
    actions: &'static [Action],
    repeats: Repeats,
    settings: G::Settings,
    state: State<G>,
}

#[derive(Clone, Debug, Serialize, Deserialize)]
struct State<G> {
    game: G,
    sticky: Sticky,
    episode: Episode,
}

impl<G: Game> State<G> {
    /// A game drawn from `random`, which then serves its episode.
    fn start(mut random: ChaCha8Rng, episode: Episode) -> Self {
        let game = G::start(&mut random);
        Self { game, sticky: Sticky::begin(random), episode }
    }
}

impl<G: Game> MinAtar<G> {
    /// Operations around a game's own: two checks before the step; the action 3 and its draw 25, a word of a
    /// ChaCha8 block of 400; step count, time limit and flag 4.
    const OPERATIONS: u64 = 34;

    /// The environment before its first episode.
    pub fn new(settings: &G::Settings) -> Self {
        let actions =
            if settings.minimal_actions() { G::MINIMAL_ACTIONS } else { &Action::ALL[..] };
        let description = Description {
            name: G::Settings::NAME.to_owned(),
            observation_shape: vec![G::CHANNELS, SIZE, SIZE],
            frames: 1,
            observation_range: (0.0, 1.0),
            num_actions: actions.len(),
            num_players: 1,
            max_episode_steps: Some(settings.max_steps()),
            operations_per_step: Self::OPERATIONS + G::OPERATIONS,
        };
        let repeats = Repeats::with_probability(settings.sticky_action_probability());
        // A stand-in until the first episode brings its seed.
        let state = State::start(ChaCha8Rng::seed_from_u64(0), Episode::default());
        Self { description, actions, repeats, settings: settings.clone(), state }
    }
}

impl<G: Game> Environment for MinAtar<G> {
    fn description(&self) -> &Description {
        &self.description
    }

    fn reset(&mut self, seed: u64) {
        self.state = State::start(ChaCha8Rng::seed_from_u64(seed), Episode::begin());
    }

    fn step(&mut self, action: usize) -> Result<Step, StepError> {
        let State { game, sticky, episode } = &mut self.state;
        episode.check(action, &self.description)?;
        let action = sticky.execute(self.actions[action], self.repeats);
        let Outcome { reward, terminated } =
            game.act(action, &self.settings, sticky.random_stream());
        let truncated = episode.advance(terminated, &self.description);
        Ok(Step::honest(reward as f32, terminated, truncated))
    }

    fn observe(&self, observation: &mut [f32]) {
        assert_eq!(observation.len(), G::CHANNELS * PLANE, "numbers of an observation");
        observation.fill(0.0);
        self.state.game.observe(observation.as_chunks_mut().0);
    }

    fn save(&self) -> Vec<u8> {
        saved::encode(G::TAG, &self.state)
    }

    fn restore(&mut self, state: &[u8]) -> Result<(), RestoreError> {
        let fault = |state: &State<G>| state.game.fault(state.episode.is_over());
        self.state = saved::decode(G::TAG, state, fault)?;
        Ok(())
    }

    fn clone_box(&self) -> Box<dyn Environment> {
        Box::new(self.clone())
    }

    fn simulator(&self, seed: u64) -> Option<Box<dyn Environment>> {
        let mut copy = self.clone();
        *copy.state.sticky.random_stream() = ChaCha8Rng::seed_from_u64(seed);
        Some(Box::new(copy))
    }
}
