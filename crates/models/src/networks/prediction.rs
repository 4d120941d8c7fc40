//! The prediction network f: a latent state to its value and its policy.

use candle_core::Result;

use super::head::Head;
use super::settings::NetworkSize;
use crate::layers::{Board, Builder, ForwardMode, Residual};
use crate::traced::Traced;

#[derive(Clone, Debug)]
pub(crate) struct PredictionNetwork {
    blocks: Vec<Residual>,
    value: Head,
    policy: Head,
}

impl PredictionNetwork {
    pub(crate) fn new(
        build: &mut Builder<'_>,
        board: Board,
        size: &NetworkSize,
        (num_actions, value_atoms): (usize, usize),
    ) -> Result<Self> {
        build.part("prediction");
        Ok(Self {
            blocks: (0..size.blocks)
                .map(|block| Residual::new(build, &format!("block{block}"), board, size.channels))
                .collect::<Result<_>>()?,
            value: Head::new(build, "value", board, size, value_atoms)?,
            policy: Head::new(build, "policy", board, size, num_actions)?,
        })
    }

    /// `[B·P, C]` to value logits `[B, atoms]` and policy logits `[B, A]`.
    pub(crate) fn forward(&self, latent: &Traced, mode: ForwardMode) -> Result<(Traced, Traced)> {
        let mut x = latent.clone();
        for block in &self.blocks {
            x = block.forward(&x, mode)?;
        }
        Ok((self.value.forward(&x, mode)?, self.policy.forward(&x, mode)?))
    }
}
