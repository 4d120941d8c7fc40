//! Games in which players place stones until one has a line of a given length or the board is full.
//!
//! The file of a game says where the stone of an action is placed. This file has the rest of the rules. The observation
//! is that of AlphaZero (Silver et al. 2018, table S1) without history: `[3, H, W]` from the viewpoint of the player to
//! move, the top row first. The planes are the player's own stones, the opponent's stones, and ones if the first player
//! is to move, else zeros.

use std::fmt::Debug;

use super::grid::Grid;
use super::position::Position;
use super::rules::{Outcome, Rules};

/// Where stones are placed. Cells are bits of an integer, in the order of [`Grid`].
pub(super) trait LineGame: Clone + Debug + Send + Sync + 'static {
    /// The registered name.
    const NAME: &'static str;
    /// The tag of saved states: the name and the version of the layout.
    const TAG: &'static str;
    /// [`Description::operations_per_step`](crate::Description::operations_per_step) of [`place`](Self::place) alone.
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

impl<G: LineGame> Rules for G {
    type Position = Position;

    const NAME: &'static str = <G as LineGame>::NAME;
    const TAG: &'static str = <G as LineGame>::TAG;

    /// Beside [`LineGame::place`] and lines: occupied cells 1, own stones with the new one 1; turn 2; full board 4.
    fn operations(&self) -> u64 {
        8 + G::OPERATIONS + self.grid().line_operations()
    }

    fn observation_shape(&self) -> [usize; 3] {
        [3, self.grid().rows(), self.grid().columns()]
    }

    fn num_actions(&self) -> usize {
        LineGame::num_actions(self)
    }

    fn most_plies(&self) -> u32 {
        self.grid().size()
    }

    fn start(&self) -> Position {
        Position::default()
    }

    #[inline]
    fn to_play(&self, position: &Position) -> usize {
        position.to_play()
    }

    #[inline]
    fn is_legal(&self, position: &Position, action: usize) -> bool {
        self.place(position.occupied(), action).is_some()
    }

    #[inline]
    fn play(&self, position: &Position, action: usize) -> Option<(Position, Outcome)> {
        let stone = self.place(position.occupied(), action)?;
        let (grid, next) = (self.grid(), position.after(stone));
        let outcome = match (grid.has_line(next.other), next.stones() == grid.size()) {
            (true, _) => Outcome::Won,
            (false, true) => Outcome::Drawn,
            (false, false) => Outcome::GoesOn,
        };
        Some((next, outcome))
    }

    #[inline]
    fn draw(&self, position: &Position, observation: &mut [f32]) {
        let grid = self.grid();
        let cells = grid.size() as usize;
        let (own, rest) = observation.split_at_mut(cells);
        let (other, turn) = rest.split_at_mut(cells);
        grid.draw(position.own, own);
        grid.draw(position.other, other);
        turn.fill(if position.to_play() == 0 { 1.0 } else { 0.0 });
    }

    fn is_over(&self, position: &Position) -> bool {
        position.stones() == self.grid().size() || self.grid().has_line(position.other)
    }

    fn fault(&self, position: &Position, plies: u32) -> Option<&'static str> {
        let (grid, occupied) = (self.grid(), position.occupied());
        if !position.is_of_turns() || plies != position.stones() {
            Some("the stones are not those of players who take turns")
        } else if occupied & !grid.cells() != 0 || !self.can_occupy(occupied) {
            Some("a stone is where it cannot be")
        } else if grid.has_line(position.own) {
            Some("the game went on after it was won")
        } else {
            None
        }
    }
}
