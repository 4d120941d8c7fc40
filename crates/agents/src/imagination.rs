//! What an agent's learned model predicts along given actions.

/// The predictions along a sequence of actions, from an observed state.
#[derive(Clone, Debug, PartialEq)]
pub struct Imagination {
    /// The state before the first action.
    pub root: ImaginedState,
    /// The reward of each action.
    pub rewards: Vec<f32>,
    /// The state after each action.
    pub states: Vec<ImaginedState>,
}

/// A state of a learned model.
#[derive(Clone, Debug, PartialEq)]
pub struct ImaginedState {
    /// The network's value, for the player who moves there.
    pub value: f32,
    /// The latent state.
    pub latent: Vec<f32>,
}

impl Imagination {
    /// No action yet.
    pub(crate) fn at(root: ImaginedState) -> Self {
        Self { root, rewards: Vec::new(), states: Vec::new() }
    }

    /// The predicted return: the discounted rewards, and the discounted value of the last state.
    #[must_use]
    pub fn predicted_return(&self, discount: f64) -> f64 {
        let last = self.states.last().unwrap_or(&self.root);
        let backed_up = |later, reward: &f32| f64::from(*reward) + discount * later;
        self.rewards.iter().rev().fold(f64::from(last.value), backed_up)
    }
}
