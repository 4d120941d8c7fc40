//! What acting shows about the agent: how decided its searches are, and whether their values come true.

use serde::{Deserialize, Serialize};
use zerolab_search::SearchResult;

use crate::agent::Transition;
use crate::replay::End;

/// The sums behind the diagnostics of exploring actions since they were last read, and the episodes that go on.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
pub(super) struct ActingDiagnostics {
    /// `[lanes]`: the value that the last search found; empty if the last actions were random.
    found: Vec<f32>,
    /// `[lanes]`: the steps of the present episode.
    episodes: Vec<Vec<Step>>,
    entropies: Sum,
    root_values: Sum,
    realised_returns: Sum,
}

/// A step of an episode that goes on.
#[derive(Clone, Copy, Debug, Serialize, Deserialize)]
struct Step {
    /// The value of its search; `None` if its action was random.
    root_value: Option<f32>,
    reward: Option<f32>,
    to_play: usize,
}

/// A sum and the number of its terms.
#[derive(Clone, Copy, Debug, Default, Serialize, Deserialize)]
struct Sum {
    sum: f64,
    count: u64,
}

impl Sum {
    fn add(&mut self, term: f64) {
        self.sum += term;
        self.count += 1;
    }

    fn mean(self) -> Option<f64> {
        (self.count > 0).then(|| self.sum / self.count as f64)
    }
}

impl ActingDiagnostics {
    /// Keeps what the searches of all lanes found. The policies are `[lanes, actions]`.
    pub(super) fn searched(&mut self, found: &SearchResult, actions: usize) {
        self.found.clone_from(&found.values);
        found.policies.chunks_exact(actions).for_each(|policy| self.entropies.add(entropy(policy)));
    }

    /// All lanes acted at random.
    pub(super) fn acted_randomly(&mut self) {
        self.found.clear();
    }

    /// A lane's transition, with the reward that the agent learns from.
    pub(super) fn observe(&mut self, row: usize, transition: &Transition, discount: f64) {
        let lane = transition.lane;
        if self.episodes.len() <= lane {
            self.episodes.resize_with(lane + 1, Vec::new);
        }
        self.episodes[lane].push(Step {
            root_value: self.found.get(row).copied(),
            reward: transition.reward,
            to_play: transition.to_play,
        });
        match End::of(transition) {
            End::Open => {}
            end => self.finish(lane, end, discount),
        }
    }

    /// Compares the root values of an episode that ended with the discounted sums of the rewards that followed.
    fn finish(&mut self, lane: usize, end: End, discount: f64) {
        let mut steps = std::mem::take(&mut self.episodes[lane]);
        // What follows the steps, in the view of the player to move.
        let (mut following, mut player) = (Some(0.0), 0);
        if end == End::Truncated {
            // Nobody knows what would have followed. The value of the last search stands for it.
            while let Some(Step { root_value, to_play, .. }) = steps.pop() {
                if let Some(value) = root_value {
                    (following, player) = (Some(f64::from(value)), to_play);
                    break;
                }
            }
        }
        for step in steps.iter().rev() {
            if step.to_play != player {
                (following, player) = (following.map(|sum| -sum), step.to_play);
            }
            // A hidden reward leaves all returns before it unknown.
            following =
                step.reward.zip(following).map(|(reward, sum)| f64::from(reward) + discount * sum);
            if let (Some(value), Some(following)) = (step.root_value, following) {
                self.root_values.add(f64::from(value));
                self.realised_returns.add(following);
            }
        }
    }

    /// The means since the last call, by name.
    pub(super) fn drain(&mut self) -> impl Iterator<Item = (String, f64)> + use<> {
        let take = std::mem::take::<Sum>;
        let means = [
            ("policy_entropy", take(&mut self.entropies).mean()),
            ("root_value", take(&mut self.root_values).mean()),
            ("realised_return", take(&mut self.realised_returns).mean()),
        ];
        means.into_iter().filter_map(|(name, mean)| Some((name.to_owned(), mean?)))
    }
}

/// The entropy of a policy in nats.
fn entropy(policy: &[f32]) -> f64 {
    let positive = policy.iter().map(|&p| f64::from(p)).filter(|&p| p > 0.0);
    -positive.map(|p| p * p.ln()).sum::<f64>()
}
