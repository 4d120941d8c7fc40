//! The room: its cells, and the pillars that each episode has anew.

use rand::RngExt;
use rand_chacha::ChaCha8Rng;
use serde::{Deserialize, Serialize};

use super::Confound;
use crate::gridworlds::map::{MOVES, Map};
use crate::tabular::Cell;

const ROOM: [&str; 7] = [
    "############",
    "#S.pppppp.e#",
    "#S.pppppp.e#",
    "#S.pppppp.E#",
    "#S.pppppp.e#",
    "#S.pppppp.e#",
    "############",
];

/// Where an episode begins.
const START: u8 = b'S';
/// Where a pillar can be.
const PILLAR: u8 = b'p';
/// Always free. The coin can be here, and where a pillar can be but is not.
const FREE: u8 = b'.';
/// The cell of the end zone where the coin can be, and the other ones.
const END: u8 = b'E';
const END_ZONE: u8 = b'e';

/// The rows and columns where a pillar can be.
const PILLAR_ROWS: u8 = 5;
const PILLAR_COLUMNS: u8 = 6;
const PILLAR_PLACES: u8 = PILLAR_ROWS * PILLAR_COLUMNS;

/// A bit for each cell where a pillar can be, row after row.
#[derive(Clone, Copy, Debug, Serialize, Deserialize)]
pub(super) struct Pillars(u32);

impl Pillars {
    /// Each pillar is there with this probability.
    fn draw(probability: f64, random: &mut ChaCha8Rng) -> Self {
        let place = |place| u32::from(random.random::<f64>() < probability) << place;
        Self((0..PILLAR_PLACES).map(place).fold(0, |all, one| all | one))
    }

    /// Whether all are where a pillar can be.
    pub(super) fn are_possible(self) -> bool {
        self.0 >> PILLAR_PLACES == 0
    }
}

/// The room without its pillars.
#[derive(Clone, Debug)]
pub(super) struct Room {
    pub(super) map: Map,
}

impl Room {
    pub(super) fn new(confound: Confound) -> Self {
        let rows = ROOM.map(|row| match confound {
            Confound::Full => row.replace(char::from(END_ZONE), "#"),
            Confound::Partial => row.to_owned(),
        });
        Self { map: Map::new(&rows.each_ref().map(String::as_str)) }
    }

    /// The cells where an episode begins.
    pub(super) fn starts(&self) -> Vec<Cell> {
        self.map.all(START).collect()
    }

    /// The cell of the end zone where the coin can be.
    pub(super) fn end(&self) -> Cell {
        self.map.first(END)
    }

    /// The cells of the end zone.
    pub(super) fn end_zone(&self) -> impl Iterator<Item = Cell> {
        self.map.cells().filter(|cell| self.is_end(*cell))
    }

    pub(super) fn is_end(&self, cell: Cell) -> bool {
        matches!(self.map.at(cell), END | END_ZONE)
    }

    /// Whether the coin can be in this cell.
    pub(super) fn can_have_coin(&self, pillars: Pillars, cell: Cell) -> bool {
        matches!(self.map.at(cell), FREE | PILLAR | END) && self.is_free(pillars, cell)
    }

    /// The cells outside of the end zone where the coin can be.
    pub(super) fn elsewhere(&self, pillars: Pillars) -> Vec<Cell> {
        let is_elsewhere = |cell: &Cell| !self.is_end(*cell) && self.can_have_coin(pillars, *cell);
        self.map.cells().filter(is_elsewhere).collect()
    }

    /// The cells where a pillar can be, and whether one is there.
    pub(super) fn pillars(&self, pillars: Pillars) -> impl Iterator<Item = (Cell, bool)> {
        let places = self.map.all(PILLAR);
        places.map(move |cell| (cell, self.has_pillar(pillars, cell)))
    }

    /// Walls and pillars.
    pub(super) fn blocked(&self, pillars: Pillars) -> impl Iterator<Item = Cell> {
        self.map.cells().filter(move |cell| !self.is_free(pillars, *cell))
    }

    /// Whether there is neither a wall nor a pillar.
    pub(super) fn is_free(&self, pillars: Pillars, cell: Cell) -> bool {
        self.map.is_free(cell) && !self.has_pillar(pillars, cell)
    }

    fn has_pillar(&self, Pillars(bits): Pillars, cell: Cell) -> bool {
        let (row, column) = cell;
        self.map.at(cell) == PILLAR && bits >> ((row - 1) * PILLAR_COLUMNS + column - 3) & 1 == 1
    }

    /// Pillars, each with this probability, that leave a way between any two free cells.
    pub(super) fn draw_pillars(&self, probability: f64, random: &mut ChaCha8Rng) -> Pillars {
        loop {
            let pillars = Pillars::draw(probability, random);
            if self.is_connected(pillars) {
                return pillars;
            }
        }
    }

    /// Whether every free cell can be reached from every other.
    fn is_connected(&self, pillars: Pillars) -> bool {
        let mut reached = vec![self.end()];
        let mut next = 0;
        while let Some(&from) = reached.get(next) {
            for direction in 0..MOVES {
                let to = self.map.neighbour(from, direction);
                if self.is_free(pillars, to) && !reached.contains(&to) {
                    reached.push(to);
                }
            }
            next += 1;
        }
        reached.len() == self.map.cells().filter(|cell| self.is_free(pillars, *cell)).count()
    }
}
