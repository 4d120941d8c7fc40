//! The rules of the game: positions, moves, ends.

use serde::{Deserialize, Serialize};

use super::cells::Cells;
use super::{EnPassant, Settings, Stalemate};
use crate::board::rules::{Outcome, Rules};
use crate::entry::EnvironmentSettings;
use crate::environment::Events;

/// The moves of a pawn: one row, two rows, a capture to the left, one to the right.
const MOVES: usize = 4;
const PUSH: usize = 0;
const DOUBLE: usize = 1;
const CAPTURE_LEFT: usize = 2;

/// The event `en_passant`: the step captures en passant.
const EN_PASSANT: Events = Events::one(0);
/// The event `offer`: the step allows the other player to capture en passant.
const OFFER: Events = Events::one(1);

/// The rules, with a board and its settings.
#[derive(Clone, Copy, Debug)]
pub(super) struct Pawns {
    pub(super) cells: Cells,
    pub(super) en_passant: EnPassant,
    pub(super) stalemate: Stalemate,
}

/// A position, as the player to move sees it: its own pawns move up.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub(super) struct Position {
    /// Pawns of the player to move.
    own: u32,
    /// Pawns of the other player.
    other: u32,
    /// The cell that a pawn of the other player just passed over; 0 if there is none.
    target: u32,
    /// Whether the second player is to move.
    is_second: bool,
}

impl Pawns {
    fn is_free(position: &Position, cells: u32) -> bool {
        (position.own | position.other) & cells == 0
    }

    /// The cells that pawns of the player to move can enter by a capture, if there is something to capture.
    fn attacked(&self, position: &Position) -> u32 {
        self.cells.up_left(position.own) | self.cells.up_right(position.own)
    }

    /// Whether the player to move can capture en passant.
    fn is_offered(&self, position: &Position) -> bool {
        self.attacked(position) & position.target != 0
    }

    fn has_move(&self, position: &Position) -> bool {
        let Position { own, other, target, .. } = *position;
        let pushes = self.cells.up(own) & !(own | other);
        pushes != 0 || self.attacked(position) & (other | target) != 0
    }

    /// Where a pawn goes, and the cell that it passes over or 0; `None` if the move is illegal, except that it may offer
    /// en passant where it must not.
    fn reached(&self, position: &Position, pawn: u32, kind: usize) -> Option<(u32, u32)> {
        let Position { other, target, .. } = *position;
        let ahead = self.cells.up(pawn);
        let (to, passed) = match kind {
            PUSH => (ahead, 0),
            DOUBLE => (self.cells.up(ahead), ahead),
            CAPTURE_LEFT => (self.cells.up_left(pawn), 0),
            _ => (self.cells.up_right(pawn), 0),
        };
        let is_possible = match kind {
            PUSH => Self::is_free(position, to),
            DOUBLE => pawn & self.cells.own_start() != 0 && Self::is_free(position, to | passed),
            _ => to & (other | target) != 0,
        };
        (is_possible && to != 0 && pawn & position.own != 0).then_some((to, passed))
    }
}

impl Rules for Pawns {
    type Position = Position;

