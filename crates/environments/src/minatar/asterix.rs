//! MinAtar Asterix: enemies and treasure cross the board along eight rows. Each treasure is worth 1; touching
//! an enemy ends the episode.
//!
//! Every few steps an enemy or, with probability 1/3, a treasure enters a free row from the left or the
//! right. With the difficulty ramp they enter and move more often as the episode goes on.

use rand::{Rng, RngExt};
use serde::{Deserialize, Serialize};

use super::board::{BoardCell, LAST, RowMover};
use super::chance::one_in;
use super::settings::settings;
use super::{Action, GameStep, MinAtarGame, Plane};

settings!(
    Asterix,
    "minatar/asterix",
    "catch treasure, +1 each, and avoid enemies that cross the board (MinAtar)",
    /// Whether enemies and treasure enter and move more often as the episode goes on: every 102 steps, nine
    /// times.
    difficulty_ramping
);

/// The row above those of the items.
const TOP_ROW: i8 = 0;
const ROWS: usize = 8;
const START: BoardCell = BoardCell { column: 5, row: 5 };
/// Steps between two entrances; one less with each level.
const ENTRANCE_INTERVAL: u8 = 10;
/// Steps between two movements; one less with every second level.
const MOVEMENT_INTERVAL: u8 = 5;
/// Steps between two changes of level.
const RAMP_INTERVAL: u8 = 101;
/// The level at which items enter and move in every step.
const HARDEST: u8 = 9;

/// The game. Planes of an observation: the player, enemies, trails (the cell behind each item), treasure.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Asterix {
    player: BoardCell,
    /// The item in each row below [`TOP_ROW`].
    rows: [Option<Item>; ROWS],
    /// Steps until the next entrance.
    entrance: u8,
    /// Steps until the next movement.
    movement: u8,
    /// Steps until the next change of level.
    ramp: u8,
    /// The level of difficulty, from 0.
    level: u8,
}

/// An enemy or a treasure.
#[derive(Clone, Copy, Debug, Serialize, Deserialize)]
struct Item {
    body: RowMover,
    treasure: bool,
}

impl MinAtarGame for Asterix {
    type Settings = Settings;

    const TAG: &'static str = "minatar/asterix 1";
    const CHANNELS: usize = 4;
    const MINIMAL_ACTIONS: &'static [Action] =
        &[Action::Noop, Action::Left, Action::Up, Action::Right, Action::Down];
    // Entrance 1, and in one step of ten 3 draws of 25 and 30 more: 10; player 3; contact 5; movement 1, and
    // in one step of five 4 rows of 4 and contact 5: 4; reward 2, timers 2, ramp 3.
    const OPERATIONS: u64 = 31;

    fn start<R: Rng>(_: &Settings, _: &mut R) -> Self {
        Self {
            player: START,
            rows: [None; ROWS],
            entrance: ENTRANCE_INTERVAL,
            movement: MOVEMENT_INTERVAL,
            ramp: RAMP_INTERVAL,
            level: 0,
        }
    }

    fn act<R: Rng>(&mut self, action: Action, settings: &Settings, random: &mut R) -> GameStep {
        if self.entrance == 0 {
            self.enter(random);
            self.entrance = self.entrance_interval();
        }
        self.player = self.player.walk(action, TOP_ROW + 1..=ROWS as i8);
        let mut outcome = GameStep::default();
        self.touch(&mut outcome);
        if self.movement == 0 {
            self.movement = self.movement_interval();
            self.move_items();
            self.touch(&mut outcome);
        }
        self.entrance -= 1;
        self.movement -= 1;
        if settings.difficulty_ramping && self.level < HARDEST {
            self.advance_ramp();
        }
        outcome
    }

    fn observe(&self, planes: &mut [Plane]) {
        self.player.draw(&mut planes[0]);
        for (row, item) in (TOP_ROW + 1..).zip(self.rows) {
            let Some(Item { body, treasure }) = item else { continue };
            body.at(row).draw(&mut planes[if treasure { 3 } else { 1 }]);
            body.behind(row).draw(&mut planes[2]);
        }
    }

    fn fault(&self, _: bool) -> Option<&'static str> {
        let in_rows = self.player.is_on_board() && (TOP_ROW + 1..LAST).contains(&self.player.row);
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

    /// Adds an item in a free row, if there is one.
    fn enter<R: Rng>(&mut self, random: &mut R) {
        let body = RowMover::enter(one_in(2, random));
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

    /// Handles an item in the player's cell.
    fn touch(&mut self, outcome: &mut GameStep) {
        let row = &mut self.rows[(self.player.row - TOP_ROW - 1) as usize];
        if let Some(item) = row.filter(|item| item.body.column == self.player.column) {
            if item.treasure {
                outcome.reward += 1;
                *row = None;
            } else {
                outcome.terminated = true;
            }
        }
    }

    /// Moves all items by one column, and removes those that leave the board.
    fn move_items(&mut self) {
        for row in &mut self.rows {
            if let Some(item) = row {
                item.body.advance();
                if !item.body.is_on_board() {
                    *row = None;
                }
            }
        }
    }

    fn advance_ramp(&mut self) {
        if self.ramp == 0 {
            self.ramp = RAMP_INTERVAL;
            self.level += 1;
        } else {
            self.ramp -= 1;
        }
    }
}
