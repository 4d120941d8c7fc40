//! A player who knows the exact worth of every position that can be reached.
//!
//! The game is solved whole, by minimax that keeps the worth of each position it has seen. This is for games with up to
//! some hundred thousand positions. Early wins are worth more than late ones, and late losses more than early ones, as
//! for [`AlphaBeta`](super::alpha_beta::AlphaBeta). The player draws uniformly among the best moves.

use std::collections::{BTreeMap, HashMap};
use std::hash::Hash;
use std::sync::{Arc, OnceLock};

use rand::seq::IteratorRandom;

use super::State;
use super::alpha_beta::draws;
use super::rules::{Outcome, Rules};
use super::score::Score;
use crate::episode::Episode;
use crate::examination::Position;
use crate::saved_state::encode_state;

/// The most positions of a tag that examinations get. Of more, equally many are left out between two of them.
const MOST_POSITIONS: usize = 4096;

/// The player. Its copies share the table, which is made when it is first needed.
#[derive(Clone, Debug)]
pub(super) struct Perfect<R: Rules> {
    pub(super) rules: R,
    table: Arc<OnceLock<Table<R::Position>>>,
}

/// All positions that can be reached from some position and in which the game goes on.
#[derive(Debug)]
pub(super) struct Table<P> {
    /// Those with fewer plies first, each with the least number of plies to it.
    pub(super) positions: Vec<(P, u32)>,
    /// The place of each of them.
    places: HashMap<P, usize>,
    /// The worth of each of them.
    scores: Vec<Score>,
}

/// What a move leads to: the place of the next position, or the end of the game.
#[derive(Clone, Copy, Debug)]
enum Next {
    GoesOn(usize),
    Ended(Score),
}

impl<R: Rules> Perfect<R> {
    pub(super) fn new(rules: R) -> Self {
        Self { rules, table: Arc::default() }
    }

    pub(super) fn table(&self) -> &Table<R::Position> {
        self.table.get_or_init(|| Table::new(&self.rules, self.rules.start()))
    }

    /// The worth of a position that can be reached and in which the game goes on; else `None`.
    pub(super) fn known(&self, position: &R::Position) -> Option<Score> {
        let table = self.table();
        table.places.get(position).map(|place| table.scores[*place])
    }

    /// The worth of a position in which the game goes on.
    fn score(&self, position: &R::Position) -> Score {
        // Only a restored state can be a position that is not in the table.
        self.known(position).unwrap_or_else(|| Table::new(&self.rules, *position).scores[0])
    }

    /// The worth of a legal action; `None` if it is illegal.
    pub(super) fn of_action(&self, position: &R::Position, action: usize) -> Option<Score> {
        self.rules.play(position, action).map(|(next, outcome)| match outcome {
            Outcome::Won => Score::WON,
            Outcome::Drawn => Score::DRAW,
            Outcome::GoesOn => Score::of_move(self.score(&next)),
        })
    }

    /// The best actions in a position in which the game goes on.
    pub(super) fn best(&self, position: &R::Position) -> impl Iterator<Item = usize> {
        let actions = 0..self.rules.num_actions();
        let best = actions.clone().filter_map(|action| self.of_action(position, action)).max();
        actions.filter(move |action| best.is_some() && self.of_action(position, *action) == best)
    }

    /// One of the best actions in the position after so many plies; `None` if none is legal. The episode's seed and the
    /// number of the ply decide the draw among equal ones.
    pub(super) fn choose(&self, position: &R::Position, plies: u32, seed: u64) -> Option<usize> {
        self.best(position).choose(&mut draws(seed, plies))
    }

    /// All positions with their tags, those of one tag after those of another. A position can have several tags.
    pub(super) fn positions(&self) -> Vec<Position> {
        let mut by_tag: BTreeMap<&'static str, Vec<_>> = BTreeMap::new();
        for (position, plies) in &self.table().positions {
            let result = self.score(position).result();
            let keeps_value = |action: usize| {
                self.of_action(position, action).is_some_and(|it| it.result() == result)
            };
            for tag in self.rules.tags(position, &keeps_value) {
                by_tag.entry(tag).or_default().push((*position, *plies));
            }
        }
        let saved = |tag, (position, plies)| {
            let state = State { position, seed: 0, episode: Episode::after(plies) };
            Position { tag, state: encode_state(R::TAG, &state) }
        };
        let of_tag = |(tag, positions): (&'static str, Vec<_>)| {
            let step = positions.len().div_ceil(MOST_POSITIONS).max(1);
            positions.into_iter().step_by(step).map(move |position| saved(tag, position))
        };
        by_tag.into_iter().flat_map(of_tag).collect()
    }
}

