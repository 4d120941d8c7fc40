//! Normalizations of layers and of observed features, on matrices `[rows, channels]`.

use candle_core::{Result, Tensor, Var};

use super::builder::Builder;
use super::forward_mode::ForwardMode;
use super::settings::Normalization;
use crate::ops::{self, Epilogue, RunningUpdate};
use crate::parameters::Weight;
use crate::traced::Traced;

/// Least weight of a batch in the running moments of a vector's features.
const SCALE_MOMENTUM: f32 = 0.01;

/// A normalization with its weights.
#[derive(Clone, Debug)]
pub(crate) enum Norm {
    Batch { gamma: Weight, beta: Weight, running: Running },
    Layer { gamma: Weight, beta: Weight },
    None,
}

impl Norm {
    /// The normalization of a layer that computes a row for each cell.
    pub(crate) fn new(build: &mut Builder<'_>, name: &str, channels: usize) -> Result<Self> {
        Self::of_kind(build, name, channels, build.settings().normalization)
    }

    /// The normalization of a layer that computes one row for each sample.
    pub(crate) fn of_samples(build: &mut Builder<'_>, name: &str, channels: usize) -> Result<Self> {
        Self::of_kind(build, name, channels, build.settings().head_normalization)
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

    /// Normalizes `x`, then applies `epilogue`.
    pub(crate) fn forward(
        &self,
        x: &Traced,
        epilogue: Epilogue<&Traced>,
        mode: ForwardMode,
    ) -> Result<Traced> {
        let relu = matches!(epilogue, Epilogue::Relu);
        let y = match self {
            Self::None if relu => Traced::by_candle([x], |[x]| x.relu())?,
            Self::None => x.clone(),
            Self::Layer { gamma, beta } => ops::layer_norm(x, gamma.of(mode), beta.of(mode), relu)?,
            Self::Batch { gamma, beta, running } => {
                let rows = x.tensor().dim(0)?;
                let scaled = |moments: &Tensor| {
                    let epilogue = epilogue.map(Traced::tensor);
                    ops::scale_shift(x.tensor(), gamma.tensor(), beta.tensor(), moments, epilogue)
                };
                match mode {
                    ForwardMode::Infer => return Ok(Traced::constant(scaled(&running.moments)?)),
                    ForwardMode::Target => {
                        let moments = ops::moments(x.tensor())?;
                        running.update(&moments, rows)?;
                        return Ok(Traced::constant(scaled(&moments)?));
                    }
                    ForwardMode::Train => {
                        let (y, moments) = ops::batch_norm(x, gamma.of(mode), beta.of(mode), relu)?;
                        running.update(&moments, rows)?;
                        y
                    }
                }
            }
        };
        match epilogue {
            Epilogue::Nothing | Epilogue::Relu => Ok(y),
            Epilogue::AddRelu(addend) => ops::add_relu(&y, addend),
        }
    }
}

/// The running moments of a batch normalization, which acting and searching use.
#[derive(Clone, Debug)]
pub(crate) struct Running {
    /// Means, then variances.
    moments: Var,
    /// Weight of a batch's moments.
    momentum: f32,
}

impl Running {
    /// `[2C]`: means, then variances.
    pub(super) fn moments(&self) -> &Tensor {
        &self.moments
    }

    fn new(build: &mut Builder<'_>, name: &str, channels: usize) -> Result<Self> {
        let start = [vec![0.0; channels], vec![1.0; channels]].concat();
        let moments = build.statistic(&format!("{name}.running"), start)?;
        Ok(Self { moments, momentum: build.settings().momentum })
    }

    /// Moves the running moments towards those of a batch of `rows` rows.
    pub(super) fn update(&self, moments: &Tensor, rows: usize) -> Result<()> {
        // As in PyTorch, the running variance follows the unbiased variance.
        let variance_factor = rows as f32 / rows.saturating_sub(1).max(1) as f32;
        let how = RunningUpdate { weight: self.momentum, variance_factor, counted: false };
        self.moments.set(&ops::update_running(&self.moments, moments, how)?)
    }
}

/// Scales the features of a vector, which can be in any unit, to mean 0 and variance 1 by running moments, in
/// every mode. It has no trained weights.
#[derive(Clone, Debug)]
pub(crate) struct FeatureScale {
    /// Means, variances, and the number of batches that they are computed from.
    running: Var,
    ones: Tensor,
    zeros: Tensor,
}

impl FeatureScale {
    pub(crate) fn new(build: &mut Builder<'_>, name: &str, features: usize) -> Result<Self> {
        let start = [vec![0.0; features], vec![1.0; features], vec![0.0]].concat();
        build.describe(name, vec![features], 0, 0);
        Ok(Self {
            running: build.statistic(&format!("{name}.running"), start)?,
            ones: build.device().upload(vec![1f32; features], features)?,
            zeros: build.device().zeros(features)?,
        })
    }

    /// `x` `[B, features]`. In [`ForwardMode::Train`] the batch first updates the moments. The first batches
    /// all weigh the same; after `1 / SCALE_MOMENTUM` batches a new one has the weight [`SCALE_MOMENTUM`].
    pub(crate) fn forward(&self, x: &Tensor, mode: ForwardMode) -> Result<Tensor> {
        if mode == ForwardMode::Train {
            let how = RunningUpdate { weight: SCALE_MOMENTUM, variance_factor: 1.0, counted: true };
            self.running.set(&ops::update_running(&self.running, &ops::moments(x)?, how)?)?;
        }
        let moments = self.running.narrow(0, 0, 2 * x.dim(1)?)?;
        ops::scale_shift(x, &self.ones, &self.zeros, &moments, Epilogue::Nothing)
    }
}
