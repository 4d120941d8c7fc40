//! The environment's own rules as what the search steps in, judged by a network.

use zerolab_models::networks::{ActorCritic, Network};
use zerolab_models::{ForwardMode, h_inverse};
use zerolab_search::{Dynamics, Transition};

use super::Settings;
use crate::agent::AgentError;
use crate::worlds::Simulator;

/// Copies of environments that are stepped in thought, and the network that judges where they come to.
///
/// A step has one outcome in a tree, where chance has a say too: the one that the copy's stream brought when the node
/// was added.
pub(super) struct Rules<'a> {
    network: &'a ActorCritic,
    settings: &'a Settings,
    num_actions: usize,
    /// Steps taken.
    steps: u64,
}

impl<'a> Rules<'a> {
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

impl Dynamics for Rules<'_> {
    type State = Simulator;
    type Error = AgentError;

    /// Where an episode was cut off, what would have come still counts: it stays there, worth what the network says.
    fn step(
        &mut self,
        state: &Simulator,
        action: u32,
    ) -> Result<Transition<Simulator>, AgentError> {
        if state.is_cut() {
            return Ok(Transition { reward: 0.0, state: Some(state.again()), discount: Some(1.0) });
        }
        self.steps += 1;
        let step = state.step(action as usize)?;
        let reward = self.settings.training.reward_clipping.clip(step.reward);
        // What one player gains the other loses.
        let changes = step.next.as_ref().is_some_and(|next| next.to_play() != state.to_play());
        let discount = if changes { -self.settings.discount } else { self.settings.discount };
        Ok(Transition { reward, state: step.next, discount: Some(discount) })
    }

    fn evaluate(
        &mut self,
        states: &[&Simulator],
        values: &mut [f32],
        logits: &mut [f32],
    ) -> Result<(), AgentError> {
        if states.is_empty() {
            return Ok(());
        }
        let mut observations = Vec::new();
        states.iter().for_each(|state| state.observe(&mut observations));
        let (policies, said) = self.network.forward(&observations, ForwardMode::Infer)?;
        let device = self.network.device();
        values.copy_from_slice(&unsqueezed(device.download(&said)?));
        logits.copy_from_slice(&device.download::<f32>(&policies)?);
        let mut legal = vec![true; self.num_actions];
        for (state, logits) in states.iter().zip(logits.chunks_exact_mut(self.num_actions)) {
            // Nothing can be done where an episode was cut off, whatever is done there.
            if !state.is_cut() {
                state.legal(&mut legal);
                let illegal = logits.iter_mut().zip(&legal).filter(|(_, legal)| !**legal);
                illegal.for_each(|(logit, _)| *logit = f32::NEG_INFINITY);
            }
        }
        Ok(())
    }
}

/// The values that the network means: it speaks in the space of `h`, where large ones are squeezed.
pub(super) fn unsqueezed(said: Vec<f32>) -> Vec<f32> {
    said.into_iter().map(|value| h_inverse(f64::from(value)) as f32).collect()
}
