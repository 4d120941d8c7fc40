//! The experience since the last round of learning, of all lanes, in order.

use serde::{Deserialize, Serialize};

use super::advantages::{ValuedStep, advantages};
use super::settings::Settings;
use crate::agent::Transition;
use crate::replay::End;

/// The network's output for an action, recorded in acting.
#[derive(Clone, Copy, Debug, Serialize, Deserialize)]
pub(crate) struct ActingOutput {
    /// The log probability of the action.
    pub(crate) log_probability: f32,
    /// The value of the observation.
    pub(crate) value: f32,
}

/// A rollout of `N` steps.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
pub(crate) struct Rollout {
    /// Rounds of all lanes.
    pub(crate) rounds: usize,
    /// `[N]`
    lanes: Vec<usize>,
    /// `[N, observation]`: the observations before each step.
    pub(crate) observations: Vec<f32>,
    /// `[N, observation]`: the observations after each step.
    pub(crate) next_observations: Vec<f32>,
    /// `[N]`
    pub(crate) actions: Vec<usize>,
    /// `[N, A]`
    pub(crate) legal: Vec<bool>,
    /// `[N]`: none is hidden.
    rewards: Vec<f32>,
    /// `[N]`
    ends: Vec<End>,
    /// `[N]`
    pub(crate) outputs: Vec<ActingOutput>,
}

impl Rollout {
    pub(crate) fn len(&self) -> usize {
        self.actions.len()
    }

    /// Appends one round of lanes.
    pub(crate) fn push(&mut self, transitions: Vec<Transition>, outputs: &[ActingOutput]) {
        self.rounds += 1;
        self.outputs.extend_from_slice(outputs);
        for transition in transitions {
            self.ends.push(End::of(&transition));
            self.lanes.push(transition.lane);
            self.observations.extend(transition.observation);
            self.next_observations.extend(transition.next_observation);
            self.actions.push(transition.action);
            self.legal.extend(transition.legal);
            self.rewards.push(transition.reward.unwrap_or(0.0));
        }
    }

    /// `[N]`: the advantage of each step, given the values `[N]` of the observations after the steps.
    pub(crate) fn advantages(&self, next_values: &[f32], settings: &Settings) -> Vec<f32> {
        let valued_step = |at: usize| ValuedStep {
            reward: self.rewards[at],
            value: self.outputs[at].value,
            next_value: next_values[at],
            end: self.ends[at],
        };
        let mut found = vec![0.0; self.len()];
        for lane in 0..=self.lanes.iter().copied().max().unwrap_or(0) {
            let steps: Vec<usize> =
                (0..self.len()).filter(|&step| self.lanes[step] == lane).collect();
            let valued_steps: Vec<ValuedStep> =
                steps.iter().map(|&step| valued_step(step)).collect();
            let of_lane =
                advantages(&valued_steps, settings.discount as f32, settings.gae_lambda as f32);
            steps.into_iter().zip(of_lane).for_each(|(step, advantage)| found[step] = advantage);
        }
        found
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn step(lane: usize, number: usize) -> (Transition, ActingOutput, f32) {
        let number = number as f32 + 10.0 * lane as f32;
        let transition = Transition {
            lane,
            observation: vec![number],
            action: 0,
            reward: Some(number.sin()),
            terminated: number.cos() > 0.9,
            truncated: number.cos() < -0.9,
            next_observation: vec![number],
            legal: vec![true],
            to_play: 0,
            next_to_play: 0,
        };
        (
            transition,
            ActingOutput { log_probability: 0.0, value: (number * 2.0).sin() },
            number.cos(),
        )
    }

    /// The advantages of the first `lanes` lanes, where the last round has only `last` of them.
    fn of_lanes(lanes: usize, last: usize) -> Vec<Vec<f32>> {
        let (mut rollout, mut next_values, rounds) = (Rollout::default(), Vec::new(), 12);
        for number in 0..rounds {
            let playing = if number + 1 == rounds { last } else { lanes };
            let steps: Vec<_> = (0..playing).map(|lane| step(lane, number)).collect();
            next_values.extend(steps.iter().map(|(_, _, next)| *next));
            let outputs: Vec<_> = steps.iter().map(|(_, decision, _)| *decision).collect();
            rollout.push(steps.into_iter().map(|(step, _, _)| step).collect(), &outputs);
        }
        assert_eq!((rollout.rounds, rollout.len()), (rounds, lanes * (rounds - 1) + last));
        let advantages = rollout.advantages(&next_values, &Settings::default());
        let of_lane = |lane| {
            let steps = rollout.lanes.iter().zip(&advantages);
            steps.filter(|(of, _)| **of == lane).map(|(_, advantage)| *advantage).collect()
        };
        (0..lanes).map(of_lane).collect()
    }

    #[test]
    fn no_lane_changes_another_ones_advantages() {
        assert_eq!(of_lanes(3, 3)[0], of_lanes(1, 1)[0]);
        assert_eq!(of_lanes(3, 3)[..2], of_lanes(2, 2)[..]);
        // Nor does a round that only some take part in.
        assert_eq!(of_lanes(3, 1)[0], of_lanes(3, 3)[0]);
        assert_eq!(of_lanes(3, 1)[1].len(), 11);
    }
}
