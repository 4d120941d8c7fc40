//! A convolution or linear layer followed by its normalization.

use candle_core::Result;

use super::affine::{Affine, AffineShape};
use super::builder::Builder;
use super::forward_mode::ForwardMode;
use super::normalization::Norm;
use crate::ops::{self, Epilogue};
use crate::parameters::Weight;
use crate::traced::Traced;

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
        x: &Traced,
        epilogue: Epilogue<&Traced>,
        mode: ForwardMode,
    ) -> Result<Traced> {
        let Self { affine, norm } = self;
        if let Some(convolution) = affine.fusible()
            && let Norm::Batch { gamma, beta, running } = norm
        {
            let parameters = [&affine.weight, gamma, beta];
            let y = if mode == ForwardMode::Infer {
                let (parameters, epilogue) =
                    (parameters.map(Weight::tensor), epilogue.map(Traced::tensor));
                let moments = running.moments();
                Traced::constant(convolution.infer(x.tensor(), parameters, moments, epilogue)?)
            } else {
                let parameters = parameters.map(|weight| weight.of(mode));
                let (y, moments) =
                    ops::convolution_batch_norm(convolution, x, parameters, epilogue)?;
                running.update(&moments, y.tensor().dim(0)?)?;
                y
            };
            affine.count(y.tensor())?;
            return Ok(y);
        }
        norm.forward(&affine.forward(x, mode)?, epilogue, mode)
    }
}
