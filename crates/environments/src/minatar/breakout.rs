//! MinAtar Breakout: three rows of bricks, a paddle, and a ball that moves along diagonals.
//!
//! Each brick is worth 1. A cleared wall is rebuilt when the ball next reaches the paddle's row. The episode
//! ends when the paddle misses the ball. As in the package (found by running it), a ball that hits a side
//! wall, the ceiling, a brick or the paddle stays in its column or row for that step. After breaking a brick
//! it passes through bricks until a step without one. The game has no difficulty ramp.

use rand::{Rng, RngExt};
use serde::{Deserialize, Serialize};

use super::board::{BoardCell, LAST, SIZE};
use super::chance::one_in;
use super::settings::settings;
use super::{Action, GameStep, MinAtarGame, Plane};

const PADDLE_ROW: i8 = LAST;
const START_ROW: i8 = 3;
const START_PADDLE: i8 = 4;
const BRICK_ROWS: std::ops::Range<i8> = 1..4;
/// One bit per brick, row after row from the first of `BRICK_ROWS`.
const WALL: u32 = (1 << ((BRICK_ROWS.end - BRICK_ROWS.start) as u32 * SIZE as u32)) - 1;
const FIRST_BRICK: usize = BoardCell { column: 0, row: BRICK_ROWS.start }.index();

settings!(
    Breakout,
    "minatar/breakout",
    "break a wall with a ball and a paddle, +1 a brick (MinAtar)",
    /// Whether a game starts as in the package, or else anywhere: the paddle in any column, the ball on its
    /// way down in any cell of the three rows below the wall, and a wall that may have gaps. Each brick then
    /// stands with a probability of 1, 1/2, 1/4 or 1/8, which is drawn first.
    standard_start
);

/// The game. Planes of an observation: the paddle, the ball, the ball's last cell, the bricks.
#[derive(Clone, Copy, Debug, Serialize, Deserialize)]
pub struct Breakout {
    /// Column of the paddle.
    paddle: i8,
    ball: BoardCell,
    /// Direction of the ball: column and row are -1 or 1.
    heading: BoardCell,
    /// The ball's cell before its last step.
    trail: BoardCell,
    bricks: u32,
    /// Whether the last step reached a brick. If so, the next step passes through bricks.
    passing: bool,
}

/// What the ball hits in a step.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Collision {
    Nothing,
    /// The ceiling or the paddle.
    Obstacle,
    /// A brick, which breaks.
    Brick,
    /// The floor beside the paddle.
    Miss,
}

impl MinAtarGame for Breakout {
    type Settings = Settings;

    const TAG: &'static str = "minatar/breakout 1";
    const CHANNELS: usize = 4;
    const MINIMAL_ACTIONS: &'static [Action] = &[Action::Noop, Action::Left, Action::Right];
    // Paddle 3; next cell 2, side walls 2, brick there 7, collision 6, bounce 3, moves 4; reward 1, end 1.
    const OPERATIONS: u64 = 29;

    fn start<R: Rng>(settings: &Settings, random: &mut R) -> Self {
        match settings.standard_start {
            true => Self::from_side(random.next_u32().is_multiple_of(2)),
            false => Self::anywhere(random),
        }
    }

    fn act<R: Rng>(&mut self, action: Action, _: &Settings, _: &mut R) -> GameStep {
        self.paddle = self.paddle_cell().walk(action, PADDLE_ROW..=PADDLE_ROW).column;
        let collision = self.move_ball();
        let reward = u32::from(collision == Collision::Brick);
        GameStep { reward, terminated: collision == Collision::Miss }
    }

    fn observe(&self, planes: &mut [Plane]) {
        self.paddle_cell().draw(&mut planes[0]);
        self.ball.draw(&mut planes[1]);
        self.trail.draw(&mut planes[2]);
        for brick in 0..WALL.count_ones() {
            planes[3][FIRST_BRICK + brick as usize] = (self.bricks >> brick & 1) as f32;
        }
    }

