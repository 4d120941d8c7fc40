//! What a board game of two players must say: its positions, the moves, how it ends, and what players see.

use std::fmt::Debug;
use std::hash::Hash;

use serde::Serialize;
use serde::de::DeserializeOwned;

use crate::environment::Events;

/// How a move leaves the game.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Outcome {
    /// The other player moves next.
    GoesOn,
    /// The player who moved has won.
    Won,
    /// The game ends in a draw.
    Drawn,
}

/// The rules of a game in which two players take turns. Every game ends.
pub(super) trait Rules: Clone + Debug + Send + Sync + 'static {
    /// A position, from the viewpoint of the player to move. It says whose turn it is, but not how often players moved.
    type Position: Copy + Debug + Eq + Hash + Send + Sync + Serialize + DeserializeOwned + 'static;

    /// The registered name.
    const NAME: &'static str;
    /// The tag of saved states: the name and the version of the layout.
    const TAG: &'static str;
    /// The names of the events.
    const EVENTS: &'static [&'static str] = &[];

    /// [`Description::operations_per_step`](crate::Description::operations_per_step), without those of
    /// [`BoardEnvironment`](super::BoardEnvironment).
    fn operations(&self) -> u64;

    /// `[C, H, W]`: the shape of an observation.
    fn observation_shape(&self) -> [usize; 3];

    /// `A`: the number of actions.
    fn num_actions(&self) -> usize;

    /// No game has more moves.
    fn most_plies(&self) -> u32;

    /// The position in which a game begins.
    fn start(&self) -> Self::Position;

    /// The player to move: 0 for the first player, else 1.
    fn to_play(&self, position: &Self::Position) -> usize;

    /// Whether an action may be taken. `action` is one of `0..num_actions`, and the game is not over.
    fn is_legal(&self, position: &Self::Position, action: usize) -> bool;

    /// The position after an action, from the other player's viewpoint, and how it leaves the game; `None` if the action
    /// is illegal. The arguments are as for [`is_legal`](Self::is_legal).
    fn play(&self, position: &Self::Position, action: usize) -> Option<(Self::Position, Outcome)>;

    /// The events of a legal action.
    fn events(&self, _position: &Self::Position, _action: usize) -> Events {
        Events::NONE
    }

    /// Writes what the player to move sees, row-major in [`observation_shape`](Self::observation_shape).
    fn draw(&self, position: &Self::Position, observation: &mut [f32]);

    /// Whether the game has ended in this position.
    fn is_over(&self, position: &Self::Position) -> bool;

    /// What is wrong with a position that was saved after so many moves. Some unreachable positions pass, but they can be
    /// played.
    fn fault(&self, position: &Self::Position, plies: u32) -> Option<&'static str>;

    /// The tags of a position in which the game goes on, for examinations. `keeps_value`: whether an action leads to the
    /// best result that is possible from there.
    fn tags(
        &self,
        position: &Self::Position,
        _keeps_value: &dyn Fn(usize) -> bool,
    ) -> Vec<&'static str> {
        if *position == self.start() { vec!["all", "start"] } else { vec!["all"] }
    }
}
