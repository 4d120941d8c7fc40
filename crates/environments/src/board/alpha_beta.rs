//! The opponent of evaluations: minimax with alpha-beta pruning (Knuth and Moore 1975) to a fixed depth.
//!
//! It knows nothing but the rules: what lies behind its horizon is worth as much as a draw. A win is worth the more
//! the sooner it comes, a loss the less bad the later. Among moves of equal worth it draws uniformly. At depth 0 that
//! is the random player; at a depth of as many plies as the board has cells it plays perfectly.

use rand::SeedableRng;
use rand::seq::IteratorRandom;
use rand_chacha::ChaCha8Rng;

use super::Game;
use super::position::Position;

/// A player who looks so many plies ahead.
#[derive(Clone, Copy, Debug)]
pub(super) struct AlphaBeta {
    /// Plies, its own move included.
    pub(super) depth: u32,
}

impl AlphaBeta {
    /// An action of the greatest worth, drawn from the stream of this ply in an episode of this seed; `None` if no
    /// action is legal.
    pub(super) fn choose<G: Game>(self, game: &G, position: Position, seed: u64) -> Option<usize> {
        let depth = self.depth.min(game.grid().size()) as i32;
        let mut best = Best { worth: -depth - 1, actions: 0 };
        for action in from_the_middle(game.num_actions()) {
            if let Some(stone) = game.place(position.occupied(), action) {
                // The window reaches below the best, so that an equal worth is told from a lower one.
                let window = (best.worth - 1, depth + 1);
                best.meet(action, worth_of_move(game, position, stone, depth, window));
            }
        }
        let mut random = ChaCha8Rng::seed_from_u64(seed);
        random.set_stream(u64::from(position.stones()));
        let best = (0..game.num_actions()).filter(|action| best.actions >> action & 1 == 1);
        best.choose(&mut random)
    }
}

/// The best moves so far.
struct Best {
    worth: i32,
    /// One bit for each action.
    actions: u64,
}

impl Best {
    fn meet(&mut self, action: usize, worth: i32) {
        if worth > self.worth {
            *self = Self { worth, actions: 0 };
        }
        if worth == self.worth {
            self.actions |= 1 << action;
        }
    }
}

/// What putting a stone on this cell is worth to the player who does it, `plies` plies being looked ahead, this one
/// included: the plies left when a win comes, or the negative of those when a loss does, that ply included. Outside
/// of the window it may be any number on its side.
fn worth_of_move<G: Game>(
    game: &G,
    position: Position,
    stone: u64,
    plies: i32,
    (low, high): (i32, i32),
) -> i32 {
    if plies == 0 {
        0
    } else if game.grid().has_line(position.own | stone) {
        plies
    } else {
        -worth(game, position.after(stone), plies - 1, (-high, -low))
    }
}

/// What a position is worth to the player to move, likewise.
fn worth<G: Game>(game: &G, position: Position, plies: i32, (low, high): (i32, i32)) -> i32 {
    if plies == 0 {
        return 0;
    }
    let actions = from_the_middle(game.num_actions());
    let stones = actions.filter_map(|action| game.place(position.occupied(), action));
    if stones.clone().any(|stone| game.grid().has_line(position.own | stone)) {
        return plies;
    }
    let mut best: Option<i32> = None;
    for stone in stones {
        let low = best.map_or(low, |best| best.max(low));
        let worth = worth_of_move(game, position, stone, plies, (low, high));
        best = best.max(Some(worth));
        if worth >= high {
            break;
        }
    }
    // A full board is a draw.
    best.unwrap_or(0)
}

/// The actions from the middle one outwards: on boards the moves that win most, so that pruning finds them first.
fn from_the_middle(num_actions: usize) -> impl Iterator<Item = usize> + Clone {
    let middle = num_actions / 2;
    (0..num_actions).map(move |index| {
        let distance = index.div_ceil(2);
        if index % 2 == 1 { middle - distance } else { middle + distance }
    })
}
