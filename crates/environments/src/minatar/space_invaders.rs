//! MinAtar Space Invaders: a cannon shoots at a block of aliens, which shoot back. Each alien is worth 1.
//!
//! The aliens move sideways, and down a row at a wall. The fewer they are, the faster they move. A cleared
//! wave is followed by the next, which is faster with the difficulty ramp. The episode ends when a shot or an
//! alien hits the cannon, or the aliens move down from the last row. The game has no randomness.

use rand::Rng;
use serde::{Deserialize, Serialize};

use super::board::{BoardCell, CellSet, LAST};
use super::settings::settings;
use super::{Action, GameStep, MinAtarGame, Plane};

settings!(
    SpaceInvaders,
    "minatar/space_invaders",
    "shoot aliens, +1 each, before they land or hit the cannon (MinAtar)",
    /// Whether a faster wave follows each of the first six cleared waves.
    difficulty_ramping
);

const CANNON_ROW: i8 = LAST;
const START: i8 = 5;
const WAVE: CellSet = CellSet::block(0..4, 2..8);
const FIRST_COLUMN: CellSet = CellSet::column(0);
const LAST_COLUMN: CellSet = CellSet::column(LAST);
const LAST_ROW: CellSet = CellSet::row(LAST);
/// Steps between two shots of the cannon.
const RELOAD: u8 = 5;
/// Steps between two shots of the aliens.
const ALIEN_RELOAD: u8 = 10;
/// Greatest number of steps between two moves of the first wave; one less with each level.
const MARCH: u8 = 12;
const HARDEST: u8 = 6;

/// The game. Planes of an observation: the cannon, the aliens, the aliens again if they march left, and if
/// they march right, the cannon's shots, the aliens' shots.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct SpaceInvaders {
    /// Column of the cannon.
    cannon: i8,
    aliens: CellSet,
    rightward: bool,
    /// The cannon's shots.
    rising: CellSet,
    /// The aliens' shots.
    falling: CellSet,
    /// Steps until the cannon can shoot.
    reload: u8,
    /// Steps until an alien shoots.
    alien_reload: u8,
    /// Steps until the aliens move.
    march: u8,
    /// The level of difficulty, from 0.
    level: u8,
}

impl MinAtarGame for SpaceInvaders {
    type Settings = Settings;

    const TAG: &'static str = "minatar/space_invaders 1";
    const CHANNELS: usize = 6;
    const MINIMAL_ACTIONS: &'static [Action] =
        &[Action::Noop, Action::Left, Action::Right, Action::Fire];
    // Cannon 3; shots 5, one hits it 4; an alien hits it 4, march 1, in one step of eight 25: 3; alien's shot
    // 1, in one step of ten 60: 6; hits 6; reward 1, timers 5, wave 1.
    const OPERATIONS: u64 = 40;

    fn start<R: Rng>(_: &Settings, _: &mut R) -> Self {
        Self {
            cannon: START,
            aliens: WAVE,
            rightward: false,
            rising: CellSet::default(),
            falling: CellSet::default(),
            reload: 0,
            alien_reload: ALIEN_RELOAD,
            march: MARCH,
            level: 0,
        }
    }

    fn act<R: Rng>(&mut self, action: Action, settings: &Settings, _: &mut R) -> GameStep {
        if action == Action::Fire && self.reload == 0 {
            self.rising.insert(self.cannon_cell());
            self.reload = RELOAD;
        }
        self.cannon = self.cannon_cell().walk(action, CANNON_ROW..=CANNON_ROW).column;
        self.rising = self.rising.up();
        self.falling = self.falling.down();
        let mut terminated = self.falling.contains(self.cannon_cell());
        terminated |= self.aliens.contains(self.cannon_cell());
        if self.march == 0 {
            self.march = (self.aliens.len() as u8).min(MARCH - self.level);
            terminated |= self.move_aliens();
            terminated |= self.aliens.contains(self.cannon_cell());
        }
        if self.alien_reload == 0 {
            self.alien_reload = ALIEN_RELOAD;
            self.shoot_back();
        }
        let hit = self.aliens.and(self.rising);
        self.aliens = self.aliens.without(hit);
        self.rising = self.rising.without(hit);
        self.reload = self.reload.saturating_sub(1);
        self.alien_reload -= 1;
        self.march -= 1;
        if self.aliens.is_empty() {
            self.aliens = WAVE;
            self.level += u8::from(settings.difficulty_ramping && self.level < HARDEST);
        }
        GameStep { reward: hit.len(), terminated }
    }

    fn observe(&self, planes: &mut [Plane]) {
        self.cannon_cell().draw(&mut planes[0]);
        self.aliens.draw(&mut planes[1]);
        self.aliens.draw(&mut planes[if self.rightward { 3 } else { 2 }]);
        self.rising.draw(&mut planes[4]);
        self.falling.draw(&mut planes[5]);
    }

    fn fault(&self, _: bool) -> Option<&'static str> {
        let on_board = self.cannon_cell().is_on_board()
            && [self.aliens, self.rising, self.falling].into_iter().all(CellSet::is_possible);
        let possible = on_board && !self.aliens.is_empty() && self.level <= HARDEST;
        (!possible).then_some("a piece or the level is off its scale")
    }
}

impl SpaceInvaders {
    fn cannon_cell(&self) -> BoardCell {
        BoardCell { column: self.cannon, row: CANNON_ROW }
    }

    /// Moves the aliens sideways, or down at a wall. Returns whether they landed. Those that move down from
    /// the last row appear in the first one, as in the package, and the game is over.
    fn move_aliens(&mut self) -> bool {
        let wall = if self.rightward { LAST_COLUMN } else { FIRST_COLUMN };
        if self.aliens.and(wall).is_empty() {
            self.aliens = self.aliens.sideways(self.rightward);
            return false;
        }
        self.rightward = !self.rightward;
        let landed = self.aliens.and(LAST_ROW);
        let again = (0..LAST).fold(landed, |cells, _| cells.up());
        self.aliens = self.aliens.down().or(again);
        !landed.is_empty()
    }

    /// The lowest alien of the column nearest to the cannon, the left one of two, shoots.
    fn shoot_back(&mut self) {
        let columns = (0..=LAST).flat_map(|distance| {
            [self.cannon - distance, self.cannon + distance]
                .map(|column| BoardCell { column, row: 0 })
        });
        let aliens = self.aliens;
        let lowest = columns
            .filter(|cell| cell.is_on_board())
            .find_map(|cell| aliens.and(CellSet::column(cell.column)).last());
        if let Some(alien) = lowest {
            self.falling.insert(alien);
        }
    }
}