impl<P: Copy + Eq + Hash> Table<P> {
    /// The positions that can be reached from `start`, which has the first place.
    fn new<R: Rules<Position = P>>(rules: &R, start: P) -> Self {
        let mut positions = vec![(start, 0)];
        let mut places = HashMap::from([(start, 0)]);
        // The moves from each position, row after row, and where each row ends.
        let (mut moves, mut ends) = (Vec::new(), Vec::new());
        while let Some((position, plies)) = positions.get(ends.len()).copied() {
            for action in 0..rules.num_actions() {
                let next = match rules.play(&position, action) {
                    None => continue,
                    Some((_, Outcome::Won)) => Next::Ended(Score::WON),
                    Some((_, Outcome::Drawn)) => Next::Ended(Score::DRAW),
                    Some((next, Outcome::GoesOn)) => {
                        Next::GoesOn(*places.entry(next).or_insert_with(|| {
                            positions.push((next, plies + 1));
                            positions.len() - 1
                        }))
                    }
                };
                moves.push(next);
            }
            ends.push(moves.len());
        }
        let mut scores = vec![None; positions.len()];
        let scores = (0..positions.len()).map(|place| solve(place, &moves, &ends, &mut scores));
        let scores = scores.collect();
        Self { positions, places, scores }
    }
}

/// The worth of the position at a place. It is put into `scores`, with those of all that follow it.
fn solve(place: usize, moves: &[Next], ends: &[usize], scores: &mut [Option<Score>]) -> Score {
    if let Some(score) = scores[place] {
        return score;
    }
    let begin = if place == 0 { 0 } else { ends[place - 1] };
    let of_move = |next: &Next| match next {
        Next::GoesOn(next) => Score::of_move(solve(*next, moves, ends, scores)),
        Next::Ended(score) => *score,
    };
    // In a game that goes on there is a move.
    let score = moves[begin..ends[place]].iter().map(of_move).max().unwrap_or_default();
    scores[place] = Some(score);
    score
}

#[cfg(test)]
mod tests {
    use std::collections::HashSet;

    use super::*;
    use crate::board::alpha_beta::AlphaBeta;
    use crate::board::connect4::ConnectFour;
    use crate::board::tictactoe::TicTacToe;

    /// At full depth, the other opponent finds the same best actions, so that it draws the same one.
    fn assert_as_alpha_beta<R: Rules>(rules: R, seeds: u64) -> Perfect<R> {
        let perfect = Perfect::new(rules);
        let deep = AlphaBeta { depth: perfect.rules.most_plies() };
        for (position, plies) in &perfect.table().positions {
            for seed in 0..seeds {
                let action = deep.choose(&perfect.rules, position, *plies, seed);
                assert_eq!(perfect.choose(position, *plies, seed), action, "{position:?}");
            }
        }
        perfect
    }

    /// Of the 5,478 positions of tic-tac-toe, 958 end the game.
    #[test]
    fn tic_tac_toe_is_a_draw() {
        let perfect = assert_as_alpha_beta(TicTacToe, 3);
        let positions = &perfect.table().positions;
        let plays = positions.iter().flat_map(|(position, _)| {
            (0..9).filter_map(|action| perfect.rules.play(position, action))
        });
        let all: HashSet<_> = plays.map(|(next, _)| next).chain([perfect.rules.start()]).collect();
        assert_eq!((positions.len(), all.len()), (5_478 - 958, 5_478));
        assert_eq!(perfect.known(&perfect.rules.start()), Some(Score::DRAW));
    }

    #[test]
    fn small_boards_of_connect_four_are_solved() {
        assert_as_alpha_beta(ConnectFour::new(3, 4, 3), 2);
        assert_as_alpha_beta(ConnectFour::new(1, 6, 2), 3);
        assert_as_alpha_beta(ConnectFour::new(3, 3, 3), 3);
    }
}
