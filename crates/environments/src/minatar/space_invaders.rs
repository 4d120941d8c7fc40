//! MinAtar Space Invaders: a cannon below, a block of aliens above that shoots back; +1 for each alien shot.
//!
//! The aliens march sideways, down a row at a wall, and the faster the fewer they are. A cleared wave is
//! followed by the next, with the ramp a faster one. The episode ends when a shot or an alien hits the cannon
//! or the aliens march on from the last row. Nothing in this game is left to chance.

use rand::Rng;
use serde::{Deserialize, Serialize};

use super::board::{Cell, Cells, LAST};
use super::settings::settings;
use super::{Action, Game, Outcome, Plane};

settings!(
    SpaceInvaders,
    "minatar/space_invaders",
    "shoot aliens, +1 each, before they land or hit the cannon (MinAtar)",
    /// Whether each of the first six waves that are cleared is followed by a faster one.
    difficulty_ramping
);

const CANNON_ROW: i8 = LAST;
const START: i8 = 5;
const WAVE: Cells = Cells::block(0..4, 2..8);
const FIRST_COLUMN: Cells = Cells::column(0);
const LAST_COLUMN: Cells = Cells::column(LAST);
const LAST_ROW: Cells = Cells::row(LAST);
/// Steps from one shot of the cannon to the next.
const RELOAD: u8 = 5;
/// Steps from one shot of the aliens to the next.
const ALIEN_RELOAD: u8 = 10;
/// Steps from one move of a large first wave to the next; one less with each level.
const MARCH: u8 = 12;
const HARDEST: u8 = 6;

/// The game. Planes of an observation: the cannon, the aliens, the aliens again if they march left, and if
/// they march right, the cannon's shots, the aliens' shots.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct SpaceInvaders {
    /// Column of the cannon.
    cannon: i8,
    aliens: Cells,
    rightward: bool,
    /// The cannon's shots.
    rising: Cells,
    /// The aliens' shots.
    falling: Cells,
    /// Steps before the one in which the cannon can shoot.
    reload: u8,
    /// Steps before the one in which an alien shoots.
    alien_reload: u8,
    /// Steps before the one in which the aliens move.
    march: u8,
    /// How often it has become harder.
    level: u8,
}

impl Game for SpaceInvaders {
    type Settings = Settings;

    const TAG: &'static str = "minatar/space_invaders 1";
    const CHANNELS: usize = 6;
    const MINIMAL_ACTIONS: &'static [Action] =
        &[Action::Noop, Action::Left, Action::Right, Action::Fire];
    // Cannon 3; shots 5, one hits it 4; an alien hits it 4, march 1, in one step of eight 25: 3; alien's shot 1,
    // in one step of ten 60: 6; hits 6; reward 1, timers 5, wave 1.
    const OPERATIONS: u64 = 40;

    fn start<R: Rng>(_: &mut R) -> Self {
        Self {
            cannon: START,
            aliens: WAVE,
            rightward: false,
            rising: Cells::default(),
            falling: Cells::default(),
            reload: 0,
            alien_reload: ALIEN_RELOAD,
            march: MARCH,
            level: 0,
        }
    }

    fn act<R: Rng>(&mut self, action: Action, settings: &Settings, _: &mut R) -> Outcome {
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
            terminated |= self.march_on();
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
        Outcome { reward: hit.len(), terminated }
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
            && [self.aliens, self.rising, self.falling].into_iter().all(Cells::is_possible);
        let possible = on_board && !self.aliens.is_empty() && self.level <= HARDEST;
        (!possible).then_some("a piece or the level is off its scale")
    }
}

impl SpaceInvaders {
    fn cannon_cell(&self) -> Cell {
        Cell { column: self.cannon, row: CANNON_ROW }
    }

    /// Moves the aliens sideways, or at a wall down; whether they have landed. Those that march on from the
    /// last row appear in the first one, as in the package; the game is over.
    fn march_on(&mut self) -> bool {
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

    /// The lowest alien in the column next to the cannon's, the left one of two, shoots from where it is.
    fn shoot_back(&mut self) {
        let columns = (0..=LAST).flat_map(|distance| {
            [self.cannon - distance, self.cannon + distance].map(|column| Cell { column, row: 0 })
        });
        let aliens = self.aliens;
        let lowest = columns
            .filter(|cell| cell.is_on_board())
            .find_map(|cell| aliens.and(Cells::column(cell.column)).last());
        if let Some(alien) = lowest {
            self.falling.insert(alien);
        }
    }
}
