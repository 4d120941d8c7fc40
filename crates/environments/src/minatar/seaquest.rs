//! MinAtar Seaquest: a submarine shoots fish and enemy submarines, +1 each, and picks up divers.
//!
//! It must surface before its oxygen is used up, with at least one diver aboard, who leaves. With six aboard
//! all leave, and each lit cell of the oxygen gauge is worth 1. The episode ends when the submarine touches
//! an enemy or a shot, when the oxygen is used up, and when it surfaces without a diver. With the difficulty
//! ramp each surfacing makes enemies come more often, and every second one makes them faster.
//!
//! As in the package, bringing up six divers leaves the count at -1. Surfacing is safe while the count is not
//! 0, and lowers it by 1; each diver picked up raises it by 1.

use arrayvec::ArrayVec;
use rand::Rng;
use serde::{Deserialize, Serialize};

use super::board::{BoardCell, CellSet, LAST, RowMover, SIZE};
use super::chance::one_in;
use super::settings::settings;
use super::{Action, GameStep, MinAtarGame, Plane};

mod shots;
mod swimmer;

use shots::Shots;
use swimmer::{Submarine, Swimmer};

settings!(
    Seaquest,
    "minatar/seaquest",
    "shoot enemies, +1 each, rescue divers and surface for air (MinAtar)",
    /// Whether each surfacing makes enemies come more often, and every second one, up to three times, makes
    /// them move more often.
    difficulty_ramping
);

const SURFACE: i8 = 0;
const DEEPEST: i8 = LAST - 1;
const GAUGE_ROW: i8 = LAST;
const START_COLUMN: i8 = 5;
const TANK: i16 = 200;
const BERTHS: i32 = 6;
/// Steps between two shots of the player.
const RELOAD: u8 = 5;
/// Steps between two arrivals of enemies; one less with each level.
const ENEMY_INTERVAL: u8 = 20;
/// Steps between two arrivals of divers.
const DIVER_INTERVAL: u8 = 30;
/// Steps for which a diver rests between two moves, and an enemy at the first level.
const PAUSE: u8 = 5;
/// The level at which an enemy arrives in every step.
const HARDEST: u8 = 19;

/// Upper bound of the enemies of one kind. On the hardest level one arrives per step and leaves after 29
/// steps; on earlier levels there are fewer.
const MOST_ENEMIES: usize = 32;
/// Upper bound of the divers: one arrives every 30 steps and leaves after 59.
const MOST_DIVERS: usize = 2;

/// The game. Planes of an observation: the submarine's front, its back, its shots, trails (the cell behind
/// each swimmer), enemy shots, fish, enemy submarines, the oxygen gauge, divers aboard, divers.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Seaquest {
    row: i8,
    body: RowMover,
    oxygen: i16,
    /// Number of divers aboard, at most [`BERTHS`]; -1 after six were brought up at once.
    aboard: i32,
    /// Whether the last step ended at the surface.
    surfaced: bool,
    /// Steps until the player can shoot.
    reload: u8,
    /// Steps until an enemy arrives.
    next_enemy: u8,
    /// Steps until a diver arrives.
    next_diver: u8,
    /// The level of difficulty, from 0.
    level: u8,
    shots: Shots,
    enemy_shots: Shots,
    // In the order of arrival: a shot hits the first of several in one cell.
    fish: ArrayVec<Swimmer, MOST_ENEMIES>,
    submarines: ArrayVec<Submarine, MOST_ENEMIES>,
    divers: ArrayVec<Swimmer, MOST_DIVERS>,
}

impl MinAtarGame for Seaquest {
    type Settings = Settings;

    const TAG: &'static str = "minatar/seaquest 1";
    const CHANNELS: usize = 10;
    const MINIMAL_ACTIONS: &'static [Action] = &Action::ALL;
    // Arrivals 2, in one step of twenty 3 draws of 25 and 15 more: 5, in one of thirty 2 draws and 5 more: 2;
    // player 4; shots 10 and enemy shots 12; two enemies and a diver of 8: 24; reward 1, timers 3, oxygen and
    // surface 5.
    const OPERATIONS: u64 = 68;

