//! The environment's own dynamics, as the search uses them; a network evaluates the states.

use zerolab_models::networks::{ActorCritic, Network};
use zerolab_models::{ForwardMode, h_inverse};
use zerolab_search::{Dynamics, Transition};

use super::Settings;
use crate::agent::AgentError;
use crate::environment_batch::EnvironmentCopy;

/// Steps in copies of environments, and the network that evaluates their states.
///
/// In a random environment a step has one outcome in a tree: the one that was drawn when the node was added.
pub(super) struct EnvironmentDynamics<'a> {
    network: &'a ActorCritic,
    settings: &'a Settings,
    num_actions: usize,
    /// Steps taken.
    steps: u64,
}

impl<'a> EnvironmentDynamics<'a> {
    pub(super) fn new(
        network: &'a ActorCritic,
        settings: &'a Settings,
        num_actions: usize,
    ) -> Self {
        Self { network, settings, num_actions, steps: 0 }
    }

    /// Steps taken so far.
    pub(super) fn steps(&self) -> u64 {
        self.steps
    }
}

impl Dynamics for EnvironmentDynamics<'_> {
    type State = EnvironmentCopy;
    type Error = AgentError;

    /// A truncated state has a value, but no steps: a step from it leads to itself, with reward 0 and
    /// discount 1.
    fn step(
        &mut self,
        state: &EnvironmentCopy,
        action: u32,
    ) -> Result<Transition<EnvironmentCopy>, AgentError> {
        if state.is_cut() {
            return Ok(Transition {
                reward: 0.0,
                state: Some(state.duplicate()),
                discount: Some(1.0),
            });
        }
        self.steps += 1;
        let step = state.step(action as usize)?;
        let reward = self.settings.training.reward_clipping.clip(step.reward);
        // The games are zero-sum.
        let turn_changes = step.next.as_ref().is_some_and(|next| next.to_play() != state.to_play());
        let discount = self.settings.discount as f32;
        let discount = if turn_changes { -discount } else { discount };
        Ok(Transition { reward, state: step.next, discount: Some(discount) })
    }

    fn evaluate(
        &mut self,
        states: &[&EnvironmentCopy],
        values: &mut [f32],
        logits: &mut [f32],
    ) -> Result<(), AgentError> {
        if states.is_empty() {
            return Ok(());
        }
        let mut observations = Vec::new();
        states.iter().for_each(|state| state.observe(&mut observations));
        let (policies, predicted) = self.network.forward(&observations, ForwardMode::Infer)?;
        let device = self.network.device();
        values.copy_from_slice(&unscaled(device.download(predicted.tensor())?));
        logits.copy_from_slice(&device.download::<f32>(policies.tensor())?);
        let mut legal = vec![true; self.num_actions];
        for (state, logits) in states.iter().zip(logits.chunks_exact_mut(self.num_actions)) {
            // In a truncated state all actions are equal, so all may count as legal.
            if !state.is_cut() {
                state.legal(&mut legal);
                let illegal = logits.iter_mut().zip(&legal).filter(|(_, legal)| !**legal);
                illegal.for_each(|(logit, _)| *logit = f32::NEG_INFINITY);
            }
        }
        Ok(())
    }
}

/// Values from the network's output, which is scaled by `h`.
pub(super) fn unscaled(scaled: Vec<f32>) -> Vec<f32> {
    scaled.into_iter().map(|value| h_inverse(f64::from(value)) as f32).collect()
}