    const NAME: &'static str = Settings::NAME;
    const TAG: &'static str = "board/pawns 1";
    const EVENTS: &'static [&'static str] = &["en_passant", "offer"];

    /// The cell and the kind of move 2, the pawn 3, where it goes 6, what is captured 4, the new pawns 4, the cell passed
    /// over 2; the last row 2, the other player's moves 12; the order of the rows in three boards, 4 for each row.
    fn operations(&self) -> u64 {
        35 + 12 * u64::from(self.cells.rows)
    }

    fn observation_shape(&self) -> [usize; 3] {
        [4, self.cells.rows as usize, self.cells.columns as usize]
    }

    fn num_actions(&self) -> usize {
        MOVES * self.cells.number() as usize
    }

    fn most_plies(&self) -> u32 {
        // Each move brings a pawn at least one of its rows nearer to the last one.
        2 * self.cells.columns * (self.cells.rows - 2)
    }

    fn start(&self) -> Position {
        let (own, other) = (self.cells.own_start(), self.cells.other_start());
        Position { own, other, target: 0, is_second: false }
    }

    fn to_play(&self, position: &Position) -> usize {
        usize::from(position.is_second)
    }

    fn is_legal(&self, position: &Position, action: usize) -> bool {
        self.play(position, action).is_some()
    }

    fn play(&self, position: &Position, action: usize) -> Option<(Position, Outcome)> {
        let pawn = 1 << (action / MOVES);
        let (to, passed) = self.reached(position, pawn, action % MOVES)?;
        let behind_target = self.cells.down(to & position.target);
        let other = position.other & !(to | behind_target);
        let own = position.own & !pawn | to;
        let target = if self.en_passant == EnPassant::Off { 0 } else { passed };
        let next = Position {
            own: self.cells.mirrored(other),
            other: self.cells.mirrored(own),
            target: self.cells.mirrored(target),
            is_second: !position.is_second,
        };
        if self.en_passant == EnPassant::NeverOffered && self.is_offered(&next) {
            return None;
        }
        let outcome = match self.stalemate {
            _ if to & self.cells.row(0) != 0 => Outcome::Won,
            _ if self.has_move(&next) => Outcome::GoesOn,
            Stalemate::Loss => Outcome::Won,
            Stalemate::Draw => Outcome::Drawn,
        };
        Some((next, outcome))
    }

    fn events(&self, position: &Position, action: usize) -> Events {
        let Some((next, outcome)) = self.play(position, action) else { return Events::NONE };
        let captures = self.captures_en_passant(position, action);
        let offers = outcome == Outcome::GoesOn && self.is_offered(&next);
        EN_PASSANT.only_if(captures) | OFFER.only_if(offers)
    }

    /// The planes: own pawns, the other player's, the cell passed over, and ones if the first player is to move.
    fn draw(&self, position: &Position, observation: &mut [f32]) {
        let cells = self.cells.number() as usize;
        let boards = [position.own, position.other, position.target];
        let mut planes = observation.chunks_exact_mut(cells);
        for (board, plane) in boards.into_iter().zip(planes.by_ref()) {
            self.cells.draw(board, plane);
        }
        planes.for_each(|turn| turn.fill(if position.is_second { 0.0 } else { 1.0 }));
    }

    fn is_over(&self, position: &Position) -> bool {
        position.other & self.cells.row(self.cells.rows - 1) != 0 || !self.has_move(position)
    }

    fn fault(&self, position: &Position, plies: u32) -> Option<&'static str> {
        let Position { own, other, target, is_second } = *position;
        let cells = self.cells;
        let (first, last) = (cells.row(0), cells.row(cells.rows - 1));
        let board = (0..cells.rows).fold(0, |board, row| board | cells.row(row));
        let too_many = |pawns: u32| pawns.count_ones() > cells.columns;
        if (own | other | target) & !board != 0
            || own & other != 0
            || too_many(own)
            || too_many(other)
        {
            Some("the pawns are not those of two players")
        } else if own & last != 0 || other & first != 0 {
            Some("a pawn is where it cannot be")
        } else if own & first != 0 {
            Some("the game went on after it was won")
        } else if !self.can_be_passed(position) {
            Some("no pawn passed over this cell")
        } else if is_second != (plies % 2 == 1) || plies > self.rows_advanced(position) {
            Some("the pawns are not those of players who take turns")
        } else {
            None
        }
    }

    /// `en_passant`: a capture en passant is possible. `decisive`: nothing else leads to the best result.
    fn tags(&self, position: &Position, keeps_value: &dyn Fn(usize) -> bool) -> Vec<&'static str> {
        let mut tags = vec!["all"];
        if *position == self.start() {
            tags.push("start");
        }
        if self.is_offered(position) {
            tags.push("en_passant");
            let mut best = (0..self.num_actions()).filter(|action| keeps_value(*action));
            if best.all(|action| self.captures_en_passant(position, action)) {
                tags.push("decisive");
            }
        }
        tags
    }
}

impl Pawns {
    /// Whether this legal action captures en passant.
    fn captures_en_passant(&self, position: &Position, action: usize) -> bool {
        let reached = self.reached(position, 1 << (action / MOVES), action % MOVES);
        action % MOVES >= CAPTURE_LEFT && reached.is_some_and(|(to, _)| to == position.target)
    }

    /// Whether there is no cell passed over, or it is one over which the other player may have moved just now.
    fn can_be_passed(&self, position: &Position) -> bool {
        let Position { other, target, .. } = *position;
        let pawn = self.cells.down(target);
        let from = target & self.cells.row(2);
        let is_possible = target.is_power_of_two()
            && from != 0
            && pawn & other != 0
            && Self::is_free(position, target | self.cells.up(target));
        target == 0
            || is_possible
                && match self.en_passant {
                    EnPassant::On => true,
                    EnPassant::Off => false,
                    EnPassant::NeverOffered => !self.is_offered(position),
                }
    }

    /// The most moves that can lead to these pawns. Lost pawns may have gone to the end.
    fn rows_advanced(&self, position: &Position) -> u32 {
        let Position { own, other, .. } = *position;
        let cells = self.cells;
        let whole_way = cells.rows - 2;
        let lost = 2 * cells.columns - own.count_ones() - other.count_ones();
        let of_own: u32 = cells.rows_of(own).map(|row| whole_way.saturating_sub(row)).sum();
        let of_other: u32 = cells.rows_of(other).map(|row| row.saturating_sub(1)).sum();
        of_own + of_other + lost * whole_way
    }
}