    fn start<R: Rng>(_: &Settings, _: &mut R) -> Self {
        Self {
            row: SURFACE,
            body: RowMover { column: START_COLUMN, rightward: false },
            oxygen: TANK,
            aboard: 0,
            surfaced: true,
            reload: 0,
            next_enemy: ENEMY_INTERVAL,
            next_diver: DIVER_INTERVAL,
            level: 0,
            shots: Shots::default(),
            enemy_shots: Shots::default(),
            fish: ArrayVec::new(),
            submarines: ArrayVec::new(),
            divers: ArrayVec::new(),
        }
    }

    fn act<R: Rng>(&mut self, action: Action, settings: &Settings, random: &mut R) -> GameStep {
        if self.next_enemy == 0 {
            self.next_enemy = self.enemy_interval();
            self.add_enemy(random);
        }
        if self.next_diver == 0 {
            self.next_diver = DIVER_INTERVAL;
            self.add_diver(random);
        }
        self.steer(action);
        let mut outcome = GameStep::default();
        self.move_shots(&mut outcome);
        self.move_divers();
        self.move_submarines(&mut outcome);
        self.move_enemy_shots(&mut outcome);
        self.move_fish(&mut outcome);
        self.next_enemy -= 1;
        self.next_diver -= 1;
        self.reload = self.reload.saturating_sub(1);
        self.update_oxygen(settings, &mut outcome);
        outcome
    }

    fn observe(&self, planes: &mut [Plane]) {
        self.cell().draw(&mut planes[0]);
        self.body.behind(self.row).draw(&mut planes[1]);
        self.shots.all().draw(&mut planes[2]);
        self.enemy_shots.all().draw(&mut planes[4]);
        let fish = self.fish.iter().map(|&fish| (5, fish));
        let submarines = self.submarines.iter().map(|submarine| (6, submarine.swimmer));
        let divers = self.divers.iter().map(|&diver| (9, diver));
        for (plane, Swimmer { row, body, .. }) in fish.chain(submarines).chain(divers) {
            body.at(row).draw(&mut planes[plane]);
            body.behind(row).draw(&mut planes[3]);
        }
        let gauge = |columns| CellSet::block(GAUGE_ROW..GAUGE_ROW + 1, columns);
        gauge(0..self.air() as i8).draw(&mut planes[7]);
        gauge(LAST - self.aboard.max(0) as i8..LAST).draw(&mut planes[8]);
    }

    fn fault(&self, over: bool) -> Option<&'static str> {
        let player = (SURFACE..=DEEPEST).contains(&self.row) && self.body.is_on_board();
        let pieces = self.enemies().chain(&self.divers).all(Swimmer::is_possible)
            && self.shots.all().is_possible()
            && self.enemy_shots.all().is_possible();
        let oxygen = (-1..=TANK).contains(&self.oxygen) && (over || self.oxygen >= 0);
        let aboard = self.aboard <= BERTHS && self.level <= HARDEST;
        (!(player && pieces && oxygen && aboard))
            .then_some("a piece, a gauge or the level is off its scale")
    }
}

impl Seaquest {
    fn cell(&self) -> BoardCell {
        self.body.at(self.row)
    }

    /// Number of lit cells of the oxygen gauge.
    fn air(&self) -> i16 {
        self.oxygen.max(0) * SIZE as i16 / TANK
    }

    fn enemy_interval(&self) -> u8 {
        ENEMY_INTERVAL - self.level
    }

    /// Steps for which an enemy rests between two moves.
    fn enemy_pause(&self) -> u8 {
        PAUSE - (self.level / 2).min(3)
    }

    /// Adds an enemy, unless another one swims towards it in the same row.
    fn add_enemy<R: Rng>(&mut self, random: &mut R) {
        let rightward = one_in(2, random);
        let is_submarine = one_in(3, random);
        let swimmer = Swimmer::enter(rightward, self.enemy_pause(), random);
        let blocked = self.enemies().any(|other| {
            other.row == swimmer.row && other.body.rightward != swimmer.body.rightward
        });
        // Never full, except in an unreachable restored state: then nothing is added.
        if !blocked && is_submarine {
            self.submarines.try_push(Submarine::new(swimmer)).ok();
        } else if !blocked {
            self.fish.try_push(swimmer).ok();
        }
    }

