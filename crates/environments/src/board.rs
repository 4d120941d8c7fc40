//! Board games of two players who take turns.
//!
//! The file of a game has its rules, `Rules`. This file makes the environment of them. The opponent of evaluations
//! looks some plies ahead (`alpha_beta`) or plays perfectly (`perfect`). A step's reward is that of the player who
//! moved: 1 for a win, else 0. A draw ends with 0.

use serde::{Deserialize, Serialize};

use crate::environment::{Description, Environment, RestoreError, Step, StepError};
use crate::episode::Episode;
use crate::examination::Position;
use crate::saved_state::{decode_state, encode_state};
use crate::tabular::Solver;

mod alpha_beta;
pub mod connect4;
mod grid;
mod lines;
pub mod pawns;
mod perfect;
mod position;
mod rules;
mod score;
mod solution;
pub mod tictactoe;

use alpha_beta::AlphaBeta;
use perfect::Perfect;
use rules::{Outcome, Rules};

/// The environment of a game.
#[derive(Clone, Debug)]
struct BoardEnvironment<R: Rules> {
    description: Description,
    rules: R,
    opponent: Opponent<R>,
    state: State<R::Position>,
}

/// The opponent of evaluations.
#[derive(Clone, Debug)]
enum Opponent<R: Rules> {
    AlphaBeta(AlphaBeta),
    Perfect(Perfect<R>),
}

#[derive(Clone, Copy, Debug, Serialize, Deserialize)]
struct State<P> {
    position: P,
    /// Seed of the episode, from which the opponent's random choices come.
    seed: u64,
    episode: Episode,
}

impl<P: Copy + PartialEq> State<P> {
    /// What is wrong with a restored state. Some unreachable positions pass, but they can be played.
    fn fault<R: Rules<Position = P>>(&self, rules: &R) -> Option<&'static str> {
        let (position, over) = (&self.position, self.episode.is_over());
        let has_not_begun = over && *position == rules.start();
        rules.fault(position, self.episode.steps()).or_else(|| {
            let is_wrong = over != rules.is_over(position) && !has_not_begun;
            is_wrong.then_some("the game ended too early or too late")
        })
    }
}

impl<R: Rules> Opponent<R> {
    /// The opponent that looks so many plies ahead.
    fn alpha_beta(depth: u32) -> Self {
        Self::AlphaBeta(AlphaBeta { depth })
    }
}

impl<R: Rules> BoardEnvironment<R> {
    /// Operations of a step without those of the rules: two checks before the step; end 1; reward 1; step count and flag
    /// 2.
    const OPERATIONS: u64 = 6;

    /// The environment before its first episode.
    fn new(rules: R, opponent: Opponent<R>) -> Self {
        let description = Description {
            num_players: 2,
            operations_per_step: Self::OPERATIONS + rules.operations(),
            events: Description::named(R::EVENTS),
            is_solved: matches!(opponent, Opponent::Perfect(_)),
            ..Description::new(R::NAME, rules.observation_shape(), rules.num_actions())
        };
        let state = State { position: rules.start(), seed: 0, episode: Episode::default() };
        Self { description, rules, opponent, state }
    }
}

impl<R: Rules> Environment for BoardEnvironment<R> {
    fn description(&self) -> &Description {
        &self.description
    }

    fn reset(&mut self, seed: u64) {
        self.state = State { position: self.rules.start(), seed, episode: Episode::begin() };
    }

    fn step(&mut self, action: usize) -> Result<Step, StepError> {
        let State { position, episode, .. } = &mut self.state;
        episode.check(action, &self.description)?;
        let play = self.rules.play(position, action);
        let (next, outcome) = play.ok_or(StepError::IllegalAction { action })?;
        let events = self.rules.events(position, action);
        *position = next;
        let terminated = outcome != Outcome::GoesOn;
        let truncated = episode.advance(terminated, &self.description);
        let reward = f32::from(outcome == Outcome::Won);
        Ok(Step { events, ..Step::new(reward, terminated, truncated) })
    }

    fn observe(&self, observation: &mut [f32]) {
        // Known when this is compiled, if the shape is: it makes drawing faster.
        let numbers = self.rules.observation_shape().iter().product::<usize>();
        assert_eq!(observation.len(), numbers, "numbers of an observation");
        self.rules.draw(&self.state.position, observation);
    }

    fn legal_actions(&self, legal: &mut [bool]) {
        let State { position, episode, .. } = &self.state;
        for (action, legal) in legal.iter_mut().enumerate() {
            *legal = !episode.is_over() && self.rules.is_legal(position, action);
        }
    }

    fn to_play(&self) -> usize {
        self.rules.to_play(&self.state.position)
    }

    fn opponent_action(&self) -> Option<usize> {
        let State { position, seed, episode } = &self.state;
        if episode.is_over() {
            return None;
        }
        match &self.opponent {
            Opponent::AlphaBeta(it) => it.choose(&self.rules, position, episode.steps(), *seed),
            Opponent::Perfect(it) => it.choose(position, episode.steps(), *seed),
        }
    }

    fn save(&self) -> Vec<u8> {
        encode_state(R::TAG, &self.state)
    }

    fn restore(&mut self, state: &[u8]) -> Result<(), RestoreError> {
        self.state = decode(&self.rules, state)?;
        Ok(())
    }

    fn clone_box(&self) -> Box<dyn Environment> {
        Box::new(self.clone())
    }

    fn simulator(&self, seed: u64) -> Option<Box<dyn Environment>> {
        Some(Box::new(Self { state: State { seed, ..self.state }, ..self.clone() }))
    }

    fn solver(&self) -> Option<&dyn Solver> {
        match &self.opponent {
            Opponent::AlphaBeta(_) => None,
            Opponent::Perfect(perfect) => Some(perfect),
        }
    }

    /// Those of a game with a perfect opponent. A position does not tell the time: they are the same at every time that a
    /// game can have, and each is saved at the earliest one at which it can be reached.
    fn positions(&self, time: u32) -> Vec<Position> {
        match &self.opponent {
            Opponent::Perfect(perfect) if time < self.rules.most_plies() => perfect.positions(),
            Opponent::Perfect(_) | Opponent::AlphaBeta(_) => Vec::new(),
        }
    }
}

/// Reads a state that [`Environment::save`] wrote.
fn decode<R: Rules>(rules: &R, saved: &[u8]) -> Result<State<R::Position>, RestoreError> {
    decode_state(R::TAG, saved, |state: &State<R::Position>| state.fault(rules))
}
