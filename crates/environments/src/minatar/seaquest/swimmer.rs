//! Divers, fish and enemy submarines, which swim across the board in Seaquest.

use rand::{Rng, RngExt};
use serde::{Deserialize, Serialize};

use super::shots::Shots;
use super::{DEEPEST, SURFACE};
use crate::minatar::GameStep;
use crate::minatar::board::{BoardCell, RowMover};

/// Steps between two shots of a submarine.
const RELOAD: u8 = 10;

/// A diver, fish or submarine. It moves by one cell and then rests for some steps.
#[derive(Clone, Copy, Debug, Serialize, Deserialize)]
pub(super) struct Swimmer {
    pub(super) row: i8,
    pub(super) body: RowMover,
    /// Steps until its next move.
    rest: u8,
}

impl Swimmer {
    /// A swimmer at the side of the board, in a random row below the surface.
    pub(super) fn enter<R: Rng>(rightward: bool, rest: u8, random: &mut R) -> Self {
        let row = random.random_range(SURFACE + 1..=DEEPEST);
        Self { row, body: RowMover::enter(rightward), rest }
    }

    pub(super) fn cell(&self) -> BoardCell {
        self.body.at(self.row)
    }

    /// Moves it if it has rested. Returns whether it moved.
    pub(super) fn swim(&mut self, pause: u8) -> bool {
        let moves = self.rest == 0;
        if moves {
            self.rest = pause;
            self.body.advance();
        } else {
            self.rest -= 1;
        }
        moves
    }

    /// Moves an enemy and handles its contact with the player or a shot. Returns whether it remains.
    pub(super) fn attack(
        &mut self,
        pause: u8,
        player: BoardCell,
        shots: &mut Shots,
        outcome: &mut GameStep,
    ) -> bool {
        outcome.terminated |= self.cell() == player;
        if !self.swim(pause) {
            return true;
        }
        if !self.body.is_on_board() {
            return false;
        }
        if self.cell() == player {
            outcome.terminated = true;
            return true;
        }
        let shot = shots.take(self.cell());
        outcome.reward += u32::from(shot);
        !shot
    }

    pub(super) fn is_possible(&self) -> bool {
        self.body.is_on_board() && (SURFACE + 1..=DEEPEST).contains(&self.row)
    }
}

/// An enemy submarine.
#[derive(Clone, Copy, Debug, Serialize, Deserialize)]
pub(super) struct Submarine {
    pub(super) swimmer: Swimmer,
    /// Steps until its next shot.
    reload: u8,
}

impl Submarine {
    pub(super) fn new(swimmer: Swimmer) -> Self {
        Self { swimmer, reload: RELOAD }
    }

    /// Shoots if it has reloaded, even in the step in which it is hit.
    pub(super) fn shoot(&mut self, shots: &mut Shots) {
        if self.reload > 0 {
            self.reload -= 1;
            return;
        }
        self.reload = RELOAD;
        if self.swimmer.body.is_on_board() {
            shots.add(self.swimmer.cell(), self.swimmer.body.rightward);
        }
    }
}
