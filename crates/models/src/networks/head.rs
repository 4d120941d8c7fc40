//! A head: a 1×1 convolution of the latent state to few planes, then a perceptron with one hidden layer.

use candle_core::Result;
use rand_chacha::ChaCha8Rng;

use super::noisy::{Linear, WeightNoise};
use super::settings::NetworkSize;
use crate::layers::{Affine, AffineShape, Board, Builder, ForwardMode, Init, KernelSize, Norm};
use crate::ops::Epilogue;
use crate::precision::Precision;
use crate::traced::Traced;

/// The first half of a head: 1×1 convolution, normalization and ReLU, then one row for each sample. With
/// `head_channels = 0` only the last of these.
#[derive(Clone, Debug)]
pub(crate) struct Squeeze {
    layer: Option<(Affine, Norm)>,
    /// Length of a sample's row.
    pub(crate) width: usize,
}

impl Squeeze {
    pub(crate) fn new(
        build: &mut Builder<'_>,
        name: &str,
        board: Board,
        size: &NetworkSize,
    ) -> Result<Self> {
        if size.head_channels == 0 {
            return Ok(Self { layer: None, width: board.cells() * size.channels });
        }
        let shape = AffineShape {
            board,
            kernel: KernelSize::One,
            inputs: size.channels,
            outputs: size.head_channels,
            bias: true,
            init: Init::Uniform,
            precision: Precision::F32,
        };
        let name = format!("{name}.squeeze");
        let affine = Affine::new(build, &name, shape)?;
        let norm = Norm::new(build, &format!("{name}.norm"), size.head_channels)?;
        Ok(Self { layer: Some((affine, norm)), width: board.cells() * size.head_channels })
    }

    /// `[B·P, C]` to `[B, width]` in single precision.
    pub(crate) fn forward(&self, latent: &Traced, mode: ForwardMode) -> Result<Traced> {
        match &self.layer {
            Some((affine, norm)) => {
                norm.forward(&affine.forward(latent, mode)?, Epilogue::Relu, mode)?
            }
            None => Precision::F32.round(latent)?,
        }
        .reshape(((), self.width))
    }
}

/// The second half of a head: `hidden`, normalization, ReLU, `output`. First outputs are 0.
#[derive(Clone, Debug)]
pub(crate) struct Perceptron {
    hidden: Linear,
    norm: Norm,
    output: Linear,
}

impl Perceptron {
    pub(crate) fn new(
        build: &mut Builder<'_>,
        name: &str,
        (inputs, hidden, outputs): (usize, usize, usize),
        noise: WeightNoise,
    ) -> Result<Self> {
        let layer = format!("{name}.hidden");
        Ok(Self {
            hidden: Linear::new(build, &layer, (inputs, hidden), Init::Uniform, noise)?,
            norm: Norm::of_samples(build, &format!("{layer}.norm"), hidden)?,
            output: Linear::new(
                build,
                &format!("{name}.output"),
                (hidden, outputs),
                Init::Zero,
                noise,
            )?,
        })
    }

    /// `[B, inputs]` to `[B, outputs]`. Noisy weights draw from `noise`; without it they equal their means.
    pub(crate) fn forward(
        &self,
        x: &Traced,
        mode: ForwardMode,
        mut noise: Option<&mut ChaCha8Rng>,
    ) -> Result<Traced> {
        let hidden = self.hidden.forward(x, mode, noise.as_deref_mut())?;
        self.output.forward(&self.norm.forward(&hidden, Epilogue::Relu, mode)?, mode, noise)
    }
}

/// A head without noise.
#[derive(Clone, Debug)]
pub(crate) struct Head {
    squeeze: Squeeze,
    perceptron: Perceptron,
}

impl Head {
    pub(crate) fn new(
        build: &mut Builder<'_>,
        name: &str,
        board: Board,
        size: &NetworkSize,
        outputs: usize,
    ) -> Result<Self> {
        let squeeze = Squeeze::new(build, name, board, size)?;
        let widths = (squeeze.width, size.head_hidden, outputs);
        let perceptron = Perceptron::new(build, name, widths, WeightNoise::None)?;
        Ok(Self { squeeze, perceptron })
    }

    /// `[B·P, C]` to `[B, outputs]`.
    pub(crate) fn forward(&self, latent: &Traced, mode: ForwardMode) -> Result<Traced> {
        self.perceptron.forward(&self.squeeze.forward(latent, mode)?, mode, None)
    }
}
