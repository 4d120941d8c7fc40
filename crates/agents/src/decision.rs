//! An action together with the estimates behind it, for people who watch an agent. It is not used for
//! learning.

use serde::Serialize;

/// A chosen action and the agent's estimates. Estimates that the agent does not have are empty.
#[derive(Clone, Debug, Default, PartialEq, Serialize)]
pub struct Decision {
    /// The chosen action.
    pub action: usize,
    /// The expected return of the player to move, by the search or, without one, by the network.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub value: Option<f32>,
    /// `[A]`: the policy. For a search, its policy target.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub policy: Vec<f32>,
    /// `[A]`: the network's policy before the search; 0 for illegal actions.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub prior: Vec<f32>,
    /// `[A]`: visit counts of the root's actions.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub visits: Vec<u32>,
    /// `[A]`: the value of each action. In a search, 0 without a visit.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub action_values: Vec<f32>,
    /// The principal line of the search: the chosen action, then the most visited ones.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub imagined: Vec<ImaginedStep>,
}

/// One step of the principal line.
#[derive(Clone, Copy, Debug, PartialEq, Serialize)]
pub struct ImaginedStep {
    /// The action.
    pub action: usize,
    /// Its predicted reward for the player who acts.
    pub reward: f32,
    /// The value of the next state for the player who moves there.
    pub value: f32,
}

/// The softmax over the legal actions of logits `[A]`; 0 for illegal actions.
pub(crate) fn probabilities(logits: &[f32], legal: &[bool]) -> Vec<f32> {
    let of_legal = || logits.iter().zip(legal).filter(|(_, legal)| **legal);
    let highest = of_legal().fold(f32::NEG_INFINITY, |highest, (&logit, _)| highest.max(logit));
    let weight = |logit: f32| (logit - highest).exp();
    let sum: f32 = of_legal().map(|(&logit, _)| weight(logit)).sum();
    let share = |(&logit, &legal): (&f32, &bool)| if legal { weight(logit) / sum } else { 0.0 };
    logits.iter().zip(legal).map(share).collect()
}
