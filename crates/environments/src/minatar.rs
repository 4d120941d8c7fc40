//! MinAtar: five games of the Arcade Learning Environment on a board of 10 × 10 cells.
//!
//! Young and Tian, "MinAtar: An Atari-Inspired Testbed for Thorough and Reproducible Reinforcement
//! Learning Experiments" (2019). The reference is their package `minatar` 1.0.15. The file of a game has its
//! rules, a [`MinAtarGame`]: a pure function of the state, the action and a random stream. This file makes
//! the environment. Its observation is `[C, 10, 10]` (the package has `[10, 10, C]`).

use std::fmt::Debug;

use rand::{Rng, SeedableRng};
use rand_chacha::ChaCha8Rng;
use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};

use crate::entry::EnvironmentSettings;
use crate::environment::{Description, Environment, RestoreError, Step, StepError};
use crate::episode::Episode;
use crate::saved_state::{decode_state, encode_state};

pub mod asterix;
mod board;
pub mod breakout;
mod chance;
pub mod freeway;
pub mod seaquest;
mod settings;
pub mod space_invaders;

pub use board::{PLANE, Plane, SIZE};
use chance::{RepeatProbability, StickyActions};
pub use settings::MinAtarSettings;

/// The actions of all games. A game ignores those that have no meaning in it.
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

/// The result of an action.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct GameStep {
    /// Points gained.
    pub reward: u32,
    /// Whether the game is over.
    pub terminated: bool,
}

/// The state and rules of a game.
pub trait MinAtarGame: Clone + Debug + Send + Serialize + DeserializeOwned + 'static {
    /// The settings of the game.
    type Settings: EnvironmentSettings + MinAtarSettings + Clone + Debug + Send;

    /// The tag of saved states: the name and the version of the layout.
    const TAG: &'static str;
    /// `C`: number of planes of an observation.
    const CHANNELS: usize;
    /// The actions that have a meaning in the game.
    const MINIMAL_ACTIONS: &'static [Action];
    /// [`Description::operations_per_step`] of [`act`](Self::act) alone.
    const OPERATIONS: u64;

    /// A new game.
    fn start<R: Rng>(settings: &Self::Settings, random: &mut R) -> Self;

    /// Takes an action. Must not be called after the end. Each random decision draws one 32-bit word (a
    /// second one with a probability below 10⁻⁹).
    fn act<R: Rng>(
        &mut self,
        action: Action,
        settings: &Self::Settings,
        random: &mut R,
    ) -> GameStep;

    /// Writes ones into `[C]` planes of zeros.
    fn observe(&self, planes: &mut [Plane]);

    /// What is wrong with a restored state, if it is impossible. `over` says whether the game has ended. Not
    /// every impossible state need be found, but each that passes must be playable.
    fn fault(&self, over: bool) -> Option<&'static str>;
}

/// The environment of a game.
#[derive(Clone, Debug)]
pub struct MinAtar<G: MinAtarGame> {
    description: Description,
    actions: &'static [Action],
    repeats: RepeatProbability,
    settings: G::Settings,
    state: State<G>,
}

#[derive(Clone, Debug, Serialize, Deserialize)]
struct State<G> {
    game: G,
    sticky: StickyActions,
    episode: Episode,
}

impl<G: MinAtarGame> State<G> {
    /// A new game, started by `random`, which is also the stream of the episode.
    fn start(settings: &G::Settings, mut random: ChaCha8Rng, episode: Episode) -> Self {
        let game = G::start(settings, &mut random);
        Self { game, sticky: StickyActions::begin(random), episode }
    }
}

impl<G: MinAtarGame> MinAtar<G> {
    /// Operations of a step without [`MinAtarGame::act`]: two checks before the step; the action 3 and its
    /// draw 25, one word of a ChaCha8 block of 400; step count, time limit and flag 4.
    const OPERATIONS: u64 = 34;

    /// The environment before its first episode.
    pub fn new(settings: &G::Settings) -> Self {
        let actions =
            if settings.minimal_actions() { G::MINIMAL_ACTIONS } else { &Action::ALL[..] };
        let description = Description {
            max_episode_steps: Some(settings.max_steps()),
            operations_per_step: Self::OPERATIONS + G::OPERATIONS,
            ..Description::new(G::Settings::NAME, [G::CHANNELS, SIZE, SIZE], actions.len())
        };
        let repeats = RepeatProbability::with_probability(settings.sticky_action_probability());
        // Unused: the first `reset` replaces it.
        let state = State::start(settings, ChaCha8Rng::seed_from_u64(0), Episode::default());
        Self { description, actions, repeats, settings: settings.clone(), state }
    }
}

impl<G: MinAtarGame> Environment for MinAtar<G> {
    fn description(&self) -> &Description {
        &self.description
    }

    fn reset(&mut self, seed: u64) {
        let random = ChaCha8Rng::seed_from_u64(seed);
        self.state = State::start(&self.settings, random, Episode::begin());
    }

    fn step(&mut self, action: usize) -> Result<Step, StepError> {
        let State { game, sticky, episode } = &mut self.state;
        episode.check(action, &self.description)?;
        let action = sticky.execute(self.actions[action], self.repeats);
        let GameStep { reward, terminated } =
            game.act(action, &self.settings, sticky.random_stream());
        let truncated = episode.advance(terminated, &self.description);
        Ok(Step::new(reward as f32, terminated, truncated))
    }

    fn observe(&self, observation: &mut [f32]) {
        assert_eq!(observation.len(), G::CHANNELS * PLANE, "numbers of an observation");
        observation.fill(0.0);
        self.state.game.observe(observation.as_chunks_mut().0);
    }

    fn save(&self) -> Vec<u8> {
        encode_state(G::TAG, &self.state)
    }

    fn restore(&mut self, state: &[u8]) -> Result<(), RestoreError> {
        let fault = |state: &State<G>| state.game.fault(state.episode.is_over());
        self.state = decode_state(G::TAG, state, fault)?;
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
