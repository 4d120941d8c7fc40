//! The head of value-based agents: a latent state to one or more numbers for each action.
//!
//! Plain: one perceptron. Dueling (Wang et al. 2016): `Q(s, a) = V(s) + A(s, a) - mean_b A(s, b)`, with a
//! perceptron for V and one for A. Without the mean, V and A would not be determined.

use candle_core::Result;
use rand_chacha::ChaCha8Rng;

use super::head::{Perceptron, Squeeze};
use super::noisy::WeightNoise;
use super::settings::NetworkSize;
use crate::layers::{Board, Builder, ForwardMode};
use crate::traced::Traced;

/// The outputs and the head of a network of action values.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct QDesign {
    /// Number of actions.
    pub num_actions: usize,
    /// Numbers for each action: with 1 it is the value, with more they are the logits of a distribution.
    pub atoms: usize,
    /// Whether the head estimates values of states and advantages of actions (Wang et al. 2016).
    pub dueling: bool,
    /// Whether the head's weights are noisy (Fortunato et al. 2018).
    pub noisy: bool,
}

#[derive(Clone, Debug)]
pub(crate) struct ActionValues {
    design: QDesign,
    squeeze: Squeeze,
    /// Values of actions; advantages in a dueling head.
    action: Perceptron,
    /// Values of states in a dueling head.
    state: Option<Perceptron>,
}

impl ActionValues {
    pub(crate) fn new(
        build: &mut Builder<'_>,
        board: Board,
        size: &NetworkSize,
        design: QDesign,
    ) -> Result<Self> {
        let noise = if design.noisy { WeightNoise::Gaussian } else { WeightNoise::None };
        let squeeze = Squeeze::new(build, "action", board, size)?;
        let mut perceptron = |name: &str, outputs| {
            Perceptron::new(build, name, (squeeze.width, size.head_hidden, outputs), noise)
        };
        let action = perceptron("action", design.num_actions * design.atoms)?;
        let state = design.dueling.then(|| perceptron("state", design.atoms)).transpose()?;
        Ok(Self { design, squeeze, action, state })
    }

    /// `[B·P, C]` to `[B·A, atoms]`. Noisy weights draw from `noise`; without it they equal their means.
    pub(crate) fn forward(
        &self,
        latent: &Traced,
        mode: ForwardMode,
        mut noise: Option<&mut ChaCha8Rng>,
    ) -> Result<Traced> {
        let features = self.squeeze.forward(latent, mode)?;
        let QDesign { num_actions, atoms, .. } = self.design;
        let action = self.action.forward(&features, mode, noise.as_deref_mut())?;
        let Some(state) = &self.state else { return action.reshape(((), atoms)) };
        let state = state.forward(&features, mode, noise)?;
        Traced::by_candle([&action, &state], |[action, state]| {
            let advantage = action.reshape(((), num_actions, atoms))?;
            let offset = (state.unsqueeze(1)? - advantage.mean_keepdim(1)?)?;
            advantage.broadcast_add(&offset)?.reshape(((), atoms))
        })
    }
}
