//! Who foretells what an agent does: it was told, or guesses, and errs at times.

use rand::{RngExt, SeedableRng};
use rand_chacha::ChaCha8Rng;
use serde::{Deserialize, Serialize};

/// The state of a predictor in an episode.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(super) struct Foreteller {
    /// What it was told that the agent does, since the last prediction.
    told: Option<bool>,
    chance: ChaCha8Rng,
}

impl Foreteller {
    /// A predictor whose errors and guesses come from `seed`.
    pub(super) fn new(seed: u64) -> Self {
        Self { told: None, chance: ChaCha8Rng::seed_from_u64(seed) }
    }

    /// Whether it waits to be told.
    pub(super) fn asks(&self) -> bool {
        self.told.is_none()
    }

    /// Tells it whether the agent would do what is to be foretold.
    pub(super) fn tell(&mut self, does: bool) {
        self.told = Some(does);
    }

    /// Whether something with this probability happens.
    pub(super) fn happens(&mut self, probability: f64) -> bool {
        self.chance.random::<f64>() < probability
    }

    /// What it was told, or a guess.
    pub(super) fn knows(&mut self) -> bool {
        let guess = self.happens(0.5);
        self.told.take().unwrap_or(guess)
    }

    /// The prediction of `truth`, which is right with the probability `accuracy`.
    pub(super) fn predicts(&mut self, truth: bool, accuracy: f64) -> bool {
        truth == self.happens(accuracy)
    }
}