    fn enemies(&self) -> impl Iterator<Item = &Swimmer> {
        self.submarines.iter().map(|submarine| &submarine.swimmer).chain(&self.fish)
    }

    fn add_diver<R: Rng>(&mut self, random: &mut R) {
        let rightward = one_in(2, random);
        self.divers.try_push(Swimmer::enter(rightward, PAUSE, random)).ok();
    }

    fn steer(&mut self, action: Action) {
        match action {
            Action::Left => self.body.rightward = false,
            Action::Right => self.body.rightward = true,
            Action::Fire if self.reload == 0 => {
                self.shots.add(self.cell(), self.body.rightward);
                self.reload = RELOAD;
            }
            Action::Noop | Action::Up | Action::Down | Action::Fire => {}
        }
        let BoardCell { column, row } = self.cell().walk(action, SURFACE..=DEEPEST);
        self.body.column = column;
        self.row = row;
    }

    fn move_shots(&mut self, outcome: &mut GameStep) {
        self.shots.advance();
        if self.shots.all().is_empty() {
            return;
        }
        let before = self.fish.len() + self.submarines.len();
        self.fish.retain(|fish| !self.shots.take(fish.cell()));
        self.submarines.retain(|submarine| !self.shots.take(submarine.swimmer.cell()));
        outcome.reward += (before - self.fish.len() - self.submarines.len()) as u32;
    }

    fn move_divers(&mut self) {
        let player = self.cell();
        for index in (0..self.divers.len()).rev() {
            let diver = &mut self.divers[index];
            let berth = self.aboard < BERTHS;
            let met = berth && diver.cell() == player;
            let moved = !met && diver.swim(PAUSE);
            let picked_up = met || (moved && berth && diver.cell() == player);
            self.aboard += i32::from(picked_up);
            if picked_up || !diver.body.is_on_board() {
                self.divers.remove(index);
            }
        }
    }

    fn move_submarines(&mut self, outcome: &mut GameStep) {
        let (player, pause) = (self.cell(), self.enemy_pause());
        for index in (0..self.submarines.len()).rev() {
            let submarine = &mut self.submarines[index];
            let stays = submarine.swimmer.attack(pause, player, &mut self.shots, outcome);
            submarine.shoot(&mut self.enemy_shots);
            if !stays {
                self.submarines.remove(index);
            }
        }
    }

    fn move_enemy_shots(&mut self, outcome: &mut GameStep) {
        let player = self.cell();
        outcome.terminated |= self.enemy_shots.all().contains(player);
        self.enemy_shots.advance();
        outcome.terminated |= self.enemy_shots.all().contains(player);
    }

    fn move_fish(&mut self, outcome: &mut GameStep) {
        let (player, pause) = (self.cell(), self.enemy_pause());
        for index in (0..self.fish.len()).rev() {
            if !self.fish[index].attack(pause, player, &mut self.shots, outcome) {
                self.fish.remove(index);
            }
        }
    }

    /// Uses up oxygen below the surface. Surfacing is only safe if the count of divers aboard is not 0.
    fn update_oxygen(&mut self, settings: &Settings, outcome: &mut GameStep) {
        outcome.terminated |= self.oxygen <= 0;
        if self.row != SURFACE {
            self.oxygen -= 1;
        } else if !self.surfaced {
            if self.aboard == 0 {
                outcome.terminated = true;
                return;
            }
            if self.aboard == BERTHS {
                outcome.reward += self.air() as u32;
                self.aboard = 0;
            }
            self.aboard = self.aboard.saturating_sub(1);
            self.oxygen = TANK;
            self.level += u8::from(settings.difficulty_ramping && self.level < HARDEST);
        }
        self.surfaced = self.row == SURFACE;
    }
}
