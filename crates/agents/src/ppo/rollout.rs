//! The experience since the last round of learning, of all lanes in the order in which it came.

use serde::{Deserialize, Serialize};

use super::advantages::{Moment, advantages};
use super::settings::Settings;
use crate::agent::Transition;
use crate::replay::End;

/// What was thought when an action was drawn.
#[derive(Clone, Copy, Debug, Serialize, Deserialize)]
pub(crate) struct Decision {
    /// Of the action that was drawn.
    pub(crate) log_probability: f32,
    /// Of what was seen.
    pub(crate) value: f32,
}

/// `N` steps.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
pub(crate) struct Rollout {
    /// Rounds of lanes.
    pub(crate) rounds: usize,
    /// `[N]`
    lanes: Vec<usize>,
    /// `[N, observation]`: what was seen before each step.
    pub(crate) observations: Vec<f32>,
    /// `[N, observation]`: what was seen after it.
    pub(crate) next_observations: Vec<f32>,
    /// `[N]`
    pub(crate) actions: Vec<usize>,
    /// `[N, A]`
    pub(crate) legal: Vec<bool>,
    /// `[N]`
    rewards: Vec<f32>,
    /// `[N]`
    ends: Vec<End>,
    /// `[N]`
    pub(crate) decisions: Vec<Decision>,
}

impl Rollout {
    pub(crate) fn len(&self) -> usize {
        self.actions.len()
    }

    /// Takes in one round of lanes.
    pub(crate) fn push(&mut self, transitions: Vec<Transition>, decisions: &[Decision]) {
        self.rounds += 1;
        self.decisions.extend_from_slice(decisions);
        for transition in transitions {
            self.ends.push(End::of(&transition));
            self.lanes.push(transition.lane);
            self.observations.extend(transition.observation);
            self.next_observations.extend(transition.next_observation);
            self.actions.push(transition.action);
            self.legal.extend(transition.legal);
            self.rewards.push(transition.reward);
        }
    }

    /// `[N]`: the advantage of each step, given the values `[N]` of what was seen after them.
    pub(crate) fn advantages(&self, next_values: &[f32], settings: &Settings) -> Vec<f32> {
        let moment = |at: usize| Moment {
            reward: self.rewards[at],
            value: self.decisions[at].value,
            next_value: next_values[at],
            end: self.ends[at],
        };
        let mut found = vec![0.0; self.len()];
        for lane in 0..=self.lanes.iter().copied().max().unwrap_or(0) {
            let steps: Vec<usize> =
                (0..self.len()).filter(|&step| self.lanes[step] == lane).collect();
            let moments: Vec<Moment> = steps.iter().map(|&step| moment(step)).collect();
            let of_lane = advantages(&moments, settings.discount, settings.gae_lambda);
            steps.into_iter().zip(of_lane).for_each(|(step, advantage)| found[step] = advantage);
        }
        found
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn step(lane: usize, number: usize) -> (Transition, Decision, f32) {
        let number = number as f32 + 10.0 * lane as f32;
        let transition = Transition {
            lane,
            observation: vec![number],
            action: 0,
            reward: number.sin(),
            terminated: number.cos() > 0.9,
            truncated: number.cos() < -0.9,
            next_observation: vec![number],
            legal: vec![true],
            to_play: 0,
            next_to_play: 0,
        };
        (transition, Decision { log_probability: 0.0, value: (number * 2.0).sin() }, number.cos())
    }

    /// The advantages of the first `lanes` lanes, where the last round has only `last` of them.
    fn of_lanes(lanes: usize, last: usize) -> Vec<Vec<f32>> {
        let (mut rollout, mut next_values, rounds) = (Rollout::default(), Vec::new(), 12);
        for number in 0..rounds {
            let playing = if number + 1 == rounds { last } else { lanes };
            let steps: Vec<_> = (0..playing).map(|lane| step(lane, number)).collect();
            next_values.extend(steps.iter().map(|(_, _, next)| *next));
            let decisions: Vec<_> = steps.iter().map(|(_, decision, _)| *decision).collect();
            rollout.push(steps.into_iter().map(|(step, _, _)| step).collect(), &decisions);
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
