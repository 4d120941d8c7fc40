//! Compares the rewards that a search predicted for later steps with what happened. A prediction is compared
//! as long as all actions since then are those of the predicted sequence.

use std::collections::VecDeque;

use serde::Serialize;
use zerolab_agents::ImaginedStep;

/// The reward that an earlier search predicted for a step.
#[derive(Clone, Copy, Debug, PartialEq, Serialize)]
pub struct ImaginedReward {
    /// The number of real steps since that search; 0 is the search that chose this step's action.
    pub steps_before: u32,
    /// The predicted reward, of the player who moves.
    pub reward: f32,
}

/// Predicted sequences of actions that agree with the real actions so far, earliest first.
#[derive(Clone, Debug, Default)]
pub struct ImaginedSequences {
    sequences: VecDeque<Sequence>,
}

/// The rest of a predicted sequence.
#[derive(Clone, Debug)]
struct Sequence {
    /// The real step of its search.
    from: u32,
    /// The next step first.
    left: VecDeque<ImaginedStep>,
}

impl ImaginedSequences {
    /// Adds a sequence that starts at real step `step`. Call it before `advance` for this step.
    pub fn add(&mut self, step: u32, sequence: &[ImaginedStep]) {
        self.sequences.push_back(Sequence { from: step, left: sequence.iter().copied().collect() });
    }

    /// Goes on by real step `step` with `action`. Returns the rewards that were predicted for it.
    pub fn advance(&mut self, step: u32, action: usize) -> Vec<ImaginedReward> {
        let mut rewards = Vec::new();
        self.sequences.retain_mut(|sequence| {
            let next = sequence.left.pop_front().filter(|next| next.action == action);
            rewards.extend(next.map(|ImaginedStep { reward, .. }| ImaginedReward {
                steps_before: step - sequence.from,
                reward,
            }));
            next.is_some() && !sequence.left.is_empty()
        });
        rewards
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn sequence(steps: &[(usize, f32)]) -> Vec<ImaginedStep> {
        let step = |&(action, reward)| ImaginedStep { action, reward, value: 0.0 };
        steps.iter().map(step).collect()
    }

    #[test]
    fn a_sequence_is_compared_until_another_action_is_taken() {
        let mut sequences = ImaginedSequences::default();
        let mut step_with = |step, imagined: &[(usize, f32)], action| {
            sequences.add(step, &sequence(imagined));
            let rewards = sequences.advance(step, action);
            rewards.iter().map(|of| (of.steps_before, of.reward)).collect::<Vec<_>>()
        };
        assert_eq!(step_with(0, &[(1, 0.1), (2, 0.2), (0, 0.3)], 1), [(0, 0.1)]);
        assert_eq!(step_with(1, &[(2, 1.1), (1, 1.2)], 2), [(1, 0.2), (0, 1.1)]);
        assert_eq!(step_with(2, &[(0, 2.1)], 0), [(2, 0.3), (0, 2.1)]);
        assert_eq!(step_with(3, &[], 1), []);
    }
}
