//! Board games: two players take turns in placing stones until one has a line of a given length or the
//! board is full.
//!
//! The file of a game has its rules, a `BoardGame`: where the stone of an action is placed. This file makes
//! the environment. The observation is that of AlphaZero (Silver et al. 2018, table S1) without history:
//! `[3, H, W]` from the viewpoint of the player to move, the top row first. The planes are the player's own
//! stones, the opponent's stones, and ones if the first player is to move, else zeros. A step's reward is
//! that of the player who moved: 1 for a win, else 0. A draw ends with 0.

use std::fmt::Debug;

use serde::{Deserialize, Serialize};

use crate::environment::{Description, Environment, RestoreError, Step, StepError};
use crate::episode::Episode;
use crate::saved_state::{decode_state, encode_state};

mod alpha_beta;
pub mod connect4;
mod grid;
mod position;
pub mod tictactoe;

use alpha_beta::AlphaBeta;
use grid::Grid;
use position::Position;

/// The rules of a game. Cells are bits of an integer, in the order of [`Grid`].
trait BoardGame: Clone + Debug + Send + 'static {
    /// The registered name.
    const NAME: &'static str;
    /// The tag of saved states: the name and the version of the layout.
    const TAG: &'static str;
    /// [`Description::operations_per_step`] of [`place`](Self::place) alone.
    const OPERATIONS: u64;

    /// The board, and the length of a winning line.
    fn grid(&self) -> Grid;

    /// `A`: the number of actions.
    fn num_actions(&self) -> usize;

    /// The cell where the stone of `action` is placed; `None` if the action is illegal. `action` is one of
    /// `0..num_actions`.
    fn place(&self, occupied: u64, action: usize) -> Option<u64>;

    /// Whether some sequence of moves occupies exactly these cells of the grid.
    fn can_occupy(&self, cells: u64) -> bool;
}

/// The environment of a game.
#[derive(Clone, Debug)]
struct BoardEnvironment<G: BoardGame> {
    description: Description,
    game: G,
    opponent: AlphaBeta,
    state: State,
}

#[derive(Clone, Copy, Debug, Default, Serialize, Deserialize)]
struct State {
    position: Position,
    /// Seed of the episode, from which the opponent's random choices come.
    seed: u64,
    episode: Episode,
}

impl State {
    /// What is wrong with a restored state of `game`. Some unreachable positions pass, but they can be
    /// played.
    fn fault<G: BoardGame>(&self, game: &G) -> Option<&'static str> {
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

impl<G: BoardGame> BoardEnvironment<G> {
    /// Operations of a step without [`BoardGame::place`] and lines: two checks before the step; occupied
    /// cells 1, own stones with the new one 1; turn 2; full board 4, end 1; reward 1; step count and flag 2.
    const OPERATIONS: u64 = 14;

    /// The environment before its first episode. The opponent of evaluations looks `opponent_depth` plies
    /// ahead.
    fn new(game: G, opponent_depth: u32) -> Self {
        let grid = game.grid();
        let description = Description {
            num_players: 2,
            operations_per_step: Self::OPERATIONS + G::OPERATIONS + grid.line_operations(),
            ..Description::new(G::NAME, [3, grid.rows(), grid.columns()], game.num_actions())
        };
        let opponent = AlphaBeta { depth: opponent_depth };
        Self { description, game, opponent, state: State::default() }
    }
}

impl<G: BoardGame> Environment for BoardEnvironment<G> {
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
        Ok(Step::new(f32::from(won), terminated, truncated))
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
        encode_state(G::TAG, &self.state)
    }

    fn restore(&mut self, state: &[u8]) -> Result<(), RestoreError> {
        self.state = decode_state(G::TAG, state, |state: &State| state.fault(&self.game))?;
        Ok(())
    }

    fn clone_box(&self) -> Box<dyn Environment> {
        Box::new(self.clone())
    }

    fn simulator(&self, seed: u64) -> Option<Box<dyn Environment>> {
        Some(Box::new(Self { state: State { seed, ..self.state }, ..self.clone() }))
    }
}
