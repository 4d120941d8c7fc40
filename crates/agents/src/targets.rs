//! What a network should have said, from what was experienced: n-step returns, value prefixes, policies.
//!
//! Pure functions of one episode. A truncation is not a termination: behind a cut (and at the open end of
//! an episode that goes on) a return is completed by the value of the last observation; behind a
//! termination there is nothing, for ever (MuZero's absorbing states).
//!
//! In games of two players a reward is that of the player who acted, a value that of the player to move;
//! what one wins the other loses, so either counts negatively where it is the other's.

use rand::RngExt;
use rand_chacha::ChaCha8Rng;

use crate::replay::{End, Episode};

/// `Σ_{i<l} ±γ^i r_{j+i} ± γ^l v(o_{j+l})`, minus where the turn is not that of the player of step `j`: the
/// sum, and where and how much to bootstrap.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Return {
    /// The discounted sum of rewards.
    pub rewards: f32,
    /// The observation whose value completes it, and that value's discount, negative where it is the other
    /// player's; `None` behind a termination.
    pub bootstrap: Option<(usize, f32)>,
}

/// The n-step return from step `step` of `episode`; `step` may be the last observation, `T`.
#[must_use]
pub fn n_step_return(episode: &Episode, step: usize, n: usize, discount: f32) -> Return {
    let last = (step + n).min(episode.len());
    let player = episode.to_play[step];
    let signed = |at: usize, x: f32| if episode.to_play[at] == player { x } else { -x };
    let mut rewards = 0.0;
    let mut factor = 1.0;
    for at in step..last {
        rewards += factor * signed(at, episode.rewards[at]);
        factor *= discount;
    }
    let over = last == episode.len() && episode.end == End::Terminated;
    Return { rewards, bootstrap: (!over).then_some((last, signed(last, factor))) }
}

/// How many steps of reward a target may use when the transition is `age` transitions old: the older the
/// data, the further its policy is from today's (EfficientZero's off-policy correction):
/// `l = clip(n - ⌊age / (share · budget)⌋, 1, n)`. A `share` of 0 switches it off.
#[must_use]
pub fn horizon_for_age(n: usize, age: u64, share: f64, budget: u64) -> usize {
    if share <= 0.0 {
        return n;
    }
    let shorter = (age as f64 / (share * budget as f64)).floor() as usize;
    n.saturating_sub(shorter).max(1)
}

/// What one unrolled state should predict.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct StateTarget {
    /// The observation that shows this state; the last one where the state lies behind the end.
    pub observation: usize,
    /// Whether that observation really shows it: only then has it a policy to find or likeness to keep.
    pub seen: bool,
    /// Whether an action was taken there, so that the policy of that search is stored.
    pub acted: bool,
    /// What its value should be; `None` where that is unknown (behind a cut).
    pub value: Option<Return>,
}

/// What an unroll from one step should say.
#[derive(Clone, Debug, PartialEq)]
pub struct Unrolled {
    /// `[K]`: the actions; past the end they are drawn uniformly.
    pub actions: Vec<u32>,
    /// `[K]`: the reward of each action, 0 behind a termination; `None` where it is unknown.
    pub rewards: Vec<Option<f32>>,
    /// `[K + 1]`: the state before each action, and the last.
    pub states: Vec<StateTarget>,
}

/// The targets of an unroll of `unroll` steps from `step`, with `n`-step returns.
#[must_use]
pub fn unrolled(
    episode: &Episode,
    step: usize,
    (unroll, n, discount): (usize, usize, f32),
    num_actions: usize,
    stream: &mut ChaCha8Rng,
) -> Unrolled {
    let length = episode.len();
    let over = episode.end == End::Terminated;
    let mut actions = Vec::with_capacity(unroll);
    let mut rewards = Vec::with_capacity(unroll);
    for at in step..step + unroll {
        // Drawn whether it is used or not: the stream then never depends on how episodes ended.
        let drawn = stream.random_range(0..num_actions as u32);
        actions.push(if at < length { episode.actions[at] } else { drawn });
        rewards.push(if at < length { Some(episode.rewards[at]) } else { over.then_some(0.0) });
    }
    let state = |at: usize| StateTarget {
        observation: at.min(length),
        seen: at <= length,
        acted: at < length,
        value: if at <= length {
            Some(n_step_return(episode, at, n, discount))
        } else {
            over.then_some(Return { rewards: 0.0, bootstrap: None })
        },
    };
    Unrolled { actions, rewards, states: (step..=step + unroll).map(state).collect() }
}

/// Rewards as value prefixes: running sums that start anew after every `horizon` steps. Unknown from the
/// first unknown reward on.
#[must_use]
pub fn value_prefixes(rewards: &[Option<f32>], horizon: usize) -> Vec<Option<f32>> {
    let mut prefix = Some(0.0);
    let mut prefixes = Vec::with_capacity(rewards.len());
    for (step, &reward) in rewards.iter().enumerate() {
        if step % horizon == 0 {
            prefix = prefix.map(|_| 0.0);
        }
        prefix = prefix.zip(reward).map(|(prefix, reward)| prefix + reward);
        prefixes.push(prefix);
    }
    prefixes
}
