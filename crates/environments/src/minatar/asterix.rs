//! MinAtar Asterix: enemies and treasure cross the board along eight rows; +1 for each treasure caught, and
//! touching an enemy ends the episode.
//!
//! Every few steps something enters a free row from the left or the right, one time in three treasure. With
//! the ramp they enter more often and move more often as the episode goes on.

use rand::{Rng, RngExt};
use serde::{Deserialize, Serialize};

use super::board::{Cell, LAST, Traveller};
use super::chance::one_in;
use super::settings::settings;
use super::{Action, Game, Outcome, Plane};

settings!(
    Asterix,
    "minatar/asterix",
    "catch treasure, +1 each, and avoid enemies that cross the board (MinAtar)",
    /// Whether enemies and treasure come and move more often as the episode goes on: nine times harder, once
    /// every 102 steps.
    difficulty_ramping
);

/// The row above those where things cross.
const SKY: i8 = 0;
const ROWS: usize = 8;
const START: Cell = Cell { column: 5, row: 5 };
/// Steps from one entrance to the next; one less with each level.
const ENTRANCE_INTERVAL: u8 = 10;
/// Steps from one movement to the next; one less with every second level.
const MOVEMENT_INTERVAL: u8 = 5;
/// Steps between two that make the game harder.
const RAMP_INTERVAL: u8 = 101;
/// The level at which things enter and move in every step.
const HARDEST: u8 = 9;

/// The game. Planes of an observation: the player, enemies, trails (the cell behind each that crosses),
/// treasure.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Asterix {
    player: Cell,
    /// What is in each row below the sky.
    rows: [Option<Item>; ROWS],
    /// Steps before the one in which something enters.
    entrance: u8,
    /// Steps before the one in which everything moves.
    movement: u8,
    /// Steps before the one that makes the game harder.
    ramp: u8,
    /// How often it has become harder.
    level: u8,
}

/// What crosses the board.
#[derive(Clone, Copy, Debug, Serialize, Deserialize)]
struct Item {
    body: Traveller,
    treasure: bool,
}

impl Game for Asterix {
    type Settings = Settings;

    const TAG: &'static str = "minatar/asterix 1";
    const CHANNELS: usize = 4;
    const MINIMAL_ACTIONS: &'static [Action] =
        &[Action::Noop, Action::Left, Action::Up, Action::Right, Action::Down];
    // Entrance 1, in one step of ten 3 draws of 25 and 30 more: 10; player 3; what it meets 5; movement 1, in
    // one step of five 4 rows of 4 and what it meets 5: 4; reward 2, timers 2, ramp 3.
    const OPERATIONS: u64 = 31;

    fn start<R: Rng>(_: &mut R) -> Self {
        Self {
            player: START,
            rows: [None; ROWS],
            entrance: ENTRANCE_INTERVAL,
            movement: MOVEMENT_INTERVAL,
            ramp: RAMP_INTERVAL,
            level: 0,
        }
    }

    fn act<R: Rng>(&mut self, action: Action, settings: &Settings, random: &mut R) -> Outcome {
        if self.entrance == 0 {
            self.enter(random);
            self.entrance = self.entrance_interval();
        }
        self.player = self.player.walk(action, SKY + 1..=ROWS as i8);
        let mut outcome = Outcome::default();
        self.meet(&mut outcome);
        if self.movement == 0 {
            self.movement = self.movement_interval();
            self.cross();
            self.meet(&mut outcome);
        }
        self.entrance -= 1;
        self.movement -= 1;
        if settings.difficulty_ramping && self.level < HARDEST {
            self.become_harder();
        }
        outcome
    }

    fn observe(&self, planes: &mut [Plane]) {
        self.player.draw(&mut planes[0]);
        for (row, item) in (SKY + 1..).zip(self.rows) {
            let Some(Item { body, treasure }) = item else { continue };
            body.at(row).draw(&mut planes[if treasure { 3 } else { 1 }]);
            body.behind(row).draw(&mut planes[2]);
        }
    }

    fn fault(&self, _: bool) -> Option<&'static str> {
        let in_rows = self.player.is_on_board() && (SKY + 1..LAST).contains(&self.player.row);
        let on_board = self.rows.iter().flatten().all(|item| item.body.is_on_board());
        let level = self.level <= HARDEST;
        (!(in_rows && on_board && level)).then_some("a piece or the level is off its scale")
    }
}

impl Asterix {
    fn entrance_interval(&self) -> u8 {
        ENTRANCE_INTERVAL - self.level
    }

    fn movement_interval(&self) -> u8 {
        MOVEMENT_INTERVAL - self.level / 2
    }

    /// Lets something into a free row, if there is one.
    fn enter<R: Rng>(&mut self, random: &mut R) {
        let body = Traveller::enter(one_in(2, random));
        let treasure = one_in(3, random);
        let free = self.rows.iter().filter(|row| row.is_none()).count();
        if free > 0 {
            let chosen = random.random_range(0..free as u32);
            let mut free_rows = self.rows.iter_mut().filter(|row| row.is_none());
            if let Some(row) = free_rows.nth(chosen as usize) {
                *row = Some(Item { body, treasure });
            }
        }
    }

    /// The player and what is in the same cell.
    fn meet(&mut self, outcome: &mut Outcome) {
        let row = &mut self.rows[(self.player.row - SKY - 1) as usize];
        if let Some(item) = row.filter(|item| item.body.column == self.player.column) {
            if item.treasure {
                outcome.reward += 1;
                *row = None;
            } else {
                outcome.terminated = true;
            }
        }
    }

    /// Moves everything on.
    fn cross(&mut self) {
        for row in &mut self.rows {
            if let Some(item) = row {
                item.body.advance();
                if !item.body.is_on_board() {
                    *row = None;
                }
            }
        }
    }

    fn become_harder(&mut self) {
        if self.ramp == 0 {
            self.ramp = RAMP_INTERVAL;
            self.level += 1;
        } else {
            self.ramp -= 1;
        }
    }
}
