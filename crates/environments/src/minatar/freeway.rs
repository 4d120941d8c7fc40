//! MinAtar Freeway: a chicken crosses eight lanes of cars; +1 each time it reaches the other side, whereupon
//! it is back at the start and every car gets a new speed and direction; a car that hits it sends it back too.
//!
//! The episode ends after 2501 steps by the game's own rule, a termination as in the package. There is no
//! difficulty ramp in this game, so none is here.

use rand::{Rng, RngExt};
use serde::{Deserialize, Serialize};

use super::board::{Cell, LAST, SIZE, Traveller};
use super::chance::one_in;
use super::settings::settings;
use super::{Action, Game, Outcome, Plane};

settings!(Freeway, "minatar/freeway", "cross a road of eight lanes, +1 each time (MinAtar)");

const LANES: usize = 8;
/// The other side.
const GOAL: i8 = 0;
const START: i8 = LAST;
const CHICKEN_COLUMN: i8 = 4;
/// Steps from one move of the chicken to the next.
const STRIDE: u8 = 3;
const LENGTH: u16 = 2501;
/// Steps that the slowest car stands still between two moves.
const SLOWEST: u8 = 5;

/// The game. Planes of an observation: the chicken, the cars, then for each speed, the fastest first, the
/// cells behind the cars that have it.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Freeway {
    /// Row of the chicken.
    chicken: i8,
    /// Steps before the one in which the chicken can move again.
    rest: u8,
    /// Steps to the end.
    left: u16,
    /// The car in each row below the goal.
    cars: [Car; LANES],
}

#[derive(Clone, Copy, Debug, Serialize, Deserialize)]
struct Car {
    body: Traveller,
    /// Steps that it stands still between two moves, 1 to [`SLOWEST`].
    pause: u8,
    /// Steps before the one in which it moves.
    wait: u8,
}

impl Game for Freeway {
    type Settings = Settings;

    const TAG: &'static str = "minatar/freeway 1";
    const CHANNELS: usize = 7;
    const MINIMAL_ACTIONS: &'static [Action] = &[Action::Noop, Action::Up, Action::Down];
    // Chicken 4, goal 1; 8 cars of 5; reward 1, rest 2, end 2. New traffic is too rare to count.
    const OPERATIONS: u64 = 50;

    fn start<R: Rng>(random: &mut R) -> Self {
        let body = Traveller { column: 0, rightward: true };
        let cars = [Car { body, pause: 1, wait: 1 }; LANES];
        let mut game = Self { chicken: START, rest: STRIDE, left: LENGTH, cars };
        game.change_traffic(random);
        game
    }

    fn act<R: Rng>(&mut self, action: Action, _: &Settings, random: &mut R) -> Outcome {
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
        self.left -= 1;
        Outcome { reward: u32::from(crossed), terminated: self.left == 0 }
    }

    fn observe(&self, planes: &mut [Plane]) {
        self.chicken_cell().draw(&mut planes[0]);
        for (row, car) in (GOAL + 1..).zip(self.cars) {
            car.body.at(row).draw(&mut planes[1]);
            let column = around(car.body.behind(row).column);
            Cell { column, row }.draw(&mut planes[1 + usize::from(car.pause)]);
        }
    }

    fn fault(&self, over: bool) -> Option<&'static str> {
        let chicken = (GOAL + 1..=START).contains(&self.chicken);
        let cars = self.cars.iter().all(|car| {
            car.body.is_on_board() && (1..=SLOWEST).contains(&car.pause) && car.wait <= SLOWEST
        });
        let time = over || self.left > 0;
        (!(chicken && cars && time)).then_some("the chicken, a car or the clock is off its scale")
    }
}

impl Freeway {
    fn chicken_cell(&self) -> Cell {
        Cell { column: CHICKEN_COLUMN, row: self.chicken }
    }

    /// Gives every car a speed and a direction: first all speeds are drawn, then all directions.
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
            self.body.column = around(self.body.column);
        } else {
            self.wait -= 1;
        }
    }
}

/// The column on the board: who leaves it on one side comes back on the other.
fn around(column: i8) -> i8 {
    column.rem_euclid(SIZE as i8)
}
