//! Convolutions and linear layers.

use candle_core::{Result, Tensor};

use super::board::{Board, KernelSize};
use super::builder::Builder;
use super::forward_mode::ForwardMode;
use super::settings::Normalization;
use crate::ops::{self, Convolution, Window};
use crate::out_of_memory::explain_out_of_memory;
use crate::parameters::{MacCounter, Weight};
use crate::precision::Precision;
use crate::traced::Traced;

/// Initial weights of an [`Affine`].
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) enum Init {
    /// Uniform in ±`1/√fan_in`, PyTorch's default.
    Uniform,
    /// Zero. Used for a head's last layer: first values are 0 and first policies uniform.
    Zero,
    /// All equal to this multiple of `1/√fan_in`. Used for the deviations of noisy weights.
    Constant(f64),
}

/// A convolution or a linear layer: `x W + b`.
#[derive(Clone, Debug)]
pub(crate) struct Affine {
    pub(crate) weight: Weight,
    bias: Option<Weight>,
    window: Option<Convolution>,
    precision: Precision,
    counter: MacCounter,
}

/// Size and kind of an [`Affine`] layer.
#[derive(Clone, Copy, Debug)]
pub(crate) struct AffineShape {
    pub(crate) board: Board,
    pub(crate) kernel: KernelSize,
    pub(crate) inputs: usize,
    pub(crate) outputs: usize,
    pub(crate) bias: bool,
    pub(crate) init: Init,
    pub(crate) precision: Precision,
}

impl AffineShape {
    /// A convolution of a trunk. It has a bias only without normalization: batch normalization would cancel
    /// it.
    pub(crate) fn trunk(
        build: &Builder<'_>,
        board: Board,
        kernel: KernelSize,
        (inputs, outputs): (usize, usize),
    ) -> Self {
        let (init, precision) = (Init::Uniform, build.settings().precision);
        let bias = build.settings().normalization == Normalization::None;
        Self { board, kernel, inputs, outputs, bias, init, precision }
    }
}

impl Affine {
    pub(crate) fn new(build: &mut Builder<'_>, name: &str, shape: AffineShape) -> Result<Self> {
        let AffineShape { board, kernel, inputs, outputs, bias, init, precision } = shape;
        let (output_board, window) = (kernel.output_board(board), kernel.window(board));
        let fan_in = inputs * window.map_or(1, Window::cells);
        let bound = 1.0 / (fan_in as f64).sqrt();
        let mut weights = |name: &str, shape: &[usize]| match init {
            Init::Uniform => build.uniform(name, shape, bound),
            Init::Zero => build.uniform(name, shape, 0.0),
            Init::Constant(factor) => build.constant(name, shape, (factor * bound) as f32),
        };
        let weight = weights(&format!("{name}.weight"), &[fan_in, outputs])?;
        let bias = bias.then(|| weights(&format!("{name}.bias"), &[outputs])).transpose()?;
        let parameters = fan_in * outputs + if bias.is_some() { outputs } else { 0 };
        let macs = output_board.cells() * fan_in * outputs;
        let window = window
            .map(|window| Convolution::new(build.device(), (board.height, board.width), window));
        build.describe(name, output_board.shape(outputs), parameters, macs);
        Ok(Self { weight, bias, window, precision, counter: build.counter() })
    }

    /// A linear layer with a bias.
    pub(crate) fn linear(
        build: &mut Builder<'_>,
        name: &str,
        (inputs, outputs): (usize, usize),
        init: Init,
        precision: Precision,
    ) -> Result<Self> {
        let (board, kernel) = (Board { height: 1, width: 1 }, KernelSize::One);
        let shape = AffineShape { board, kernel, inputs, outputs, bias: true, init, precision };
        Self::new(build, name, shape)
    }

    /// The four gates of an LSTM of `hidden` units as one linear layer. Weights and biases are uniform in
    /// ±`1/√hidden`, PyTorch's default for an LSTM.
    pub(crate) fn lstm_gates(
        build: &mut Builder<'_>,
        name: &str,
        (inputs, hidden): (usize, usize),
    ) -> Result<Self> {
        let bound = 1.0 / (hidden as f64).sqrt();
        let weight = build.uniform(&format!("{name}.weight"), &[inputs, 4 * hidden], bound)?;
        let bias = build.uniform(&format!("{name}.bias"), &[4 * hidden], bound)?;
        let macs = inputs * 4 * hidden;
        build.describe(name, vec![4 * hidden], macs + 4 * hidden, macs);
        let (precision, counter) = (build.settings().precision, build.counter());
        Ok(Self { weight, bias: Some(bias), window: None, precision, counter })
    }

    /// The convolution, if a normalization and an [`Epilogue`](ops::Epilogue) can be fused with it.
    pub(crate) fn fusible(&self) -> Option<&Convolution> {
        let is_plain = self.bias.is_none() && self.precision == Precision::F32;
        self.window.as_ref().filter(|convolution| is_plain && convolution.is_in_place())
    }

    /// Counts the multiply–accumulates of a product `[rows, outputs]`.
    pub(crate) fn count(&self, product: &Tensor) -> Result<()> {
        let macs = product.dim(0)? * self.weight.tensor().elem_count();
        self.counter.add(macs as u64);
        Ok(())
    }

    /// `x` `[rows, inputs]` to `[rows, outputs]`: in single precision if the layer has a bias, otherwise in
    /// the layer's precision.
    pub(crate) fn forward(&self, x: &Traced, mode: ForwardMode) -> Result<Traced> {
        let (inputs, outputs) = self.weight.tensor().dims2()?;
        let (x, weight) = (self.precision.round(x)?, self.precision.round(self.weight.of(mode))?);
        let bias = self.bias.as_ref().map(|bias| bias.of(mode));
        let output = match &self.window {
            Some(convolution) => {
                let output = convolution.apply(&x, &weight)?;
                bias.map_or(Ok(output.clone()), |bias| ops::add_bias(&output, bias))?
            }
            None => {
                let output =
                    bias.map_or_else(|| ops::product(&x, &weight), |b| ops::linear(&x, &weight, b));
                output.map_err(|error| {
                    let rows = x.tensor().elem_count() / inputs;
                    explain_out_of_memory(error, rows * outputs * size_of::<f32>())
                })?
            }
        };
        self.count(output.tensor())?;
        Ok(output)
    }
}
