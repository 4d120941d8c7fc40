//! A head: the latent state squeezed to few planes, then a small perceptron.

use candle_core::{Result, Tensor};
use rand_chacha::ChaCha8Rng;

use super::noisy::{Linear, Noise};
use super::settings::NetworkSize;
use crate::device::Precision;
use crate::layers::{Affine, AffineShape, Board, Mode, Reach, Start};
use crate::normalisation::Norm;
use crate::ops::Then;
use crate::parameters::Builder;

/// The first half: 1×1 convolution, normalisation, ReLU, flattened to one row a sample; or flattened only.
#[derive(Clone, Debug)]
pub(crate) struct Squeeze {
    layer: Option<(Affine, Norm)>,
    /// Numbers of one sample's row.
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
            reach: Reach::Cell,
            inputs: size.channels,
            outputs: size.head_channels,
            bias: true,
            start: Start::Uniform,
            precision: Precision::F32,
        };
        let name = format!("{name}.squeeze");
        let affine = Affine::new(build, &name, shape)?;
        let norm = Norm::new(build, &format!("{name}.norm"), size.head_channels)?;
        Ok(Self { layer: Some((affine, norm)), width: board.cells() * size.head_channels })
    }

    /// `[B·P, C]` to `[B, width]` in single precision.
    pub(crate) fn forward(&self, latent: &Tensor, mode: Mode) -> Result<Tensor> {
        match &self.layer {
            Some((affine, norm)) => {
                norm.forward(&affine.forward(latent, mode)?, Then::Relu, mode)?
            }
            None => Precision::F32.of(latent)?,
        }
        .reshape(((), self.width))
    }
}

/// The second half: one hidden layer and an output that begins at zero.
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
        noise: Noise,
    ) -> Result<Self> {
        let layer = format!("{name}.hidden");
        Ok(Self {
            hidden: Linear::new(build, &layer, (inputs, hidden), Start::Uniform, noise)?,
            norm: Norm::of_samples(build, &format!("{layer}.norm"), hidden)?,
            output: Linear::new(
                build,
                &format!("{name}.output"),
                (hidden, outputs),
                Start::Zero,
                noise,
            )?,
        })
    }

    /// `[B, inputs]` to `[B, outputs]`; noisy layers draw from `noise`, without it they have none.
    pub(crate) fn forward(
        &self,
        x: &Tensor,
        mode: Mode,
        mut noise: Option<&mut ChaCha8Rng>,
    ) -> Result<Tensor> {
        let hidden = self.hidden.forward(x, mode, noise.as_deref_mut())?;
        self.output.forward(&self.norm.forward(&hidden, Then::Relu, mode)?, mode, noise)
    }
}

/// Both halves.
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
        let perceptron = Perceptron::new(build, name, widths, Noise::None)?;
        Ok(Self { squeeze, perceptron })
    }

    /// `[B·P, C]` to `[B, outputs]`.
    pub(crate) fn forward(&self, latent: &Tensor, mode: Mode) -> Result<Tensor> {
        self.perceptron.forward(&self.squeeze.forward(latent, mode)?, mode, None)
    }
}
