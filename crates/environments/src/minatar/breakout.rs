//! MinAtar Breakout: three rows of bricks, a paddle, a ball that travels along diagonals.
//!
//! +1 for each brick; a cleared wall is built again when the ball next comes down to the paddle's row; the
//! episode ends when the paddle misses the ball. The package's particulars, found by running it, are kept:
//! a ball that hits a side wall, the ceiling, a brick or the paddle stays in its column or row for that
//! step, and after breaking a brick it passes through bricks until a step that meets none. There is no
//! difficulty ramp in this game, so none is here.

use rand::Rng;
use serde::{Deserialize, Serialize};

use super::board::{Cell, LAST, SIZE};
use super::settings::settings;
use super::{Action, Game, Outcome, Plane};

const PADDLE_ROW: i8 = LAST;
const START_ROW: i8 = 3;
const START_PADDLE: i8 = 4;
const BRICK_ROWS: std::ops::Range<i8> = 1..4;
/// One bit for each brick, row after row from the first of `BRICK_ROWS`.
const WALL: u32 = (1 << ((BRICK_ROWS.end - BRICK_ROWS.start) as u32 * SIZE as u32)) - 1;
const FIRST_BRICK: usize = Cell { column: 0, row: BRICK_ROWS.start }.index();

settings!(
    Breakout,
    "minatar/breakout",
    "break a wall with a ball and a paddle, +1 a brick (MinAtar)"
);

/// The game: what stands where. Planes of an observation: the paddle, the ball, its last cell, the bricks.
#[derive(Clone, Copy, Debug, Serialize, Deserialize)]
pub struct Breakout {
    /// Column of the paddle.
    paddle: i8,
    ball: Cell,
    /// The step that the ball takes next, each part -1 or 1.
    heading: Cell,
    /// Where the ball was before its last step.
    trail: Cell,
    bricks: u32,
    /// Whether the last step met a brick: the next one then passes through bricks.
    passing: bool,
}

/// What the ball met in a step.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Meeting {
    Nothing,
    /// The ceiling or the paddle.
    Obstacle,
    /// A brick, which it broke.
    Brick,
    /// The floor beside the paddle.
    Miss,
}

impl Game for Breakout {
    type Settings = Settings;

    const TAG: &'static str = "minatar/breakout 1";
    const CHANNELS: usize = 4;
    const MINIMAL_ACTIONS: &'static [Action] = &[Action::Noop, Action::Left, Action::Right];
    // Paddle 3; next cell 2, side walls 2, brick there 7, what is met 6, bounce 3, moves 4; reward 1, end 1.
    const OPERATIONS: u64 = 29;

    fn start<R: Rng>(random: &mut R) -> Self {
        Self::from_side(random.next_u32().is_multiple_of(2))
    }

    fn act<R: Rng>(&mut self, action: Action, _: &Settings, _: &mut R) -> Outcome {
        self.paddle = self.paddle_cell().walk(action, PADDLE_ROW..=PADDLE_ROW).column;
        let meeting = self.move_ball();
        let reward = u32::from(meeting == Meeting::Brick);
        Outcome { reward, terminated: meeting == Meeting::Miss }
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

/// The bit of the brick that can stand in a cell; 0 where none can.
fn brick_at(cell: Cell) -> u32 {
    if BRICK_ROWS.contains(&cell.row) { 1 << (cell.index() - FIRST_BRICK) } else { 0 }
}

impl Breakout {
    /// A whole wall, and the ball at its lowest row, on one side, on its way down to the other.
    fn from_side(from_left: bool) -> Self {
        let (column, direction) = if from_left { (0, 1) } else { (LAST, -1) };
        let ball = Cell { column, row: START_ROW };
        let heading = Cell { column: direction, row: 1 };
        Self { paddle: START_PADDLE, ball, heading, trail: ball, bricks: WALL, passing: false }
    }

    fn paddle_cell(&self) -> Cell {
        Cell { column: self.paddle, row: PADDLE_ROW }
    }

    fn move_ball(&mut self) -> Meeting {
        let from = self.ball;
        let mut to =
            Cell { column: from.column + self.heading.column, row: from.row + self.heading.row };
        if !(0..=LAST).contains(&to.column) {
            to.column = from.column;
            self.heading.column = -self.heading.column;
        }
        let meeting = self.meet(from, to);
        if matches!(meeting, Meeting::Obstacle | Meeting::Brick) {
            to.row = from.row;
            self.heading.row = -self.heading.row;
        }
        self.trail = from;
        self.ball = to;
        meeting
    }

    /// What the ball meets in going to `to`, a cell within the side walls; done to everything but the ball.
    fn meet(&mut self, from: Cell, to: Cell) -> Meeting {
        let brick = self.bricks & brick_at(to);
        let passing = std::mem::replace(&mut self.passing, brick != 0);
        if to.row < 0 {
            Meeting::Obstacle
        } else if brick != 0 && !passing {
            self.bricks ^= brick;
            Meeting::Brick
        } else if to.row == PADDLE_ROW {
            self.meet_paddle(from.column, to.column)
        } else {
            Meeting::Nothing
        }
    }

    /// The ball comes down to the paddle's row. Above the paddle it bounces on; beside it, coming in over
    /// its edge, it bounces back to where it came from.
    fn meet_paddle(&mut self, from_column: i8, to_column: i8) -> Meeting {
        if self.bricks == 0 {
            self.bricks = WALL;
        }
        if self.paddle == from_column {
            Meeting::Obstacle
        } else if self.paddle == to_column {
            self.heading.column = -self.heading.column;
            Meeting::Obstacle
        } else {
            Meeting::Miss
        }
    }
}
