//! The environment of a game, which the emulator plays.

use rand::{RngExt, SeedableRng};
use rand_chacha::ChaCha8Rng;
use serde::{Deserialize, Serialize};

use super::emulator::Emulator;
use super::frame_stack::FrameStack;
use super::{AtariGame, FRAME_SKIP, Settings};
use crate::environment::{Description, Environment, RestoreError, Step, StepError};
use crate::episode::Episode;
use crate::saved_state::{decode_state, encode_state};

/// The action that does nothing, the first of every game.
const NO_OP: usize = 0;

/// Marks the start of an episode with the next life among the actions of a [`History`].
const NEXT_LIFE: u8 = u8::MAX;

/// The environment of a game.
#[derive(Clone, Debug)]
pub struct Atari {
    game: &'static AtariGame,
    description: Description,
    settings: Settings,
    emulator: Emulator,
    frames: FrameStack,
    random: ChaCha8Rng,
    /// The action of the last frame.
    executed: usize,
    lives: i32,
    /// Counts steps from the beginning of the game.
    episode: Episode,
    /// A life was lost, and the next episode continues this game.
    continues: bool,
    /// `None` before the first episode.
    history: Option<History>,
}

/// All that decides a state, from the beginning of the game. This is what is saved, because ALE's own states
/// are exact only in the machine that made them.
#[derive(Clone, Debug, Serialize, Deserialize)]
struct History {
    seed: u64,
    /// The actions and [`NEXT_LIFE`].
    actions: Vec<u8>,
    /// Changes of the random stream: the number of actions before the change, and the new seed.
    reseeded: Vec<(usize, u64)>,
}

impl Atari {
    /// The environment before its first episode.
    pub fn new(game: &'static AtariGame, emulator: Emulator, settings: &Settings) -> Self {
        Self {
            game,
            description: game.description(settings),
            settings: settings.clone(),
            frames: FrameStack::new(settings.image, &emulator),
            emulator,
            random: ChaCha8Rng::seed_from_u64(0),
            executed: NO_OP,
            lives: 0,
            episode: Episode::default(),
            continues: false,
            history: None,
        }
    }

    /// Begins a game: plays the no-ops and makes the first image.
    fn begin(&mut self, seed: u64) {
        self.history = Some(History { seed, actions: Vec::new(), reseeded: Vec::new() });
        self.random = ChaCha8Rng::seed_from_u64(seed);
        self.executed = NO_OP;
        self.emulator.begin();
        if self.settings.no_op_max > 0 {
            for _ in 0..self.random.random_range(1..=self.settings.no_op_max) {
                self.emulator.act(NO_OP);
                if self.emulator.is_over() {
                    self.emulator.begin();
                }
            }
        }
        self.lives = self.emulator.lives();
        self.frames.reset(&self.emulator);
        self.episode = Episode::begin();
        self.continues = false;
    }

    /// Plays the frames of a step and reads their screens. Returns the points.
    fn play(&mut self, action: usize) -> i32 {
        let mut points = 0;
        for _ in 0..FRAME_SKIP {
            if !self.repeats_action() {
                self.executed = action;
            }
            points += self.emulator.act(self.executed);
            self.frames.read_screen(&self.emulator);
            if self.emulator.is_over() {
                break;
            }
        }
        points
    }

    /// Draws whether the last executed action is repeated.
    fn repeats_action(&mut self) -> bool {
        let probability = self.settings.sticky_action_probability;
        probability > 0.0 && self.random.random_bool(probability)
    }

    /// Takes a step of the game.
    fn advance(&mut self, action: usize) -> Step {
        let reward = self.play(action) as f32;
        self.frames.push();
        let (over, lives) = (self.emulator.is_over(), self.emulator.lives());
        let lost = self.settings.episodic_life && lives < self.lives && lives > 0;
        self.lives = lives;
        let terminated = over || lost;
        let truncated = self.episode.advance(terminated, &self.description);
        self.continues = lost && !over && self.episode.steps() < self.settings.max_steps;
        Step::new(reward, terminated, truncated)
    }

    /// Begins an episode with the next life, by a step of no-ops. Returns false if the game ended in it.
    fn begin_next_life(&mut self) -> bool {
        self.play(NO_OP);
        self.frames.reset_to_last_screens();
        self.lives = self.emulator.lives();
        let truncated = self.episode.advance(false, &self.description);
        self.continues = false;
        !truncated && !self.emulator.is_over()
    }

    /// Adds an action to the history.
    fn record(&mut self, action: u8) {
        if let Some(history) = &mut self.history {
            history.actions.push(action);
        }
    }

    /// Replays a game from its history. Fails if the history is impossible.
    fn replay(&mut self, history: History) -> Result<(), &'static str> {
        self.begin(history.seed);
        let mut reseeded = history.reseeded.iter().peekable();
        let mut reseed = |before: usize, random: &mut ChaCha8Rng| {
            while let Some((_, seed)) = reseeded.next_if(|(place, _)| *place == before) {
                *random = ChaCha8Rng::seed_from_u64(*seed);
            }
        };
        for (before, &action) in history.actions.iter().enumerate() {
            reseed(before, &mut self.random);
            let fits = if action == NEXT_LIFE {
                self.continues && self.begin_next_life()
            } else {
                let action = usize::from(action);
                self.episode.check(action, &self.description).is_ok_and(|()| {
                    self.advance(action);
                    true
                })
            };
            if !fits {
                return Err("an action that could not be taken");
            }
        }
        reseed(history.actions.len(), &mut self.random);
        if reseeded.next().is_some() {
            return Err("a seed after the last action");
        }
        self.history = Some(history);
        Ok(())
    }
}

impl Environment for Atari {
    fn description(&self) -> &Description {
        &self.description
    }

    fn reset(&mut self, seed: u64) {
        self.begin(seed);
    }

    fn next_episode(&mut self, seed: u64) {
        if self.continues && self.begin_next_life() {
            self.record(NEXT_LIFE);
        } else {
            self.begin(seed);
        }
    }

    fn step(&mut self, action: usize) -> Result<Step, StepError> {
        self.episode.check(action, &self.description)?;
        // Lossless: no game has more than 18 actions.
        self.record(action as u8);
        Ok(self.advance(action))
    }

    fn observe(&self, observation: &mut [f32]) {
        assert_eq!(
            observation.len(),
            self.description.observation_len(),
            "numbers of an observation"
        );
        self.frames.observe(observation);
    }

    fn save(&self) -> Vec<u8> {
        encode_state(self.game.tag, &self.history)
    }

    /// Replays the game from its beginning. For the longest games of training that takes about a second.
    fn restore(&mut self, state: &[u8]) -> Result<(), RestoreError> {
        let history: Option<History> = decode_state(self.game.tag, state, |_| None)?;
        let mut restored = Self::new(self.game, self.emulator.clone(), &self.settings);
        if let Some(history) = history {
            let environment = self.game.tag;
            restored
                .replay(history)
                .map_err(|reason| RestoreError::Impossible { environment, reason })?;
        }
        *self = restored;
        Ok(())
    }

    fn clone_box(&self) -> Box<dyn Environment> {
        Box::new(self.clone())
    }

    fn simulator(&self, seed: u64) -> Option<Box<dyn Environment>> {
        let mut copy = self.clone();
        copy.random = ChaCha8Rng::seed_from_u64(seed);
        if let Some(history) = &mut copy.history {
            history.reseeded.push((history.actions.len(), seed));
        }
        Some(Box::new(copy))
    }
}
