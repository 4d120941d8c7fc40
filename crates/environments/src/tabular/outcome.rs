//! What a list of an environment says: its states, and the possible outcomes of every action.

use std::fmt::Debug;
use std::hash::Hash;

use serde::Serialize;
use serde::de::DeserializeOwned;

use super::canvas::Canvas;
use crate::environment::Events;
use crate::examination::ActionPlan;
use crate::scene::Scene;

/// A possible outcome of an action or of a chance event.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Outcome<S> {
    /// Its probability. Those of all outcomes of an action add up to 1.
    pub probability: f64,
    /// The reward that the environment pays.
    pub reward: f64,
    /// The true reward.
    pub performance: f64,
    /// The events that happen.
    pub events: Events,
    /// What follows.
    pub next: Next<S>,
}

/// What follows an outcome.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Next<S> {
    /// The agent acts in this state, one step later.
    State(S),
    /// Before the step is over, chance acts in this state. So many independent chances are listed one after
    /// the other, not as all their combinations.
    Chance(S),
    /// The episode ends, in this last state.
    End(S),
}

impl<S> Outcome<S> {
    /// A certain outcome whose reward is the true one, without events.
    pub fn certain(reward: f64, next: Next<S>) -> Self {
        Self { probability: 1.0, reward, performance: reward, events: Events::NONE, next }
    }
}

/// An environment as a list of its states and outcomes. The rules do not depend on the time.
pub trait Tabular: Clone + Debug + Send + Sync + 'static {
    /// A state, without the time.
    type State: Copy
        + Debug
        + Eq
        + Hash
        + Ord
        + Send
        + Sync
        + Serialize
        + DeserializeOwned
        + 'static;

    /// The tag of saved states: the name and the version of the layout.
    const TAG: &'static str;
    /// The names of the events.
    const EVENTS: &'static [&'static str] = &[];
    /// The cost of a step: [`Description::operations_per_step`](crate::Description::operations_per_step).
    const OPERATIONS: u64;

    /// Rows and columns of the grid that [`draw`](Self::draw) draws on.
    fn size(&self) -> (usize, usize);

    /// Number of actions.
    fn num_actions(&self) -> usize;

    /// Number of steps after which an episode ends, at least 1.
    fn horizon(&self) -> u32;

    /// The states in which an episode can begin, with their probabilities.
    fn starts(&self) -> Vec<(f64, Self::State)>;

    /// Appends the possible outcomes of `action` in `state`.
    fn outcomes(&self, state: &Self::State, action: usize, out: &mut Vec<Outcome<Self::State>>);

    /// Appends the possible outcomes of chance in `state`, for states that [`Next::Chance`] names. It must not
    /// lead back to `state` before the step is over.
    fn chance(&self, _state: &Self::State, _out: &mut Vec<Outcome<Self::State>>) {}

    /// The named plans from a state of a running episode. One that is longer than the rest of the episode is left
    /// out later, because the rules do not know the time.
    fn plans(&self, _state: &Self::State) -> Vec<ActionPlan> {
        Vec::new()
    }

    /// The named states, each with its tag. They must be playable.
    fn positions(&self) -> Vec<(&'static str, Self::State)> {
        Vec::new()
    }

    /// Draws what the agent sees, except the time.
    fn draw(&self, state: &Self::State, canvas: &mut Canvas<'_>);

    /// A picture for people.
    fn scene(&self, state: &Self::State) -> Option<Scene>;

    /// Whether `state` can be played. It is asked of saved states, which may be damaged.
    fn is_playable(&self, state: &Self::State) -> bool;
}
