//! MinAtar Breakout: three rows of bricks, a paddle, a ball that travels along diagonals.
//!
//! +1 for each brick; a cleared wall is built again when the ball next comes down to the paddle's row; the
//! episode ends when the paddle misses the ball. The package's particulars, found by running it, are kept:
//! a ball that hits a side wall, the ceiling, a brick or the paddle stays in its column or row for that
//! step, and after breaking a brick it passes through bricks until a step that meets none. There is no
//! difficulty ramp in this game, so none is here.

use rand::{Rng, SeedableRng};
use rand_chacha::ChaCha8Rng;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::{Action, PLANE, Repeats, SIZE, Sticky};
use crate::environment::{Description, Environment, RestoreError, Step, StepError};
use crate::episode::Episode;
use crate::registry::Options;
use crate::saved;
use crate::settings::SettingsError;

const LAST: i8 = SIZE as i8 - 1;
const PADDLE_ROW: i8 = LAST;
const START_ROW: i8 = 3;
const START_PADDLE: i8 = 4;
const BRICK_ROWS: std::ops::Range<i8> = 1..4;
/// One bit for each brick, row after row from the first of `BRICK_ROWS`.
const WALL: u32 = (1 << ((BRICK_ROWS.end - BRICK_ROWS.start) as u32 * SIZE as u32)) - 1;
const MINIMAL: [Action; 3] = [Action::Noop, Action::Left, Action::Right];

const TAG: &str = "minatar/breakout 1";

/// Options of the environment.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct Settings {
    /// Probability that the last executed action is executed again in place of the chosen one.
    #[schemars(range(min = 0.0, max = 1.0))]
    pub sticky_action_probability: f64,
    /// Only the three actions that do something here (no-op, left, right), rather than all six of MinAtar
    /// (no-op, left, up, right, down, fire), with which published results were made.
    pub minimal_actions: bool,
    /// Steps after which an episode is cut off (a truncation). MinAtar has no limit, but then an evaluation
    /// of a player who never misses has no end. A brick takes about 12 steps, so the limit is met above a
    /// return of some 400; published ones are below 60.
    #[schemars(range(min = 1))]
    pub max_steps: u32,
}

impl Default for Settings {
    fn default() -> Self {
        Self { sticky_action_probability: 0.1, minimal_actions: false, max_steps: 5000 }
    }
}

impl Options for Settings {
    const NAME: &'static str = "minatar/breakout";
    const SUMMARY: &'static str = "break a wall with a ball and a paddle, +1 a brick (MinAtar)";

    fn check(&self) -> Result<(), SettingsError> {
        let probability = self.sticky_action_probability;
        if !(0.0..=1.0).contains(&probability) {
            let message = format!("must be a probability, 0 to 1, is {probability}");
            return Err(SettingsError::new("sticky_action_probability", message));
        }
        if self.max_steps == 0 {
            return Err(SettingsError::new("max_steps", "must be at least 1, is 0"));
        }
        Ok(())
    }

    fn make(&self) -> Box<dyn Environment> {
        Box::new(Breakout::new(self))
    }
}

/// The environment. Observation `[4, 10, 10]`: planes of the paddle, the ball, its last cell, the bricks.
#[derive(Clone, Debug)]
pub struct Breakout {
    description: Description,
    actions: &'static [Action],
    repeats: Repeats,
    state: State,
}

#[derive(Clone, Debug, Default, Serialize, Deserialize)]
struct State {
    board: Board,
    sticky: Sticky,
    episode: Episode,
}

impl Breakout {
    /// The environment before its first episode.
    pub fn new(settings: &Settings) -> Self {
        let actions = if settings.minimal_actions { &MINIMAL[..] } else { &Action::ALL[..] };
        let description = Description {
            name: Settings::NAME.to_owned(),
            observation_shape: vec![4, SIZE, SIZE],
            observation_range: (0.0, 1.0),
            num_actions: actions.len(),
            num_players: 1,
            max_episode_steps: Some(settings.max_steps),
            // Two checks before the step; the action 3 and its draw 25, a word of a ChaCha8 block of 400;
            // paddle 3; next cell 2, side walls 2, brick there 7, what is met 6, bounce 3, moves 4; reward 1,
            // end, step count, time limit and flag 5.
            operations_per_step: 63,
        };
        let repeats = Repeats::with_probability(settings.sticky_action_probability);
        Self { description, actions, repeats, state: State::default() }
    }
}

