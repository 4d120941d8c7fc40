//! What swims across the board in Seaquest: divers, fish, enemy submarines.

use rand::{Rng, RngExt};
use serde::{Deserialize, Serialize};

use super::shots::Shots;
use super::{DEEPEST, SURFACE};
use crate::minatar::Outcome;
use crate::minatar::board::{Cell, Traveller};

/// Steps that a submarine waits between two shots.
const RELOAD: u8 = 10;

/// What crosses the board, a cell at a time with rests between.
#[derive(Clone, Copy, Debug, Serialize, Deserialize)]
pub(super) struct Swimmer {
    pub(super) row: i8,
    pub(super) body: Traveller,
    /// Steps before the one in which it moves.
    rest: u8,
}

impl Swimmer {
    /// At the side, in one of the rows below the surface.
    pub(super) fn enter<R: Rng>(rightward: bool, rest: u8, random: &mut R) -> Self {
        let row = random.random_range(SURFACE + 1..=DEEPEST);
        Self { row, body: Traveller::enter(rightward), rest }
    }

    pub(super) fn cell(&self) -> Cell {
        self.body.at(self.row)
    }

    /// Moves it if it has rested; whether it moved.
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

    /// Moves an enemy, which may run into the player or a shot; whether it is still there.
    pub(super) fn attack(
        &mut self,
        pause: u8,
        player: Cell,
        shots: &mut Shots,
        outcome: &mut Outcome,
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
    /// Steps before the one in which it shoots.
    reload: u8,
}

impl Submarine {
    pub(super) fn new(swimmer: Swimmer) -> Self {
        Self { swimmer, reload: RELOAD }
    }

    /// Shoots if it has reloaded, be it in the step in which it is itself shot.
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
