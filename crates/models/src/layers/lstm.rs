//! A long short-term memory (Hochreiter and Schmidhuber 1997).

use candle_core::Result;

use super::affine::Affine;
use super::builder::Builder;
use super::forward_mode::ForwardMode;
use crate::ops;
use crate::traced::Traced;

/// An LSTM of one layer, with PyTorch's two bias vectors.
#[derive(Clone, Debug)]
pub(crate) struct Lstm {
    input: Affine,
    hidden: Affine,
}

impl Lstm {
    pub(crate) fn new(
        build: &mut Builder<'_>,
        name: &str,
        inputs: usize,
        hidden: usize,
    ) -> Result<Self> {
        let mut gates = |gate: &str, inputs: usize| {
            Affine::lstm_gates(build, &format!("{name}.{gate}"), (inputs, hidden))
        };
        Ok(Self { input: gates("input", inputs)?, hidden: gates("hidden", hidden)? })
    }

    /// One step from `x` `[B, I]` and the state (output, cell), each `[B, H]`. Returns the new state.
    pub(crate) fn forward(
        &self,
        x: &Traced,
        state: (&Traced, &Traced),
        mode: ForwardMode,
    ) -> Result<(Traced, Traced)> {
        let gates = ops::add(&self.input.forward(x, mode)?, &self.hidden.forward(state.0, mode)?)?;
        let cell = ops::lstm_cell(&gates, state.1)?;
        let output = ops::lstm_output(&gates, &cell)?;
        Ok((output, cell))
    }
}
