//! The dynamics network g: a latent state and an action to the next latent state and its reward, or the
//! value prefix since the last reset of the LSTM (Ye et al. 2021, section 4.2).

use candle_core::{Result, Tensor};

use super::head::{Perceptron, Squeeze};
use super::noisy::Noise;
use super::settings::NetworkSize;
use crate::device::Precision;
use crate::layers::{AffineShape, Board, Lstm, Mode, Reach};
use crate::normalisation::{Norm, Normalised};
use crate::ops::{self, Then};
use crate::parameters::Builder;
use crate::residual::Residual;

/// The LSTM's state: its output and its cell, each `[B, H]`.
#[derive(Clone, Debug)]
pub struct Memory {
    /// What it put out last.
    pub output: Tensor,
    /// What it keeps.
    pub cell: Tensor,
}

/// What follows upon a latent state and an action.
#[derive(Clone, Debug)]
pub struct Next {
    /// `[B, L]`
    pub latent: Tensor,
    /// `[B, atoms]`: of the reward, or of the value prefix where there is a memory.
    pub reward_logits: Tensor,
    /// The LSTM's new state, where there is one.
    pub memory: Option<Memory>,
}

#[derive(Clone, Debug)]
pub(crate) struct Dynamics {
    stem: Normalised,
    blocks: Vec<Residual>,
    squeeze: Squeeze,
    lstm: Option<(Lstm, Norm)>,
    perceptron: Perceptron,
    precision: Precision,
}

impl Dynamics {
    pub(crate) fn new(
        build: &mut Builder<'_>,
        board: Board,
        size: &NetworkSize,
        (num_actions, reward_atoms): (usize, usize),
        value_prefix: bool,
    ) -> Result<Self> {
        build.part("dynamics");
        let planes = (size.channels + size.action_encoding.planes(num_actions), size.channels);
        let stem = AffineShape::trunk(build, board, Reach::NEIGHBOURS, planes);
        let stem = Normalised::new(build, "stem", stem)?;
        let blocks = (0..size.blocks)
            .map(|block| Residual::new(build, &format!("block{block}"), board, size.channels))
            .collect::<Result<_>>()?;
        let squeeze = Squeeze::new(build, "reward", board, size)?;
        let lstm = if value_prefix {
            let lstm = Lstm::new(build, "reward.lstm", squeeze.width, size.lstm_hidden)?;
            Some((lstm, Norm::of_samples(build, "reward.lstm.norm", size.lstm_hidden)?))
        } else {
            None
        };
        let features = if value_prefix { size.lstm_hidden } else { squeeze.width };
        let widths = (features, size.head_hidden, reward_atoms);
        let perceptron = Perceptron::new(build, "reward", widths, Noise::None)?;
        Ok(Self { stem, blocks, squeeze, lstm, perceptron, precision: size.precision })
    }

    /// One step from `latent` `[B·P, C]` by `actions` `[B, planes]` (encoded): the next latent state.
    pub(crate) fn advance(&self, latent: &Tensor, actions: &Tensor, mode: Mode) -> Result<Tensor> {
        let latent = self.precision.of(latent)?;
        let x = ops::append_action(&latent, actions)?;
        let mut next = self.stem.forward(&x, Then::AddRelu(&latent), mode)?;
        for block in &self.blocks {
            next = block.forward(&next, mode)?;
        }
        Ok(next)
    }

    /// What the steps of an unroll brought, to `states` `[K·B·P, C]`, step after step: reward logits `[K·B, atoms]`,
    /// with the moments of all of them where batches are normalised, and the LSTM's last state. The LSTM begins as
    /// `start` says for `B` samples, and again so after every `horizon` steps; where there is none, neither is read.
    pub(crate) fn rewards(
        &self,
        states: &Tensor,
        start: Option<&Memory>,
        horizon: usize,
        mode: Mode,
    ) -> Result<(Tensor, Option<Memory>)> {
        let features = self.squeeze.forward(states, mode)?;
        let Some((lstm, norm)) = &self.lstm else {
            return Ok((self.perceptron.forward(&features, mode, None)?, None));
        };
        let Some(start) = start else { candle_core::bail!("the value prefix needs a memory") };
        let samples = start.output.dim(0)?;
        let (mut memory, mut outputs) = (start.clone(), Vec::new());
        for k in 0..features.dim(0)? / samples {
            let Memory { output, cell } = if k % horizon == 0 { start } else { &memory };
            let features = features.narrow(0, k * samples, samples)?;
            let (output, cell) = lstm.forward(&features, (output, cell), mode)?;
            outputs.push(output.clone());
            memory = Memory { output, cell };
        }
        let features = norm.forward(&Tensor::cat(&outputs, 0)?, Then::Relu, mode)?;
        Ok((self.perceptron.forward(&features, mode, None)?, Some(memory)))
    }
}