    fn fault(&self, over: bool) -> Option<&'static str> {
        let on_board =
            self.paddle_cell().is_on_board() && self.ball.is_on_board() && self.trail.is_on_board();
        let diagonal = matches!((self.heading.column, self.heading.row), (-1 | 1, -1 | 1));
        let missed = self.ball.row == PADDLE_ROW;
        let possible = on_board && diagonal && self.bricks <= WALL && (over || !missed);
        (!possible).then_some("a piece is where it cannot be")
    }
}

/// The bit of the brick in a cell; 0 if no brick can be there.
fn brick_at(cell: BoardCell) -> u32 {
    if BRICK_ROWS.contains(&cell.row) { 1 << (cell.index() - FIRST_BRICK) } else { 0 }
}

impl Breakout {
    /// A new game: a whole wall, and the ball at one side, in the wall's lowest row, moving down to the other
    /// side.
    fn from_side(from_left: bool) -> Self {
        let (column, direction) = if from_left { (0, 1) } else { (LAST, -1) };
        let ball = BoardCell { column, row: START_ROW };
        let heading = BoardCell { column: direction, row: 1 };
        Self { paddle: START_PADDLE, ball, heading, trail: ball, bricks: WALL, passing: false }
    }

    /// A new game without [`Settings::standard_start`]. The wall has at least one brick.
    fn anywhere<R: Rng>(random: &mut R) -> Self {
        let mut below = |bound: u32| random.random_range(0..bound) as i8;
        let columns = SIZE as u32;
        let (paddle, column, depth, thinnings) =
            (below(columns), below(columns), below(3), below(4));
        let direction = if one_in(2, random) { -1 } else { 1 };
        let ball = BoardCell { column, row: BRICK_ROWS.end + depth };
        let heading = BoardCell { column: direction, row: 1 };
        let trail = BoardCell { column: (column - direction).clamp(0, LAST), row: ball.row - 1 };
        let bricks = (0..thinnings).fold(WALL, |bricks, _| bricks & random.next_u32());
        let bricks = if bricks == 0 { WALL } else { bricks };
        Self { paddle, ball, heading, trail, bricks, passing: false }
    }

    fn paddle_cell(&self) -> BoardCell {
        BoardCell { column: self.paddle, row: PADDLE_ROW }
    }

    fn move_ball(&mut self) -> Collision {
        let from = self.ball;
        let mut to = BoardCell {
            column: from.column + self.heading.column,
            row: from.row + self.heading.row,
        };
        if !(0..=LAST).contains(&to.column) {
            to.column = from.column;
            self.heading.column = -self.heading.column;
        }
        let collision = self.collide(from, to);
        if matches!(collision, Collision::Obstacle | Collision::Brick) {
            to.row = from.row;
            self.heading.row = -self.heading.row;
        }
        self.trail = from;
        self.ball = to;
        collision
    }

    /// The collision of the ball on its way to `to`, a cell within the side walls. Changes everything except
    /// the ball's cell.
    fn collide(&mut self, from: BoardCell, to: BoardCell) -> Collision {
        let brick = self.bricks & brick_at(to);
        let passing = std::mem::replace(&mut self.passing, brick != 0);
        if to.row < 0 {
            Collision::Obstacle
        } else if brick != 0 && !passing {
            self.bricks ^= brick;
            Collision::Brick
        } else if to.row == PADDLE_ROW {
            self.hit_paddle_row(from.column, to.column)
        } else {
            Collision::Nothing
        }
    }

    /// The collision of a ball that reaches the paddle's row. Directly above the paddle it bounces on; coming
    /// in diagonally over the paddle's edge it bounces back.
    fn hit_paddle_row(&mut self, from_column: i8, to_column: i8) -> Collision {
        if self.bricks == 0 {
            self.bricks = WALL;
        }
        if self.paddle == from_column {
            Collision::Obstacle
        } else if self.paddle == to_column {
            self.heading.column = -self.heading.column;
            Collision::Obstacle
        } else {
            Collision::Miss
        }
    }
}
