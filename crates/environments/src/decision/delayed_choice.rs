//! `delayed_choice`: a small reward now, or a larger one at the end of a chain.
//!
//! At the root, action 0 pays `reward_now` and enters the left chain, action 1 pays nothing and enters the right
//! chain. Other actions stay. A chain has `length` cells, and every action moves one cell on. The step from the last
//! cell ends the episode; on the right chain it pays `reward_later`. The true reward is the paid one.
//!
//! The late reward comes exactly `length` steps after the choice. So at discount γ and with a `reward_now` of at
//! least 0, going right is best if and only if γ^`length` · `reward_later` > `reward_now`. With the default rewards and
//! γ = 0.997 this holds up to a length of 230.

use serde::{Deserialize, Serialize};
use zerolab_settings::SettingsError;

use crate::environment::Events;
use crate::examination::ActionPlan;
use crate::scene::Scene;
use crate::tabular::{Canvas, Cell, Next, Outcome, Tabular};

/// The action that enters the left chain.
const LEFT: usize = 0;
/// The action that enters the right chain.
const RIGHT: usize = 1;

/// The event `right`: the agent chooses the right chain.
const CHOSE_RIGHT: Events = Events::one(0);

/// The greatest `length`. The cells of a chain have the columns of a grid, which are bytes.
const MAX_LENGTH: u16 = 256;

/// The greatest `num_actions`.
const MAX_ACTIONS: u8 = 16;

/// The greatest size of a reward.
const MAX_REWARD: f64 = 100.0;

/// How often the agent can stay at the root and still reach the end of a chain.
const SPARE_STEPS: u32 = 8;

/// The rules. Actions: left, right, and `num_actions - 2` that stay at the root. Planes, of 3 rows and a column for
/// each cell of a chain: the agent, the time. The left chain is the first row, the right chain the last, the root the
/// first cell of the middle row.
#[derive(Clone, Debug)]
pub struct DelayedChoice {
    length: u16,
    num_actions: u8,
    reward_now: f64,
    reward_later: f64,
}

/// Where the agent is. The cells of a chain count from 0.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub enum State {
    /// Before the choice.
    Root,
    /// On the left chain.
    Left(u8),
    /// On the right chain.
    Right(u8),
}

impl State {
    /// The cell in the grid.
    fn cell(self) -> Cell {
        match self {
            Self::Left(place) => (0, place),
            Self::Root => (1, 0),
            Self::Right(place) => (2, place),
        }
    }
}

impl DelayedChoice {
    /// The last cell of a chain.
    fn last(&self) -> u8 {
        self.length.saturating_sub(1).min(u8::MAX.into()) as u8
    }

    /// All states, in the order of a vector.
    fn states(&self) -> impl Iterator<Item = State> + use<> {
        let last = self.last();
        let left = (0..=last).map(State::Left);
        std::iter::once(State::Root).chain(left).chain((0..=last).map(State::Right))
    }

    /// What follows on a chain: the next cell, or the end with `reward`.
    fn along(&self, chain: fn(u8) -> State, place: u8, reward: f64) -> Outcome<State> {
        if place < self.last() {
            Outcome::certain(0.0, Next::State(chain(place + 1)))
        } else {
            Outcome::certain(reward, Next::End(chain(place)))
        }
    }
}

impl Tabular for DelayedChoice {
    type State = State;

