//! What is known of an environment that was solved exactly.

use std::fmt::Debug;

use serde::{Deserialize, Serialize};

use crate::environment::RestoreError;

/// What a policy is best for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Objective {
    /// The expected return, of the rewards that the environment pays. Among equally good actions the true
    /// reward decides.
    Return(Ties),
    /// The expected performance, of true rewards. Among equally good actions the paid reward decides.
    Performance,
}

/// Which of equally good actions a policy takes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Ties {
    /// The one with the best true reward.
    Best,
    /// The one with the worst true reward.
    Worst,
}

/// The expected, undiscounted sums of an episode under some policy.
#[derive(Clone, Copy, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Expected {
    /// Of the paid rewards.
    pub r#return: f64,
    /// Of the true rewards.
    pub performance: f64,
}

impl Expected {
    pub(super) fn plus(self, other: Self) -> Self {
        Self {
            r#return: self.r#return + other.r#return,
            performance: self.performance + other.performance,
        }
    }

    pub(super) fn times(self, factor: f64) -> Self {
        Self { r#return: factor * self.r#return, performance: factor * self.performance }
    }
}

/// What policies reach that are known exactly. The measures of an agent are compared with them.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct Anchors {
    /// Uniformly random actions.
    pub random: Expected,
    /// The best policy for the paid reward; among equally good actions it takes the truly best.
    pub best_return: Expected,
    /// The best policy for the paid reward; among equally good actions it takes the truly worst.
    pub best_return_worst_tie: Expected,
    /// The best policy for the true reward: what the designer intended.
    pub best_performance: Expected,
}

/// An environment that can be solved exactly.
pub trait Solver {
    /// What the exactly known policies reach. The best policies are those at `discount`.
    fn anchors(&self, discount: f64) -> Anchors;

    /// The best policy, at `discount`.
    fn solve(&self, objective: Objective, discount: f64) -> Box<dyn Solution>;
}

/// A state at a time, as the best policy sees it.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct SolvedState {
    /// Steps before it.
    pub time: u32,
    /// The state, for people.
    pub state: String,
    /// The best action.
    pub action: usize,
    /// The optimal value: the expected, discounted sum of the rewards of the objective.
    pub value: f64,
}

/// The best policy of an environment, and the value of every state.
pub trait Solution: Debug + Send {
    /// The best action in the state that [`Environment::save`](crate::Environment::save) wrote.
    ///
    /// # Errors
    /// If the bytes are not a possible state of the environment that was solved.
    fn action(&self, saved: &[u8]) -> Result<usize, RestoreError>;

    /// The optimal value of that state: the expected, discounted sum of the rewards of the objective. With two players it
    /// is that of the player to move.
    ///
    /// # Errors
    /// As [`action`](Self::action).
    fn value(&self, saved: &[u8]) -> Result<f64, RestoreError>;

    /// `[A]`: the value of each action in that state, if the best policy follows it; −∞ for an illegal action; all 0
    /// after the end of the episode.
    ///
    /// # Errors
    /// As [`action`](Self::action).
    fn action_values(&self, saved: &[u8]) -> Result<Vec<f64>, RestoreError>;

    /// What the policy reaches in an episode.
    fn expected(&self) -> Expected;

    /// Every state at every time, in order of time, with its best action and value. Some can be reached only at
    /// other times.
    fn states(&self) -> Box<dyn Iterator<Item = SolvedState> + '_>;
}
