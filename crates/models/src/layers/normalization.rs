//! Normalisations, of layers and of what is observed, on matrices `[rows, channels]`.

use candle_core::{Result, Tensor, Var};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::layers::{Affine, AffineShape, Mode};
use crate::ops::{self, Following, Then};
use crate::parameters::{Builder, Weight};

/// How fast the scale of a vector's features follows the batches.
const SCALE_MOMENTUM: f32 = 0.01;

/// What a layer's outputs are normalised by.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum Normalization {
    /// The batch's moments in learning, running ones in acting (the papers' choice). The two differ by
    /// the noise of a batch, which is large where a batch has few rows, and by what became of the weights since.
    Batch,
    /// Each row's own moments, in learning as in acting.
    Layer,
    /// Nothing: the layer has a bias instead.
    None,
}

/// A normalisation.
#[derive(Clone, Debug)]
pub(crate) enum Norm {
    Batch { gamma: Weight, beta: Weight, running: Running },
    Layer { gamma: Weight, beta: Weight },
    None,
}

impl Norm {
    /// A normalisation over the board's cells, of the kind that the networks are made with.
    pub(crate) fn new(build: &mut Builder<'_>, name: &str, channels: usize) -> Result<Self> {
        Self::of_kind(build, name, channels, build.style().normalization)
    }

    /// A normalisation of a layer with one row a sample, as heads have behind their planes, of the kind that
    /// the networks have there.
    pub(crate) fn of_samples(build: &mut Builder<'_>, name: &str, channels: usize) -> Result<Self> {
        Self::of_kind(build, name, channels, build.style().head_normalization)
    }

    pub(crate) fn of_kind(
        build: &mut Builder<'_>,
        name: &str,
        channels: usize,
        kind: Normalization,
    ) -> Result<Self> {
        let weights = |build: &mut Builder<'_>| {
            let gamma = build.constant(&format!("{name}.weight"), &[channels], 1.0)?;
            let beta = build.constant(&format!("{name}.bias"), &[channels], 0.0)?;
            build.describe(name, vec![channels], 2 * channels, 0);
            Ok::<_, candle_core::Error>((gamma, beta))
        };
        Ok(match kind {
            Normalization::None => Self::None,
            Normalization::Layer => {
                let (gamma, beta) = weights(build)?;
                Self::Layer { gamma, beta }
            }
            Normalization::Batch => {
                let (gamma, beta) = weights(build)?;
                Self::Batch { gamma, beta, running: Running::new(build, name, channels)? }
            }
        })
    }

    /// `x`, normalised, and what `then` makes of that.
    pub(crate) fn forward(&self, x: &Tensor, then: Then<&Tensor>, mode: Mode) -> Result<Tensor> {
        let (relu, learns) = (matches!(then, Then::Relu), mode.with_gradient());
        let y = match self {
            Self::None if relu => x.relu()?,
            Self::None => x.clone(),
            Self::Layer { gamma, beta } => {
                ops::layer_norm(x, gamma.tensor(learns), beta.tensor(learns), relu)?
            }
            Self::Batch { gamma, beta, running } => {
                let (gamma, beta) = (gamma.tensor(learns), beta.tensor(learns));
                match mode {
                    Mode::Infer => return ops::scale_shift(x, gamma, beta, &running.moments, then),
                    Mode::Target => {
                        let moments = ops::moments(x)?;
                        running.follow(&moments, x.dim(0)?)?;
                        return ops::scale_shift(x, gamma, beta, &moments, then);
                    }
                    Mode::Train => {
                        let (y, moments) = ops::batch_norm(x, gamma, beta, relu)?;
                        running.follow(&moments, x.dim(0)?)?;
                        y
                    }
                }
            }
        };
        match then {
            Then::Nothing | Then::Relu => Ok(y),
            Then::AddRelu(beside) => ops::add_relu(&y, beside),
        }
    }
}

