//! The opponent of evaluations: minimax with alpha-beta pruning (Knuth and Moore 1975) to a fixed depth.
//!
//! It has no evaluation function: a position at the greatest depth counts as a draw. Early wins are worth
//! more than late ones, and late losses more than early ones. It draws uniformly among the best moves. At
//! depth 0 it plays at random; at a depth of as many plies as the board has cells it plays perfectly.

use rand::SeedableRng;
use rand::seq::IteratorRandom;
use rand_chacha::ChaCha8Rng;

use super::rules::{Outcome, Rules};

/// A player who looks a fixed number of plies ahead.
#[derive(Clone, Copy, Debug)]
pub(super) struct AlphaBeta {
    /// Number of plies, its own move included.
    pub(super) depth: u32,
}

impl AlphaBeta {
    /// An action of the greatest value in the position after so many plies; `None` if no action is legal. The episode's
    /// seed and the number of the ply decide the draw among equal ones. The game has at most 64 actions.
    pub(super) fn choose<R: Rules>(
        self,
        rules: &R,
        position: &R::Position,
        plies: u32,
        seed: u64,
    ) -> Option<usize> {
        let depth = self.depth.min(rules.most_plies()) as i32;
        let mut best = Best { value: -depth - 1, actions: 0 };
        for action in middle_first(rules.num_actions()) {
            if let Some(play) = rules.play(position, action) {
                // The window includes the best value, so that equal values are exact.
                let window = (best.value - 1, depth + 1);
                best.add(action, move_value(rules, play, depth, window));
            }
        }
        let best = (0..rules.num_actions()).filter(|action| best.actions >> action & 1 == 1);
        best.choose(&mut draws(seed, plies))
    }
}

/// The random stream of a ply: it decides among equally good moves.
pub(super) fn draws(seed: u64, plies: u32) -> ChaCha8Rng {
    let mut random = ChaCha8Rng::seed_from_u64(seed);
    random.set_stream(u64::from(plies));
    random
}

/// The best moves so far.
struct Best {
    value: i32,
    /// One bit for each action.
    actions: u64,
}

impl Best {
    fn add(&mut self, action: usize, value: i32) {
        if value > self.value {
            *self = Self { value, actions: 0 };
        }
        if value == self.value {
            self.actions |= 1 << action;
        }
    }
}

/// The value of a move with this result, for the player who makes it, when looking `plies` plies ahead, this one included.
/// A win has the number of remaining plies as its value, the winning ply included; a loss the negative of that number. A
/// value outside the window is only known to be on that side of it.
fn move_value<R: Rules>(
    rules: &R,
    (next, outcome): (R::Position, Outcome),
    plies: i32,
    (low, high): (i32, i32),
) -> i32 {
    match outcome {
        _ if plies == 0 => 0,
        Outcome::Won => plies,
        Outcome::Drawn => 0,
        Outcome::GoesOn => -value(rules, &next, plies - 1, (-high, -low)),
    }
}

/// The value of a position for the player to move, as in [`move_value`].
fn value<R: Rules>(rules: &R, position: &R::Position, plies: i32, (low, high): (i32, i32)) -> i32 {
    if plies == 0 {
        return 0;
    }
    let actions = middle_first(rules.num_actions());
    let plays = actions.filter_map(|action| rules.play(position, action));
    if plays.clone().any(|(_, outcome)| outcome == Outcome::Won) {
        return plies;
    }
    let mut best: Option<i32> = None;
    for play in plays {
        let low = best.map_or(low, |best| best.max(low));
        let value = move_value(rules, play, plies, (low, high));
        best = best.max(Some(value));
        if value >= high {
            break;
        }
    }
    // In a game that goes on there is a move.
    best.unwrap_or(0)
}

/// The actions from the middle one outwards. Middle moves win most often, so that pruning starts early.
fn middle_first(num_actions: usize) -> impl Iterator<Item = usize> + Clone {
    let middle = num_actions / 2;
    (0..num_actions).map(move |index| {
        let distance = index.div_ceil(2);
        if index % 2 == 1 { middle - distance } else { middle + distance }
    })
}