impl Environment for Breakout {
    fn description(&self) -> &Description {
        &self.description
    }

    fn reset(&mut self, seed: u64) {
        let mut random = ChaCha8Rng::seed_from_u64(seed);
        let from_left = random.next_u32() % 2 == 0;
        self.state = State {
            board: Board::start(from_left),
            sticky: Sticky::begin(random),
            episode: Episode::begin(),
        };
    }

    fn step(&mut self, action: usize) -> Result<Step, StepError> {
        let State { board, sticky, episode } = &mut self.state;
        episode.check(action, &self.description)?;
        board.move_paddle(sticky.execute(self.actions[action], self.repeats));
        let meeting = board.move_ball();
        let reward = if meeting == Meeting::Brick { 1.0 } else { 0.0 };
        let terminated = meeting == Meeting::Miss;
        let truncated = episode.advance(terminated, &self.description);
        Ok(Step::honest(reward, terminated, truncated))
    }

    fn observe(&self, observation: &mut [f32]) {
        let board = &self.state.board;
        observation.fill(0.0);
        observation[Cell { column: board.paddle, row: PADDLE_ROW }.index()] = 1.0;
        observation[PLANE + board.ball.index()] = 1.0;
        observation[2 * PLANE + board.trail.index()] = 1.0;
        let wall = Cell { column: 0, row: BRICK_ROWS.start }.index()..Cell {
            column: 0,
            row: BRICK_ROWS.end,
        }
        .index();
        for (brick, number) in observation[3 * PLANE..][wall].iter_mut().enumerate() {
            *number = (board.bricks >> brick & 1) as f32;
        }
    }

    fn save(&self) -> Vec<u8> {
        saved::encode(TAG, &self.state)
    }

    fn restore(&mut self, state: &[u8]) -> Result<(), RestoreError> {
        let state: State = saved::decode(TAG, state)?;
        let missed = state.board.ball.row == PADDLE_ROW;
        if !state.board.is_possible() || (missed && !state.episode.is_over()) {
            return Err(RestoreError::Impossible {
                environment: TAG,
                reason: "a piece is where it cannot be",
            });
        }
        self.state = state;
        Ok(())
    }

    fn clone_box(&self) -> Box<dyn Environment> {
        Box::new(self.clone())
    }
}

/// A cell of the board, or a step between two: row 0 is the top one.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
struct Cell {
    column: i8,
    row: i8,
}

impl Cell {
    /// Where it stands in a plane.
    fn index(self) -> usize {
        self.row as usize * SIZE + self.column as usize
    }

    /// The bit of the brick that can stand here; 0 where none can.
    fn brick(self) -> u32 {
        if BRICK_ROWS.contains(&self.row) {
            1 << (self.index() - Cell { column: 0, row: BRICK_ROWS.start }.index())
        } else {
            0
        }
    }

    fn is_on_board(self) -> bool {
        (0..=LAST).contains(&self.column) && (0..=LAST).contains(&self.row)
    }
}

/// What stands where.
#[derive(Clone, Copy, Debug, Serialize, Deserialize)]
struct Board {
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

impl Board {
    /// A whole wall, and the ball at its lowest row, on one side, on its way down to the other.
    fn start(from_left: bool) -> Self {
        let (column, direction) = if from_left { (0, 1) } else { (LAST, -1) };
        let ball = Cell { column, row: START_ROW };
        let heading = Cell { column: direction, row: 1 };
        Self { paddle: START_PADDLE, ball, heading, trail: ball, bricks: WALL, passing: false }
    }

    fn move_paddle(&mut self, action: Action) {
        match action {
            Action::Left => self.paddle = (self.paddle - 1).max(0),
            Action::Right => self.paddle = (self.paddle + 1).min(LAST),
            Action::Noop | Action::Up | Action::Down | Action::Fire => {}
        }
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
        let brick = self.bricks & to.brick();
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

    fn is_possible(&self) -> bool {
        let on_board = (0..=LAST).contains(&self.paddle)
            && self.ball.is_on_board()
            && self.trail.is_on_board();
        let diagonal = matches!((self.heading.column, self.heading.row), (-1 | 1, -1 | 1));
        on_board && diagonal && self.bricks <= WALL
    }
}

impl Default for Board {
    fn default() -> Self {
        Self::start(true)
    }
}