/// A layer with its normalisation behind it.
#[derive(Clone, Debug)]
pub(crate) struct Normalised {
    affine: Affine,
    norm: Norm,
}

impl Normalised {
    /// A layer of a trunk called `name`.
    pub(crate) fn new(build: &mut Builder<'_>, name: &str, shape: AffineShape) -> Result<Self> {
        let affine = Affine::new(build, name, shape)?;
        let norm = Norm::new(build, &format!("{name}.norm"), shape.outputs)?;
        Ok(Self { affine, norm })
    }

    /// What the layer makes of `x`, normalised, and what `then` makes of that.
    pub(crate) fn forward(&self, x: &Tensor, then: Then<&Tensor>, mode: Mode) -> Result<Tensor> {
        let Self { affine, norm } = self;
        if let Some(convolution) = affine.fused()
            && let Norm::Batch { gamma, beta, running } = norm
        {
            let parameters = [&affine.weight, gamma, beta];
            let parameters = parameters.map(|weight| weight.tensor(mode.with_gradient()));
            let y = if mode == Mode::Infer {
                convolution.infer(x, parameters, &running.moments, then)?
            } else {
                let (y, moments) = ops::normalised(convolution, x, parameters, then)?;
                running.follow(&moments, y.dim(0)?)?;
                y
            };
            affine.count(&y)?;
            return Ok(y);
        }
        norm.forward(&affine.forward(x, mode)?, then, mode)
    }
}

/// The moments that acting and searching normalise by.
#[derive(Clone, Debug)]
pub(crate) struct Running {
    /// Means, then variances.
    moments: Var,
    /// How much of a batch's becomes part of them.
    share: f32,
}

impl Running {
    fn new(build: &mut Builder<'_>, name: &str, channels: usize) -> Result<Self> {
        let start = [vec![0.0; channels], vec![1.0; channels]].concat();
        let moments = build.statistic(&format!("{name}.running"), start)?;
        Ok(Self { moments, share: build.style().momentum })
    }

    /// Takes a batch's moments, of so many rows, into account.
    fn follow(&self, moments: &Tensor, rows: usize) -> Result<()> {
        // The running variance takes the unbiased one.
        let variance_factor = rows as f32 / rows.saturating_sub(1).max(1) as f32;
        let how = Following { share: self.share, variance_factor, counted: false };
        self.moments.set(&ops::follow(&self.moments, moments, how)?)
    }
}

/// Brings the features of a vector, which come in any unit, to mean 0 and deviation 1, by running
/// statistics in every mode. It trains nothing.
#[derive(Clone, Debug)]
pub(crate) struct Scale {
    /// Means, variances, and the number of batches they come from.
    running: Var,
    ones: Tensor,
    zeros: Tensor,
}

impl Scale {
    pub(crate) fn new(build: &mut Builder<'_>, name: &str, features: usize) -> Result<Self> {
        let start = [vec![0.0; features], vec![1.0; features], vec![0.0]].concat();
        build.describe(name, vec![features], 0, 0);
        Ok(Self {
            running: build.statistic(&format!("{name}.running"), start)?,
            ones: build.device().upload(vec![1f32; features], features)?,
            zeros: build.device().zeros(features)?,
        })
    }

    /// `x` `[B, features]`. In learning the batch first joins the statistics: with equal weight at the
    /// start, with [`SCALE_MOMENTUM`] later.
    pub(crate) fn forward(&self, x: &Tensor, mode: Mode) -> Result<Tensor> {
        if mode == Mode::Train {
            let how = Following { share: SCALE_MOMENTUM, variance_factor: 1.0, counted: true };
            self.running.set(&ops::follow(&self.running, &ops::moments(x)?, how)?)?;
        }
        let moments = self.running.narrow(0, 0, 2 * x.dim(1)?)?;
        ops::scale_shift(x, &self.ones, &self.zeros, &moments, Then::Nothing)
    }
}
