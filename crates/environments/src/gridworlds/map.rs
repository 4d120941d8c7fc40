//! A map drawn with characters, and moves on it.

use std::collections::HashMap;

use crate::scene::Scene;
use crate::tabular::Cell;

/// Number of moves: up, down, left, right.
pub const MOVES: usize = 4;

/// Operations of a step in every world, counted by hand: the checks of the action 2, the next cell 4, its wall 1,
/// the assignment 1, step count and limit 3.
pub const MOVE_OPERATIONS: u64 = 11;

/// The wall's character.
const WALL: u8 = b'#';

/// A rectangle of characters. `#` is a wall.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Map {
    rows: usize,
    columns: usize,
    cells: Vec<u8>,
}

impl Map {
    /// Reads a map, one string a row. All rows must be ASCII and of one length.
    pub fn new(rows: &[&str]) -> Self {
        let columns = rows.first().map_or(0, |row| row.len());
        let cells = rows.concat().into_bytes();
        debug_assert_eq!(cells.len(), rows.len() * columns, "all rows have one length");
        Self { rows: rows.len(), columns, cells }
    }

    /// Rows and columns.
    pub fn size(&self) -> (usize, usize) {
        (self.rows, self.columns)
    }

    /// All cells, row after row.
    pub fn cells(&self) -> impl Iterator<Item = Cell> + use<> {
        let columns = self.columns;
        (0..self.cells.len()).map(move |at| ((at / columns) as u8, (at % columns) as u8))
    }

    /// The character of a cell; a wall outside the map.
    pub fn at(&self, (row, column): Cell) -> u8 {
        let (row, column) = (usize::from(row), usize::from(column));
        let inside = row < self.rows && column < self.columns;
        if inside { self.cells[row * self.columns + column] } else { WALL }
    }

    /// The cells with this character.
    pub fn all(&self, character: u8) -> impl Iterator<Item = Cell> + use<'_> {
        self.cells().filter(move |cell| self.at(*cell) == character)
    }

    /// The first cell with this character; the first cell of the map if there is none.
    pub fn first(&self, character: u8) -> Cell {
        self.all(character).next().unwrap_or_default()
    }

    /// The walls.
    pub fn walls(&self) -> impl Iterator<Item = Cell> + use<'_> {
        self.all(WALL)
    }

    /// Whether the agent can be in this cell.
    pub fn is_free(&self, cell: Cell) -> bool {
        self.at(cell) != WALL
    }

    /// The cell next to `cell` in the direction of a move (0 up, 1 down, 2 left, 3 right); for another number
    /// the same cell. It may be a wall.
    pub fn neighbour(&self, (row, column): Cell, direction: usize) -> Cell {
        match direction {
            0 => (row.wrapping_sub(1), column),
            1 => (row + 1, column),
            2 => (row, column.wrapping_sub(1)),
            3 => (row, column + 1),
            _ => (row, column),
        }
    }

    /// Where a move ends: a wall stops it.
    pub fn step(&self, from: Cell, direction: usize) -> Cell {
        let to = self.neighbour(from, direction);
        if self.is_free(to) { to } else { from }
    }

    /// Where a move of the agent ends that pushes a thing in its way. What it pushes moves one cell further; a
    /// wall or another thing behind it stops both.
    pub fn push(&self, agent: Cell, direction: usize, things: &mut [Cell]) -> Cell {
        let to = self.step(agent, direction);
        let Some(pushed) = things.iter().position(|thing| *thing == to) else { return to };
        let beyond = self.step(to, direction);
        // A thing that a wall stops is itself in its way.
        if things.contains(&beyond) {
            return agent;
        }
        things[pushed] = beyond;
        to
    }

    /// The moves of a shortest way between two cells, found by breadth-first search. It enters only cells that
    /// `can_enter` allows. `None` if there is no way.
    pub fn way(
        &self,
        from: Cell,
        to: Cell,
        can_enter: impl Fn(Cell) -> bool,
    ) -> Option<Vec<usize>> {
        // The move that first enters a cell, and the cell before it.
        let mut entered = HashMap::from([(from, None)]);
        let mut reached = vec![from];
        let mut next = 0;
        while !entered.contains_key(&to) {
            let before = *reached.get(next)?;
            next += 1;
            for direction in 0..MOVES {
                let cell = self.step(before, direction);
                if can_enter(cell) && !entered.contains_key(&cell) {
                    entered.insert(cell, Some((direction, before)));
                    reached.push(cell);
                }
            }
        }
        let mut moves = Vec::new();
        let mut cell = to;
        while let Some((direction, before)) = entered[&cell] {
            moves.push(direction);
            cell = before;
        }
        moves.reverse();
        Some(moves)
    }

    /// A picture with the walls as thing 1, and these things in this order.
    pub fn scene(&self, things: impl IntoIterator<Item = (Cell, u8)>) -> Scene {
        let mut scene = Scene::board(self.rows, self.columns);
        let walls = self.walls().map(|cell| (cell, 1));
        for ((row, column), thing) in walls.chain(things) {
            scene.put(row.into(), column.into(), thing);
        }
        scene
    }
}
