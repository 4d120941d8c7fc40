//! The dynamics network g: a latent state and an action to the next latent state and its reward.
//!
//! With a value prefix (Ye et al. 2021, section 4.2) an LSTM predicts the sum of rewards since its state was
//! last zero.

use candle_core::{Result, Tensor};

use super::head::{Perceptron, Squeeze};
use super::noisy::WeightNoise;
use super::settings::NetworkSize;
use crate::layers::{
    AffineShape, Board, Builder, ForwardMode, KernelSize, Lstm, Norm, NormalizedLayer, Residual,
};
use crate::ops::{self, Epilogue};
use crate::precision::Precision;
use crate::traced::Traced;

/// The LSTM's state, `[B, H]` each.
#[derive(Clone, Debug)]
pub struct LstmState<T = Tensor> {
    /// The last output.
    pub output: T,
    /// The cell.
    pub cell: T,
}

/// The result of one step of the model.
#[derive(Clone, Debug)]
pub struct DynamicsOutput<T = Tensor> {
    /// The next latent states, `[B, L]`.
    pub latent: T,
    /// Logits of the reward, or of the value prefix if there is an LSTM: `[B, atoms]`.
    pub reward_logits: T,
    /// The LSTM's new state, if there is an LSTM.
    pub memory: Option<LstmState<T>>,
}

impl LstmState {
    /// The state without gradient.
    #[must_use]
    pub fn constant(self) -> LstmState<Traced> {
        let Self { output, cell } = self;
        LstmState { output: Traced::constant(output), cell: Traced::constant(cell) }
    }
}

impl LstmState<Traced> {
    fn into_tensors(self) -> LstmState {
        LstmState { output: self.output.into_tensor(), cell: self.cell.into_tensor() }
    }
}

impl DynamicsOutput<Traced> {
    /// The numbers, without what they were computed from.
    #[must_use]
    pub fn into_tensors(self) -> DynamicsOutput {
        DynamicsOutput {
            latent: self.latent.into_tensor(),
            reward_logits: self.reward_logits.into_tensor(),
            memory: self.memory.map(LstmState::into_tensors),
        }
    }
}

#[derive(Clone, Debug)]
pub(crate) struct DynamicsNetwork {
    stem: NormalizedLayer,
    blocks: Vec<Residual>,
    squeeze: Squeeze,
    lstm: Option<(Lstm, Norm)>,
    perceptron: Perceptron,
    precision: Precision,
}

impl DynamicsNetwork {
    pub(crate) fn new(
        build: &mut Builder<'_>,
        board: Board,
        size: &NetworkSize,
        (num_actions, reward_atoms): (usize, usize),
        value_prefix: bool,
    ) -> Result<Self> {
        build.part("dynamics");
        let planes = (size.channels + size.action_encoding.planes(num_actions), size.channels);
        let stem = AffineShape::trunk(build, board, KernelSize::THREE, planes);
        let stem = NormalizedLayer::new(build, "stem", stem)?;
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
        let perceptron = Perceptron::new(build, "reward", widths, WeightNoise::None)?;
        Ok(Self { stem, blocks, squeeze, lstm, perceptron, precision: size.precision })
    }

    /// The next latent states `[B·P, C]`, from `latent` `[B·P, C]` and encoded `actions` `[B, planes]`.
    pub(crate) fn advance(
        &self,
        latent: &Traced,
        actions: &Tensor,
        mode: ForwardMode,
    ) -> Result<Traced> {
        let latent = self.precision.round(latent)?;
        let x = ops::append_action(&latent, actions)?;
        let mut next = self.stem.forward(&x, Epilogue::AddRelu(&latent), mode)?;
        for block in &self.blocks {
            next = block.forward(&next, mode)?;
        }
        Ok(next)
    }

    /// Reward logits `[K·B, atoms]` of the `K` steps of an unroll, and the LSTM's last state. `states`
    /// `[K·B·P, C]` are the latent states after the steps, step by step. The LSTM's state is `start` for `B`
    /// samples before the first step and again after every `horizon` steps; without an LSTM both are ignored.
    /// A batch normalization takes its moments over all steps together.
    pub(crate) fn rewards(
        &self,
        states: &Traced,
        start: Option<&LstmState<Traced>>,
        horizon: usize,
        mode: ForwardMode,
    ) -> Result<(Traced, Option<LstmState<Traced>>)> {
        let features = self.squeeze.forward(states, mode)?;
        let Some((lstm, norm)) = &self.lstm else {
            return Ok((self.perceptron.forward(&features, mode, None)?, None));
        };
        let Some(start) = start else {
            candle_core::bail!("a value prefix needs the LSTM's state")
        };
        let samples = start.output.tensor().dim(0)?;
        let (mut memory, mut outputs) = (start.clone(), Vec::new());
        for k in 0..features.tensor().dim(0)? / samples {
            let LstmState { output, cell } = if k % horizon == 0 { start } else { &memory };
            let features = features.rows(k * samples, samples)?;
            let (output, cell) = lstm.forward(&features, (output, cell), mode)?;
            outputs.push(output.clone());
            memory = LstmState { output, cell };
        }
        let features = norm.forward(&Traced::cat(&outputs)?, Epilogue::Relu, mode)?;
        Ok((self.perceptron.forward(&features, mode, None)?, Some(memory)))
    }
}