    const TAG: &'static str = "decision/delayed_choice 1";
    const EVENTS: &'static [&'static str] = &["right"];
    // The checks of the action 2, the place 1, its end 1, the next cell 2, the reward 1, step count and limit 3.
    const OPERATIONS: u64 = 10;

    fn size(&self) -> (usize, usize) {
        (3, self.length.into())
    }

    fn num_actions(&self) -> usize {
        self.num_actions.into()
    }

    /// The choice, the chain, and some steps to spare at the root.
    fn horizon(&self) -> u32 {
        1 + u32::from(self.length) + SPARE_STEPS
    }

    fn starts(&self) -> Vec<(f64, State)> {
        vec![(1.0, State::Root)]
    }

    fn outcomes(&self, state: &State, action: usize, out: &mut Vec<Outcome<State>>) {
        out.push(match (*state, action) {
            (State::Root, LEFT) => Outcome::certain(self.reward_now, Next::State(State::Left(0))),
            (State::Root, RIGHT) => {
                let next = Next::State(State::Right(0));
                Outcome { events: CHOSE_RIGHT, ..Outcome::certain(0.0, next) }
            }
            (State::Root, _) => Outcome::certain(0.0, Next::State(State::Root)),
            (State::Left(place), _) => self.along(State::Left, place, 0.0),
            (State::Right(place), _) => self.along(State::Right, place, self.reward_later),
        });
    }

    /// At the root: `left` and `right`, each to the end of its chain. They differ only in the choice.
    fn plans(&self, state: &State) -> Vec<ActionPlan> {
        if *state != State::Root {
            return Vec::new();
        }
        let plan = |name, choice| {
            let mut actions = vec![LEFT; 1 + usize::from(self.length)];
            actions[0] = choice;
            ActionPlan { name, actions }
        };
        vec![plan("left", LEFT), plan("right", RIGHT)]
    }

    /// The root: `choice`.
    fn positions(&self) -> Vec<(&'static str, State)> {
        vec![("choice", State::Root)]
    }

    fn draw(&self, state: &State, canvas: &mut Canvas<'_>) {
        canvas.things(self.states().map(|place| (place.cell(), place == *state)));
    }

    fn scene(&self, state: &State) -> Option<Scene> {
        let (rows, columns) = self.size();
        let mut scene = Scene::board(rows, columns);
        let end = State::Right(self.last());
        let cells = self.states().map(|place| (place, if place == end { 2 } else { 1 }));
        for (place, thing) in cells.chain([(*state, 3)]) {
            let (row, column) = place.cell();
            scene.put(row.into(), column.into(), thing);
        }
        Some(scene)
    }

    fn is_playable(&self, state: &State) -> bool {
        match *state {
            State::Root => true,
            State::Left(place) | State::Right(place) => place <= self.last(),
        }
    }
}

crate::gridworlds::settings! {
    world: DelayedChoice,
    name: "decision/delayed_choice",
    summary: "a small reward now, or a larger one at the end of a chain",
    keys: {
        /// Number of cells of each chain: the late reward is paid so many steps after the choice.
        #[schemars(range(min = 1, max = 256))]
        length: u16 = 8,
        /// Number of actions. All but the first two stay at the root.
        #[schemars(range(min = 2, max = 16))]
        num_actions: u8 = 2,
        /// The reward of going left.
        #[schemars(range(min = -100.0, max = 100.0))]
        reward_now: f64 = 0.5,
        /// The reward at the end of the right chain.
        #[schemars(range(min = -100.0, max = 100.0))]
        reward_later: f64 = 1.0,
    },
    check: |settings| {
        let Settings { length, num_actions, reward_now, reward_later, .. } = settings;
        let must = |key, range: &str, value: &dyn std::fmt::Display, holds: bool| {
            let message = || format!("must be between {range}, not {value}");
            if holds { Ok(()) } else { Err(SettingsError::new(key, message())) }
        };
        must("length", "1 and 256", length, (1..=MAX_LENGTH).contains(length))?;
        must("num_actions", "2 and 16", num_actions, (2..=MAX_ACTIONS).contains(num_actions))?;
        let is_reward = |reward: &f64| (-MAX_REWARD..=MAX_REWARD).contains(reward);
        must("reward_now", "-100 and 100", reward_now, is_reward(reward_now))?;
        must("reward_later", "-100 and 100", reward_later, is_reward(reward_later))
    },
    make: |settings| DelayedChoice {
        length: settings.length,
        num_actions: settings.num_actions,
        reward_now: settings.reward_now,
        reward_later: settings.reward_later,
    },
}
