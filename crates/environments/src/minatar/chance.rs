//! Randomness of the games: sticky actions and random choices.
//!
//! Sticky actions (Machado et al., "Revisiting the Arcade Learning Environment", 2018, section 5): with a
//! fixed probability the last executed action is repeated in place of the chosen one.

use rand::{Rng, RngExt};
use rand_chacha::ChaCha8Rng;
use serde::{Deserialize, Serialize};

use super::Action;

/// The random stream of an episode, and the last executed action.
///
/// At the start of an episode the last action is [`Action::Noop`]. In the package it is the last action of
/// the episode before.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(super) struct StickyActions {
    random: ChaCha8Rng,
    last: Action,
}

impl StickyActions {
    pub(super) fn begin(random: ChaCha8Rng) -> Self {
        Self { random, last: Action::Noop }
    }

    /// The action to execute when the agent chose `chosen`. Always draws one word of 32 bits.
    pub(super) fn execute(&mut self, chosen: Action, repeats: RepeatProbability) -> Action {
        if u64::from(self.random.next_u32()) >= repeats.threshold {
            self.last = chosen;
        }
        self.last
    }

    /// The stream, for the game's own random choices.
    pub(super) fn random_stream(&mut self) -> &mut ChaCha8Rng {
        &mut self.random
    }
}

/// The probability that an action is repeated.
#[derive(Clone, Copy, Debug)]
pub(super) struct RepeatProbability {
    /// Draws of 32 bits below this value repeat the action.
    threshold: u64,
}

impl RepeatProbability {
    pub(super) fn with_probability(probability: f64) -> Self {
        Self { threshold: (probability * 2f64.powi(32)) as u64 }
    }
}

/// True with probability 1 / `cases`: if a number drawn from `0..cases` is 0.
pub(super) fn one_in<R: Rng>(cases: u32, random: &mut R) -> bool {
    random.random_range(0..cases) == 0
}
