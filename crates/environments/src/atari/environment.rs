//! A game as an environment, played by the emulator.

use rand::{RngExt, SeedableRng};
use rand_chacha::ChaCha8Rng;
use serde::{Deserialize, Serialize};

use super::camera::Camera;
use super::emulator::Emulator;
use super::{FRAME_SKIP, Game, Settings};
use crate::environment::{Description, Environment, RestoreError, Step, StepError};
use crate::episode::Episode;
use crate::saved;

/// The action to do nothing, the first of every game.
const NO_OP: usize = 0;

/// What stands among the actions of a [`History`] where an episode began with the next life.
const NEXT_LIFE: u8 = u8::MAX;

/// A game as an environment.
#[derive(Clone, Debug)]
pub struct Atari {
    game: &'static Game,
    description: Description,
    settings: Settings,
    emulator: Emulator,
    camera: Camera,
    chance: ChaCha8Rng,
    /// The action of the last frame.
    executed: usize,
    lives: i32,
    /// Steps are counted from the beginning of the game.
    episode: Episode,
    /// A life was lost, and the next episode goes on with this game.
    goes_on: bool,
    /// `None` before the first episode.
    history: Option<History>,
}

/// All that decides a state, from the beginning of the game: what is saved, because ALE's own states are exact only in
/// the machine that made them.
#[derive(Clone, Debug, Serialize, Deserialize)]
struct History {
    seed: u64,
    /// The actions, and [`NEXT_LIFE`].
    actions: Vec<u8>,
    /// Where, before how many of the actions, chance was given another seed, and which.
    reseeded: Vec<(usize, u64)>,
}

impl Atari {
    /// The environment before its first episode.
    pub fn new(game: &'static Game, emulator: Emulator, settings: &Settings) -> Self {
        Self {
            game,
            description: game.description(settings),
            settings: settings.clone(),
            camera: Camera::new(settings.image, &emulator),
            emulator,
            chance: ChaCha8Rng::seed_from_u64(0),
            executed: NO_OP,
            lives: 0,
            episode: Episode::default(),
            goes_on: false,
            history: None,
        }
    }

    /// Frames in which nothing is done, then the first image.
    fn begin(&mut self, seed: u64) {
        self.history = Some(History { seed, actions: Vec::new(), reseeded: Vec::new() });
        self.chance = ChaCha8Rng::seed_from_u64(seed);
        self.executed = NO_OP;
        self.emulator.begin();
        if self.settings.no_op_max > 0 {
            for _ in 0..self.chance.random_range(1..=self.settings.no_op_max) {
                self.emulator.act(NO_OP);
                if self.emulator.is_over() {
                    self.emulator.begin();
                }
            }
        }
        self.lives = self.emulator.lives();
        self.camera.begin(&self.emulator);
        self.episode = Episode::begin();
        self.goes_on = false;
    }

    /// Plays the frames of a step and takes an image; the points that they brought.
    fn play(&mut self, action: usize) -> i32 {
        let mut points = 0;
        for _ in 0..FRAME_SKIP {
            if !self.sticks() {
                self.executed = action;
            }
            points += self.emulator.act(self.executed);
            self.camera.see(&self.emulator);
            if self.emulator.is_over() {
                break;
            }
        }
        points
    }

    /// Whether the last executed action is executed again.
    fn sticks(&mut self) -> bool {
        let probability = self.settings.sticky_action_probability;
        probability > 0.0 && self.chance.random_bool(probability)
    }

    /// Takes a step of the game.
    fn advance(&mut self, action: usize) -> Step {
        let reward = self.play(action) as f32;
        self.camera.shoot();
        let (over, lives) = (self.emulator.is_over(), self.emulator.lives());
        let lost = self.settings.episodic_life && lives < self.lives && lives > 0;
        self.lives = lives;
        let terminated = over || lost;
        let truncated = self.episode.advance(terminated, &self.description);
        self.goes_on = lost && !over && self.episode.steps() < self.settings.max_steps;
        Step::honest(reward, terminated, truncated)
    }

    /// Goes on with the next life: a step in which nothing is done. False if the game ended in it.
    fn begin_next_life(&mut self) -> bool {
        self.play(NO_OP);
        self.camera.begin_with_the_last();
        self.lives = self.emulator.lives();
        let truncated = self.episode.advance(false, &self.description);
        self.goes_on = false;
        !truncated && !self.emulator.is_over()
    }

    /// Notes what was done.
    fn note(&mut self, action: u8) {
        if let Some(history) = &mut self.history {
            history.actions.push(action);
        }
    }

    /// Plays a game again, up to where it was; what is impossible in it otherwise.
    fn replay(&mut self, history: History) -> Result<(), &'static str> {
        self.begin(history.seed);
        let mut reseeded = history.reseeded.iter().peekable();
        let mut reseed = |before: usize, chance: &mut ChaCha8Rng| {
            while let Some((_, seed)) = reseeded.next_if(|(place, _)| *place == before) {
                *chance = ChaCha8Rng::seed_from_u64(*seed);
            }
        };
        for (before, &action) in history.actions.iter().enumerate() {
            reseed(before, &mut self.chance);
            let fits = if action == NEXT_LIFE {
                self.goes_on && self.begin_next_life()
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
        reseed(history.actions.len(), &mut self.chance);
        if reseeded.next().is_some() {
            return Err("chance that never came");
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
        if self.goes_on && self.begin_next_life() {
            self.note(NEXT_LIFE);
        } else {
            self.begin(seed);
        }
    }

    fn step(&mut self, action: usize) -> Result<Step, StepError> {
        self.episode.check(action, &self.description)?;
        // No game has more than 18 actions.
        self.note(action as u8);
        Ok(self.advance(action))
    }

    fn observe(&self, observation: &mut [f32]) {
        assert_eq!(
            observation.len(),
            self.description.observation_len(),
            "numbers of an observation"
        );
        self.camera.observe(observation);
    }

    fn save(&self) -> Vec<u8> {
        saved::encode(self.game.tag, &self.history)
    }

    /// Plays the game again from its beginning: for as long as a game can be in training, about a second.
    fn restore(&mut self, state: &[u8]) -> Result<(), RestoreError> {
        let history: Option<History> = saved::decode(self.game.tag, state, |_| None)?;
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
        copy.chance = ChaCha8Rng::seed_from_u64(seed);
        if let Some(history) = &mut copy.history {
            history.reseeded.push((history.actions.len(), seed));
        }
        Some(Box::new(copy))
    }
}
