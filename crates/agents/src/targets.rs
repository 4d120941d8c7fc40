//! Training targets from experience: n-step returns, value prefixes, unrolls.
//!
//! These are pure functions of one episode. A truncation is not a termination. After a truncation, and at the
//! open end of an episode that goes on, a return is completed by the value of the last observation. After a
//! termination all rewards and values are 0 (MuZero's absorbing states).
//!
//! In games of two players a reward belongs to the player who acted, and a value to the player to move. The
//! games are zero-sum, so rewards and values of the other player count negatively.

use rand::RngExt;
use rand_chacha::ChaCha8Rng;

use crate::replay::{End, Episode};

/// An n-step return, not yet completed by the bootstrap value: `Σ_{i<l} ±γ^i r_{j+i} ± γ^l v(o_{j+l})`. A
/// sign is minus where it is not the turn of the player of step `j`.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Return {
    /// The discounted sum of rewards.
    pub rewards: f32,
    /// The value that completes it; `None` after a termination.
    pub bootstrap: Option<Bootstrap>,
}

/// The value that completes a return.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Bootstrap {
    /// The observation whose value it is.
    pub observation: usize,
    /// The value's factor in the return, `±γ^l`: negative if it is the other player's turn.
    pub discount: f32,
}

impl Return {
    /// The return with `value` as the value of the bootstrap observation.
    #[must_use]
    pub fn completed(self, value: f32) -> f32 {
        self.rewards + self.bootstrap.map_or(0.0, |bootstrap| bootstrap.discount * value)
    }
}

/// The n-step return from step `step` of `episode`; `step` may be the last observation, `T`. `None` if one of
/// its rewards was hidden.
#[must_use]
pub fn n_step_return(episode: &Episode, step: usize, n: usize, discount: f32) -> Option<Return> {
    let last = (step + n).min(episode.len());
    let player = episode.to_play[step];
    let signed = |at: usize, x: f32| if episode.to_play[at] == player { x } else { -x };
    let mut rewards = 0.0;
    let mut factor = 1.0;
    for at in step..last {
        rewards += factor * signed(at, episode.reward(at)?);
        factor *= discount;
    }
    let over = last == episode.len() && episode.end == End::Terminated;
    let bootstrap = Bootstrap { observation: last, discount: signed(last, factor) };
    Some(Return { rewards, bootstrap: (!over).then_some(bootstrap) })
}

/// The number of rewards in a target for a transition that is `age` transitions old. Older data come from
/// older policies, so their targets bootstrap earlier (EfficientZero's off-policy correction): `l = clip(n -
/// ⌊age / (share · budget)⌋, 1, n)`. With a `share` of 0 it is always `n`.
#[must_use]
pub fn horizon_for_age(n: usize, age: u64, share: f64, budget: u64) -> usize {
    if share <= 0.0 {
        return n;
    }
    let shorter = (age as f64 / (share * budget as f64)).floor() as usize;
    n.saturating_sub(shorter).max(1)
}

/// The targets of one unrolled state.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct StateTarget {
    /// The observation of this state; the last one of the episode for a state after the end.
    pub observation: usize,
    /// Whether that observation is of this state. Otherwise the state has no policy and no consistency
    /// target.
    pub seen: bool,
    /// Whether an action was taken there, so that a search policy is stored.
    pub acted: bool,
    /// The value target; `None` where it is unknown: after a truncation, and where a reward was hidden.
    pub value: Option<Return>,
}

/// The targets of an unroll from one step.
#[derive(Clone, Debug, PartialEq)]
pub struct UnrollTargets {
    /// `[K]`: the actions; after the end they are uniformly random.
    pub actions: Vec<u32>,
    /// `[K]`: the reward of each action: 0 after a termination, `None` where it is unknown.
    pub rewards: Vec<Option<f32>>,
    /// `[K + 1]`: the state before each action, and the last state.
    pub states: Vec<StateTarget>,
}

/// The lengths and the discount of an unroll.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct UnrollLengths {
    /// Unrolled steps, `K`.
    pub unroll_steps: usize,
    /// Rewards in a value target, `n`.
    pub td_steps: usize,
    /// Discount of one step, γ.
    pub discount: f32,
}

/// The targets of an unroll from `step`, with n-step returns as values.
#[must_use]
pub fn unroll_targets(
    episode: &Episode,
    step: usize,
    lengths: UnrollLengths,
    num_actions: usize,
    stream: &mut ChaCha8Rng,
) -> UnrollTargets {
    let UnrollLengths { unroll_steps, td_steps, discount } = lengths;
    let length = episode.len();
    let over = episode.end == End::Terminated;
    let mut actions = Vec::with_capacity(unroll_steps);
    let mut rewards = Vec::with_capacity(unroll_steps);
    for at in step..step + unroll_steps {
        // Always drawn, so that the state of the stream does not depend on how episodes end.
        let drawn = stream.random_range(0..num_actions as u32);
        actions.push(if at < length { episode.actions[at] } else { drawn });
        rewards.push(if at < length { episode.reward(at) } else { over.then_some(0.0) });
    }
    let state = |at: usize| StateTarget {
        observation: at.min(length),
        seen: at <= length,
        acted: at < length,
        value: if at <= length {
            n_step_return(episode, at, td_steps, discount)
        } else {
            over.then_some(Return { rewards: 0.0, bootstrap: None })
        },
    };
    UnrollTargets { actions, rewards, states: (step..=step + unroll_steps).map(state).collect() }
}

/// Value prefixes: running sums of rewards that restart after every `horizon` steps. A sum with an unknown
/// reward is unknown.
#[must_use]
pub fn value_prefixes(rewards: &[Option<f32>], horizon: usize) -> Vec<Option<f32>> {
    let mut prefix = Some(0.0);
    let mut prefixes = Vec::with_capacity(rewards.len());
    for (step, &reward) in rewards.iter().enumerate() {
        if step % horizon == 0 {
            prefix = Some(0.0);
        }
        prefix = prefix.zip(reward).map(|(prefix, reward)| prefix + reward);
        prefixes.push(prefix);
    }
    prefixes
}
