//! The rules that every play shows to be kept or broken: nothing has to be tried for them.

use std::collections::BTreeMap;

use super::rule::Rule;
use super::trace::{Reading, in_steps};
use crate::environment::{Description, Step, StepError};

/// When something was seen.
#[derive(Clone, Copy, Debug)]
pub(super) struct Place {
    pub seed: u64,
    /// Steps since the environment was reset with the seed.
    pub steps: usize,
}

/// The first fault of each rule, and how much was seen.
#[derive(Debug, Default)]
pub(super) struct Witness {
    faults: BTreeMap<Rule, String>,
    pub steps: u64,
    pub ends: u64,
    pub failures: u64,
}

impl Witness {
    /// The first fault of a rule.
    pub fn fault(&self, rule: Rule) -> Option<&str> {
        self.faults.get(&rule).map(String::as_str)
    }

    /// Keeps the first fault of a rule.
    pub fn note(&mut self, rule: Rule, fault: impl FnOnce() -> String) {
        self.faults.entry(rule).or_insert_with(fault);
    }

    fn note_at(&mut self, rule: Rule, place: Place, what: impl FnOnce() -> String) {
        let Place { seed, steps } = place;
        self.note(rule, || format!("with seed {seed}, after {}: {}", in_steps(steps), what()));
    }

    pub fn see_reading(&mut self, description: &Description, reading: &Reading, place: Place) {
        let (low, high) = description.observation_range;
        let mut numbers = reading.observation().enumerate();
        if let Some((at, number)) = numbers.find(|(_, number)| !(low..=high).contains(number)) {
            self.note_at(Rule::Observations, place, || {
                let unwritten = if number.is_nan() { " or not written" } else { "" };
                format!(
                    "number {at} of the observation is {number}{unwritten}; the range is {low} to {high}"
                )
            });
        }
        let (player, players) = (reading.to_play, description.num_players);
        if player >= players {
            let what = || format!("player {player} is to move, and there are {players}");
            self.note_at(Rule::Turns, place, what);
        }
    }

    pub fn see_step(&mut self, description: &Description, step: &Step, place: Place) {
        self.steps += 1;
        self.ends += u64::from(step.ends());
        let rewards = [("reward", step.reward), ("true reward", Some(step.performance))];
        for (name, reward) in rewards {
            if let Some(reward) = reward.filter(|reward| !reward.is_finite()) {
                self.note_at(Rule::Rewards, place, || format!("the {name} is {reward}"));
            }
        }
        if step.reward.is_none() && !description.hides_rewards {
            let what = || "the reward is hidden, and the description says that none is".to_owned();
            self.note_at(Rule::Rewards, place, what);
        }
        if step.terminated && step.truncated {
            let what = || "the step is both terminated and truncated".to_owned();
            self.note_at(Rule::OneEnd, place, what);
        }
        let named = description.events.len();
        let most = u32::BITS as usize;
        if let Some(number) = (named..most).find(|&number| step.events.contains(number)) {
            self.note_at(Rule::Described, place, || {
                format!("event {number} happens, and the description names {named} events")
            });
        }
    }

    pub fn see_no_legal_action(&mut self, place: Place) {
        self.note_at(Rule::SomeLegal, place, || "no action is legal".to_owned());
    }

    pub fn see_refusal(&mut self, action: usize, error: &StepError, place: Place) {
        match error {
            StepError::Failed { message } => self.see_failure(message),
            _ => {
                let what = || format!("action {action} is legal, and the step fails: {error}");
                self.note_at(Rule::LegalAccepted, place, what);
            }
        }
    }

    /// Notes that the environment failed, which says itself where.
    pub fn see_failure(&mut self, message: &str) {
        self.failures += 1;
        self.note(Rule::NoFailure, || message.to_owned());
    }
}
