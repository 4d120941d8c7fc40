//! Random streams: every consumer of random numbers has its own, derived from the run's seed and its name.
//!
//! A stream depends on nothing else. So a new consumer does not change the others, and two runs with the same
//! seed get the same environments whatever their agents are.

use rand_chacha::ChaCha8Rng;
use rand_chacha::rand_core::SeedableRng;
use serde::{Deserialize, Serialize};

/// The streams of one run.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Streams {
    seed: u64,
}

impl Streams {
    /// The streams that derive from `seed`.
    #[must_use]
    pub fn new(seed: u64) -> Self {
        Self { seed }
    }

    /// The stream of the consumer called `name`.
    #[must_use]
    pub fn stream(&self, name: &str) -> ChaCha8Rng {
        self.numbered(name, 0)
    }

    /// The `index`th stream of the consumer called `name`: one for each numbered item.
    #[must_use]
    pub fn numbered(&self, name: &str, index: u64) -> ChaCha8Rng {
        ChaCha8Rng::from_seed(*self.digest(name, index).as_bytes())
    }

    /// The `index`th seed for the consumer called `name`, which makes its own stream.
    #[must_use]
    pub fn seed(&self, name: &str, index: u64) -> u64 {
        let digest = self.digest(name, index);
        let mut bytes = [0; 8];
        bytes.copy_from_slice(&digest.as_bytes()[..8]);
        u64::from_le_bytes(bytes)
    }

    /// The streams of the `index`th item of the consumer called `name`.
    #[must_use]
    pub fn within(&self, name: &str, index: u64) -> Self {
        Self { seed: self.seed(name, index) }
    }

    fn digest(&self, name: &str, index: u64) -> blake3::Hash {
        let mut hasher = blake3::Hasher::new();
        hasher.update(&self.seed.to_le_bytes());
        hasher.update(&index.to_le_bytes());
        hasher.update(name.as_bytes());
        hasher.finalize()
    }
}
