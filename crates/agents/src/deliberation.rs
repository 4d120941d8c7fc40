//! What an agent thought of an action that it chose: for people who watch it. Nothing is learnt or recorded of it.

use serde::Serialize;

/// A chosen action, and as much of the thought behind it as the agent can tell; what it does not know is empty.
#[derive(Clone, Debug, Default, PartialEq, Serialize)]
pub struct Deliberation {
    /// What is to be done.
    pub action: usize,
    /// What is expected to come: by a search where there is one, else by the network alone. Of the player to move.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub value: Option<f32>,
    /// `[A]`: the probabilities that were arrived at; of a search, its policy target.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub policy: Vec<f32>,
    /// `[A]`: the network's probabilities, before any search; 0 where illegal.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub prior: Vec<f32>,
    /// `[A]`: how many simulations took the action first.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub visits: Vec<u32>,
    /// `[A]`: what is expected to come of each action; of a search, 0 without a visit.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub action_values: Vec<f32>,
    /// The line of play that was looked into most, the chosen action first.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub imagined: Vec<ImaginedStep>,
}

/// One step of a line of play in thought.
#[derive(Clone, Copy, Debug, PartialEq, Serialize)]
pub struct ImaginedStep {
    /// What is done.
    pub action: usize,
    /// What it brings to the player who does it.
    pub reward: f32,
    /// What is expected to come after it, of the player who moves then.
    pub value: f32,
}

/// The probabilities of the legal actions by a row of logits, `[A]`; 0 where illegal.
pub(crate) fn probabilities(logits: &[f32], legal: &[bool]) -> Vec<f32> {
    let of_legal = || logits.iter().zip(legal).filter(|(_, legal)| **legal);
    let highest = of_legal().fold(f32::NEG_INFINITY, |highest, (&logit, _)| highest.max(logit));
    let weight = |logit: f32| (logit - highest).exp();
    let sum: f32 = of_legal().map(|(&logit, _)| weight(logit)).sum();
    let share = |(&logit, &legal): (&f32, &bool)| if legal { weight(logit) / sum } else { 0.0 };
    logits.iter().zip(legal).map(share).collect()
}
