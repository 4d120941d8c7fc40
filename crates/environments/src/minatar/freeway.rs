//! MinAtar Freeway: a chicken crosses eight lanes of cars. Reaching the other side is worth 1, puts the
//! chicken back at the start and gives every car a new speed and direction. A hit by a car also puts it back.
//!
//! The episode terminates after 2501 steps, as in the package. The game has no difficulty ramp.

use rand::{Rng, RngExt};
use serde::{Deserialize, Serialize};

use super::board::{BoardCell, LAST, RowMover, SIZE};
use super::chance::one_in;
use super::settings::settings;
use super::{Action, GameStep, MinAtarGame, Plane};

settings!(Freeway, "minatar/freeway", "cross a road of eight lanes, +1 each time (MinAtar)");

const LANES: usize = 8;
/// The other side.
const GOAL: i8 = 0;
const START: i8 = LAST;
const CHICKEN_COLUMN: i8 = 4;
/// Steps between two moves of the chicken.
const STRIDE: u8 = 3;
const LENGTH: u16 = 2501;
/// Steps for which the slowest car stands still between two moves.
const SLOWEST: u8 = 5;

/// The game. Planes of an observation: the chicken, the cars, then for each speed, the fastest first, the
/// cells behind the cars of that speed.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Freeway {
    /// Row of the chicken.
    chicken: i8,
    /// Steps until the chicken can move again.
    rest: u8,
    /// Steps until the end.
    remaining: u16,
    /// The car in each row below the goal.
    cars: [Car; LANES],
}

#[derive(Clone, Copy, Debug, Serialize, Deserialize)]
struct Car {
    body: RowMover,
    /// Steps for which it stands still between two moves, 1 to [`SLOWEST`].
    pause: u8,
    /// Steps until its next move.
    wait: u8,
}

impl MinAtarGame for Freeway {
    type Settings = Settings;

    const TAG: &'static str = "minatar/freeway 1";
    const CHANNELS: usize = 7;
    const MINIMAL_ACTIONS: &'static [Action] = &[Action::Noop, Action::Up, Action::Down];
    // Chicken 4, goal 1; 8 cars of 5; reward 1, rest 2, end 2. New speeds and directions are too rare to
    // count.
    const OPERATIONS: u64 = 50;

    fn start<R: Rng>(_: &Settings, random: &mut R) -> Self {
        let body = RowMover { column: 0, rightward: true };
        let cars = [Car { body, pause: 1, wait: 1 }; LANES];
        let mut game = Self { chicken: START, rest: STRIDE, remaining: LENGTH, cars };
        game.change_traffic(random);
        game
    }

    fn act<R: Rng>(&mut self, action: Action, _: &Settings, random: &mut R) -> GameStep {
        if self.rest == 0 && matches!(action, Action::Up | Action::Down) {
            self.chicken = self.chicken_cell().walk(action, GOAL..=START).row;
            self.rest = STRIDE;
        }
        let crossed = self.chicken == GOAL;
        if crossed {
            self.chicken = START;
            self.change_traffic(random);
        }
        let lane = (self.chicken - GOAL - 1) as usize;
        for (index, car) in self.cars.iter_mut().enumerate() {
            let hit_before = car.body.column == CHICKEN_COLUMN;
            car.drive();
            if index == lane && (hit_before || car.body.column == CHICKEN_COLUMN) {
                self.chicken = START;
            }
        }
        self.rest = self.rest.saturating_sub(1);
        self.remaining -= 1;
        GameStep { reward: u32::from(crossed), terminated: self.remaining == 0 }
    }

    fn observe(&self, planes: &mut [Plane]) {
        self.chicken_cell().draw(&mut planes[0]);
        for (row, car) in (GOAL + 1..).zip(self.cars) {
            car.body.at(row).draw(&mut planes[1]);
            let column = wrap(car.body.behind(row).column);
            BoardCell { column, row }.draw(&mut planes[1 + usize::from(car.pause)]);
        }
    }

    fn fault(&self, over: bool) -> Option<&'static str> {
        let chicken = (GOAL + 1..=START).contains(&self.chicken);
        let cars = self.cars.iter().all(|car| {
            car.body.is_on_board() && (1..=SLOWEST).contains(&car.pause) && car.wait <= SLOWEST
        });
        let time = over || self.remaining > 0;
        (!(chicken && cars && time)).then_some("the chicken, a car or the clock is off its scale")
    }
}

impl Freeway {
    fn chicken_cell(&self) -> BoardCell {
        BoardCell { column: CHICKEN_COLUMN, row: self.chicken }
    }

    /// Draws a new speed and direction for every car: first all speeds, then all directions.
    fn change_traffic<R: Rng>(&mut self, random: &mut R) {
        for car in &mut self.cars {
            car.pause = random.random_range(1..=SLOWEST);
            car.wait = car.pause;
        }
        for car in &mut self.cars {
            car.body.rightward = one_in(2, random);
        }
    }
}

impl Car {
    fn drive(&mut self) {
        if self.wait == 0 {
            self.wait = self.pause;
            self.body.advance();
            self.body.column = wrap(self.body.column);
        } else {
            self.wait -= 1;
        }
    }
}

/// The column modulo the width: a car that leaves on one side comes back on the other.
fn wrap(column: i8) -> i8 {
    column.rem_euclid(SIZE as i8)
}
