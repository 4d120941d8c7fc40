//! The head of value-based agents: a latent state to numbers for each action.
//!
//! Plain: one perceptron. Dueling (Wang et al. 2016): `Q(s, a) = V(s) + A(s, a) - mean_b A(s, b)`, of two
//! perceptrons, where only the mean tells value from advantage apart.

use candle_core::{Result, Tensor};
use rand_chacha::ChaCha8Rng;

use super::head::{Perceptron, Squeeze};
use super::noisy::Noise;
use super::q_network::QDesign;
use super::settings::NetworkSize;
use crate::layers::{Board, Mode};
use crate::parameters::Builder;

#[derive(Clone, Debug)]
pub(crate) struct ActionValues {
    design: QDesign,
    squeeze: Squeeze,
    /// Of each action; of dueling ones the advantage.
    action: Perceptron,
    /// Of the state, where the head is dueling.
    state: Option<Perceptron>,
}

impl ActionValues {
    pub(crate) fn new(
        build: &mut Builder<'_>,
        board: Board,
        size: &NetworkSize,
        design: QDesign,
    ) -> Result<Self> {
        let noise = if design.noisy { Noise::Gaussian } else { Noise::None };
        let squeeze = Squeeze::new(build, "action", board, size)?;
        let mut perceptron = |name: &str, outputs| {
            Perceptron::new(build, name, (squeeze.width, size.head_hidden, outputs), noise)
        };
        let action = perceptron("action", design.num_actions * design.atoms)?;
        let state = design.dueling.then(|| perceptron("state", design.atoms)).transpose()?;
        Ok(Self { design, squeeze, action, state })
    }

    /// `[B·P, C]` to `[B·A, atoms]`.
    pub(crate) fn forward(
        &self,
        latent: &Tensor,
        mode: Mode,
        mut noise: Option<&mut ChaCha8Rng>,
    ) -> Result<Tensor> {
        let features = self.squeeze.forward(latent, mode)?;
        let QDesign { num_actions, atoms, .. } = self.design;
        let action = self.action.forward(&features, mode, noise.as_deref_mut())?;
        let Some(state) = &self.state else { return action.reshape(((), atoms)) };
        let state = state.forward(&features, mode, noise)?.unsqueeze(1)?;
        let advantage = action.reshape(((), num_actions, atoms))?;
        let level = (state - advantage.mean_keepdim(1)?)?;
        advantage.broadcast_add(&level)?.reshape(((), atoms))
    }
}
