//! A convolution or linear layer followed by its normalization.

use candle_core::{Result, Tensor};

use super::affine::{Affine, AffineShape};
use super::builder::Builder;
use super::forward_mode::ForwardMode;
use super::normalization::Norm;
use crate::ops::{self, Epilogue};

/// A layer and the normalization of its output.
#[derive(Clone, Debug)]
pub(crate) struct NormalizedLayer {
    affine: Affine,
    norm: Norm,
}

impl NormalizedLayer {
    /// The trunk layer `name` and its normalization `name.norm`.
    pub(crate) fn new(build: &mut Builder<'_>, name: &str, shape: AffineShape) -> Result<Self> {
        let affine = Affine::new(build, name, shape)?;
        let norm = Norm::new(build, &format!("{name}.norm"), shape.outputs)?;
        Ok(Self { affine, norm })
    }

    /// The layer, the normalization, then `epilogue`.
    pub(crate) fn forward(
        &self,
        x: &Tensor,
        epilogue: Epilogue<&Tensor>,
        mode: ForwardMode,
    ) -> Result<Tensor> {
        let Self { affine, norm } = self;
        if let Some(convolution) = affine.fusible()
            && let Norm::Batch { gamma, beta, running } = norm
        {
            let parameters = [&affine.weight, gamma, beta];
            let parameters = parameters.map(|weight| weight.tensor(mode.with_gradient()));
            let y = if mode == ForwardMode::Infer {
                convolution.infer(x, parameters, running.moments(), epilogue)?
            } else {
                let (y, moments) =
                    ops::convolution_batch_norm(convolution, x, parameters, epilogue)?;
                running.update(&moments, y.dim(0)?)?;
                y
            };
            affine.count(&y)?;
            return Ok(y);
        }
        norm.forward(&affine.forward(x, mode)?, epilogue, mode)
    }
}
