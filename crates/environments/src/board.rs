//! Games of two players who take turns in putting stones on a board, until one has so many in a line or the
//! board is full.
//!
//! A game is a file with its rules, a [`Game`]: where the stone of an action comes to rest. This file makes an
//! environment of it. The observation is that of AlphaZero (Silver et al. 2018, table S1) without history,
//! `[3, H, W]` from the viewpoint of the player to move: own stones, the other's stones, and a plane of ones
//! where the first player is to move. The first row is the top one. A step's reward is that of the player who
//! made the move: 1 if it won, else 0; a draw ends with 0.

use std::fmt::Debug;

use serde::{Deserialize, Serialize};

use crate::environment::{Description, Environment, RestoreError, Step, StepError};
use crate::episode::Episode;
use crate::saved;

mod alpha_beta;
pub mod connect4;
mod grid;
mod position;
pub mod tictactoe;

use alpha_beta::AlphaBeta;
use grid::Grid;
use position::Position;

/// The rules of a game. Cells are bits of a word, as [`Grid`] orders them.
trait Game: Clone + Debug + Send + 'static {
    /// Its registered name.
    const NAME: &'static str;
    /// What its saved states are tagged with: its name and the version of their layout.
    const TAG: &'static str;
    /// [`Description::operations_per_step`] of [`place`](Self::place) alone.
    const OPERATIONS: u64;

    /// The board, and what wins on it.
    fn grid(&self) -> Grid;

    /// `A`: how many actions there are.
    fn num_actions(&self) -> usize;

    /// The cell where the stone of `action` comes to rest; `None` if the action is illegal. `action` is one of
    /// `0..num_actions`.
    fn place(&self, occupied: u64, action: usize) -> Option<u64>;

    /// Whether some order of moves occupies exactly these cells of the grid.
    fn can_occupy(&self, cells: u64) -> bool;
}

/// A game as an environment.
#[derive(Clone, Debug)]
struct Board<G: Game> {
    description: Description,
    game: G,
    opponent: AlphaBeta,
    state: State,
}

#[derive(Clone, Copy, Debug, Default, Serialize, Deserialize)]
struct State {
    position: Position,
    /// Of the episode: what the opponent leaves to chance comes from it.
    seed: u64,
    episode: Episode,
}

impl State {
    /// What is wrong with a restored state, in `game`. Some positions that no order of moves leads to are let
    /// pass; they can be played.
    fn fault<G: Game>(&self, game: &G) -> Option<&'static str> {
        let (grid, position, over) = (game.grid(), &self.position, self.episode.is_over());
        let occupied = position.occupied();
        let is_full = position.stones() == grid.size();
        if !position.is_of_turns() || self.episode.steps() != position.stones() {
            Some("the stones are not those of players who take turns")
        } else if occupied & !grid.cells() != 0 || !game.can_occupy(occupied) {
            Some("a stone is where it cannot be")
        } else if grid.has_line(position.own) {
            Some("the game went on after it was won")
        } else if over != (is_full || grid.has_line(position.other)) && (!over || occupied != 0) {
            Some("the game ended too early or too late")
        } else {
            None
        }
    }
}

impl<G: Game> Board<G> {
    /// Operations around the placing of a stone: two checks before the step; occupied cells 1, own stones with it 1;
    /// turn 2; full board 4, end 1; reward 1; step count and flag 2.
    const OPERATIONS: u64 = 14;

    /// The environment before its first episode. The opponent of evaluations looks `opponent_depth` plies ahead.
    fn new(game: G, opponent_depth: u32) -> Self {
        let grid = game.grid();
        let description = Description {
            name: G::NAME.to_owned(),
            observation_shape: vec![3, grid.rows(), grid.columns()],
            frames: 1,
            observation_range: (0.0, 1.0),
            num_actions: game.num_actions(),
            num_players: 2,
            max_episode_steps: None,
            operations_per_step: Self::OPERATIONS + G::OPERATIONS + grid.line_operations(),
        };
        let opponent = AlphaBeta { depth: opponent_depth };
        Self { description, game, opponent, state: State::default() }
    }
}

impl<G: Game> Environment for Board<G> {
    fn description(&self) -> &Description {
        &self.description
    }

    fn reset(&mut self, seed: u64) {
        self.state = State { position: Position::default(), seed, episode: Episode::begin() };
    }

    fn step(&mut self, action: usize) -> Result<Step, StepError> {
        let State { position, episode, .. } = &mut self.state;
        episode.check(action, &self.description)?;
        let stone = self.game.place(position.occupied(), action);
        let stone = stone.ok_or(StepError::IllegalAction { action })?;
        let grid = self.game.grid();
        let won = grid.has_line(position.own | stone);
        *position = position.after(stone);
        let terminated = won || position.stones() == grid.size();
        let truncated = episode.advance(terminated, &self.description);
        Ok(Step::honest(f32::from(won), terminated, truncated))
    }

    fn observe(&self, observation: &mut [f32]) {
        let (grid, position) = (self.game.grid(), &self.state.position);
        let cells = grid.size() as usize;
        assert_eq!(observation.len(), 3 * cells, "numbers of an observation");
        let (own, rest) = observation.split_at_mut(cells);
        let (other, turn) = rest.split_at_mut(cells);
        grid.draw(position.own, own);
        grid.draw(position.other, other);
        turn.fill(if self.to_play() == 0 { 1.0 } else { 0.0 });
    }

    fn legal_actions(&self, legal: &mut [bool]) {
        let (occupied, over) = (self.state.position.occupied(), self.state.episode.is_over());
        for (action, legal) in legal.iter_mut().enumerate() {
            *legal = !over && self.game.place(occupied, action).is_some();
        }
    }

    fn to_play(&self) -> usize {
        self.state.position.to_play()
    }

    fn opponent_action(&self) -> Option<usize> {
        let State { position, seed, episode } = self.state;
        if episode.is_over() { None } else { self.opponent.choose(&self.game, position, seed) }
    }

    fn save(&self) -> Vec<u8> {
        saved::encode(G::TAG, &self.state)
    }

    fn restore(&mut self, state: &[u8]) -> Result<(), RestoreError> {
        self.state = saved::decode(G::TAG, state, |state: &State| state.fault(&self.game))?;
        Ok(())
    }

    fn clone_box(&self) -> Box<dyn Environment> {
        Box::new(self.clone())
    }

    fn simulator(&self, seed: u64) -> Option<Box<dyn Environment>> {
        Some(Box::new(Self { state: State { seed, ..self.state }, ..self.clone() }))
    }
}
