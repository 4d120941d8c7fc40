//! MinAtar: five games of the Arcade Learning Environment on a board of 10 × 10 cells.
//!
//! Young and Tian, "MinAtar: An Atari-Inspired Testbed for Thorough and Reproducible Reinforcement
//! Learning Experiments" (2019), and their package `minatar` 1.0.15, whose behaviour is the oracle. This
//! file has what the games share: the board, the actions and sticky actions. Each game is a file of its
//! own, its observation `[C, 10, 10]` (the package writes `[10, 10, C]`).

use rand::{Rng, SeedableRng};
use rand_chacha::ChaCha8Rng;
use serde::{Deserialize, Serialize};

pub mod breakout;

/// Rows of the board, and columns.
const SIZE: usize = 10;
/// Cells of one plane of an observation.
const PLANE: usize = SIZE * SIZE;

/// What a player can do; a game ignores what means nothing in it.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
enum Action {
    #[default]
    Noop,
    Left,
    Up,
    Right,
    Down,
    Fire,
}

impl Action {
    /// All actions by their index, the same in every game.
    const ALL: [Self; 6] = [Self::Noop, Self::Left, Self::Up, Self::Right, Self::Down, Self::Fire];
}

/// Sticky actions (Machado et al., "Revisiting the Arcade Learning Environment", 2018, section 5): by
/// chance the last executed action is executed again in place of the chosen one.
///
/// An episode begins as if the last action had been [`Action::Noop`]; in the package it is what the
/// episode before ended with.
#[derive(Clone, Debug, Serialize, Deserialize)]
struct Sticky {
    random: ChaCha8Rng,
    last: Action,
}

impl Sticky {
    fn begin(random: ChaCha8Rng) -> Self {
        Self { random, last: Action::Noop }
    }

    /// The action to execute when `chosen` was chosen: one draw of 32 bits, whatever comes of it.
    fn execute(&mut self, chosen: Action, repeats: Repeats) -> Action {
        if u64::from(self.random.next_u32()) >= repeats.threshold {
            self.last = chosen;
        }
        self.last
    }
}

/// How often an action is repeated.
#[derive(Clone, Copy, Debug)]
struct Repeats {
    /// Of the 2³² values of a draw, those below this one repeat.
    threshold: u64,
}

impl Repeats {
    fn with_probability(probability: f64) -> Self {
        Self { threshold: (probability * 2f64.powi(32)) as u64 }
    }
}

impl Default for Sticky {
    /// A stand-in until the first episode brings its seed.
    fn default() -> Self {
        Self::begin(ChaCha8Rng::seed_from_u64(0))
    }
}
