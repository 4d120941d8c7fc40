//! What is left to chance: sticky actions, and odds.
//!
//! Sticky actions (Machado et al., "Revisiting the Arcade Learning Environment", 2018, section 5): by chance
//! the last executed action is executed again in place of the chosen one.

use rand::{Rng, RngExt};
use rand_chacha::ChaCha8Rng;
use serde::{Deserialize, Serialize};

use super::Action;

/// The random stream of an episode and the action that may be repeated.
///
/// An episode begins as if the last action had been [`Action::Noop`]; in the package it is what the
/// episode before ended with.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(super) struct Sticky {
    random: ChaCha8Rng,
    last: Action,
}

impl Sticky {
    pub(super) fn begin(random: ChaCha8Rng) -> Self {
        Self { random, last: Action::Noop }
    }

    /// The action to execute when `chosen` was chosen: one draw of 32 bits, whatever comes of it.
    pub(super) fn execute(&mut self, chosen: Action, repeats: Repeats) -> Action {
        if u64::from(self.random.next_u32()) >= repeats.threshold {
            self.last = chosen;
        }
        self.last
    }

    /// The stream, for what the game itself leaves to chance.
    pub(super) fn random_stream(&mut self) -> &mut ChaCha8Rng {
        &mut self.random
    }
}

/// How often an action is repeated.
#[derive(Clone, Copy, Debug)]
pub(super) struct Repeats {
    /// Of the 2³² values of a draw, those below this one repeat.
    threshold: u64,
}

impl Repeats {
    pub(super) fn with_probability(probability: f64) -> Self {
        Self { threshold: (probability * 2f64.powi(32)) as u64 }
    }
}

/// True in one of `cases` equally likely cases: for the lowest of their numbers.
pub(super) fn one_in<R: Rng>(cases: u32, random: &mut R) -> bool {
    random.random_range(0..cases) == 0
}
