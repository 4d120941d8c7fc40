//! The exact solution of a game, for what measures agents.
//!
//! A value is that of the player to move, as are the rewards. Both players play perfectly. With a discount below 1 this
//! means that they win soon and lose late.

use std::collections::HashMap;

use super::perfect::Perfect;
use super::rules::{Outcome, Rules};
use super::{State, decode};
use crate::environment::RestoreError;
use crate::tabular::{Anchors, Expected, Objective, Solution, SolvedState, Solver};

impl<R: Rules> Solver for Perfect<R> {
    /// Results against the opponent of evaluations, which plays perfectly. A policy moves first in half of the games, so
    /// the best ones have a mean result of 0.
    fn anchors(&self, _discount: f64) -> Anchors {
        let mut known = HashMap::new();
        let start = self.rules.start();
        let [first, second] =
            [true, false].map(|is_random| self.of_random(&start, is_random, &mut known));
        // The second result is that of the opponent.
        let random = expected((first - second) / 2.0);
        let best = expected(0.0);
        let (best_return, best_return_worst_tie, best_performance) = (best, best, best);
        Anchors { random, best_return, best_return_worst_tie, best_performance }
    }

    fn solve(&self, _objective: Objective, discount: f64) -> Box<dyn Solution> {
        Box::new(SolvedGame { perfect: self.clone(), discount })
    }
}

fn expected(result: f64) -> Expected {
    Expected { r#return: result, performance: result }
}

impl<R: Rules> Perfect<R> {
    /// The expected result of the player to move, if one player moves at random and the other one perfectly. `is_random`:
    /// the player to move is the random one.
    fn of_random(
        &self,
        position: &R::Position,
        is_random: bool,
        known: &mut HashMap<(R::Position, bool), f64>,
    ) -> f64 {
        if let Some(result) = known.get(&(*position, is_random)) {
            return *result;
        }
        let actions: Vec<usize> = if is_random {
            let actions = 0..self.rules.num_actions();
            actions.filter(|action| self.rules.is_legal(position, *action)).collect()
        } else {
            self.best(position).collect()
        };
        let plays = actions.iter().filter_map(|action| self.rules.play(position, *action));
        let sum: f64 = plays
            .map(|(next, outcome)| match outcome {
                Outcome::Won => 1.0,
                Outcome::Drawn => 0.0,
                Outcome::GoesOn => -self.of_random(&next, !is_random, known),
            })
            .sum();
        let result = sum / actions.len().max(1) as f64;
        known.insert((*position, is_random), result);
        result
    }
}

/// The values of all positions at a discount.
#[derive(Clone, Debug)]
struct SolvedGame<R: Rules> {
    perfect: Perfect<R>,
    discount: f64,
}

impl<R: Rules> SolvedGame<R> {
    /// The saved position; `None` after the end of a game.
    fn position(&self, saved: &[u8]) -> Result<Option<R::Position>, RestoreError> {
        let State { position, episode, .. } = decode(&self.perfect.rules, saved)?;
        if episode.is_over() {
            return Ok(None);
        }
        let foreign =
            RestoreError::Impossible { environment: R::TAG, reason: "no game can reach it" };
        self.perfect.known(&position).map(|_| Some(position)).ok_or(foreign)
    }

    fn best(&self, position: &R::Position) -> usize {
        self.perfect.best(position).next().unwrap_or_default()
    }
}

impl<R: Rules> Solution for SolvedGame<R> {
    fn action(&self, saved: &[u8]) -> Result<usize, RestoreError> {
        Ok(self.position(saved)?.map_or(0, |position| self.best(&position)))
    }

    fn value(&self, saved: &[u8]) -> Result<f64, RestoreError> {
        let position = self.position(saved)?;
        let score = position.and_then(|position| self.perfect.known(&position));
        Ok(score.map_or(0.0, |score| score.discounted(self.discount)))
    }

    fn action_values(&self, saved: &[u8]) -> Result<Vec<f64>, RestoreError> {
        let num_actions = self.perfect.rules.num_actions();
        let Some(position) = self.position(saved)? else { return Ok(vec![0.0; num_actions]) };
        let value = |action| match self.perfect.of_action(&position, action) {
            Some(score) => score.discounted(self.discount),
            None => f64::NEG_INFINITY,
        };
        Ok((0..num_actions).map(value).collect())
    }

    fn expected(&self) -> Expected {
        expected(0.0)
    }

    /// Each position once, after the least number of plies.
    fn states(&self) -> Box<dyn Iterator<Item = SolvedState> + '_> {
        let positions = self.perfect.table().positions.iter();
        Box::new(positions.map(|(position, plies)| {
            let score = self.perfect.known(position).unwrap_or_default();
            SolvedState {
                time: *plies,
                state: format!("{position:?}"),
                action: self.best(position),
                value: score.discounted(self.discount),
            }
        }))
    }
}
