//! Projector and predictor of the self-supervised consistency loss (Ye et al. 2021, section 4.1; SimSiam,
//! Chen and He 2021).

use candle_core::{Result, Tensor};

use crate::layers::{Affine, Mode, Start};
use crate::normalisation::{Norm, Normalization};
use crate::ops::Then;
use crate::parameters::Builder;

/// Linear layers, each but perhaps the last followed by a normalisation.
#[derive(Clone, Debug)]
struct Stack {
    /// With the normalisation behind each, and whether a ReLU follows.
    layers: Vec<(Affine, Option<(Norm, bool)>)>,
}

/// What stands behind a linear layer.
#[derive(Clone, Copy)]
enum Behind {
    NormRelu,
    Norm,
    Nothing,
}

impl Stack {
    fn new(build: &mut Builder<'_>, widths: &[usize], behind: &[Behind]) -> Result<Self> {
        let mut layers = Vec::new();
        for (index, (pair, behind)) in widths.windows(2).zip(behind).enumerate() {
            let name = format!("layer{index}");
            let (widths, precision) = ((pair[0], pair[1]), build.style().precision);
            let affine = Affine::linear(build, &name, widths, Start::Uniform, precision)?;
            // Only ever run in learning, where batches are all alike: as published.
            let norm = |build: &mut Builder<'_>| {
                Norm::of_kind(build, &format!("{name}.norm"), pair[1], Normalization::Batch)
            };
            let norm = match behind {
                Behind::NormRelu => Some((norm(build)?, true)),
                Behind::Norm => Some((norm(build)?, false)),
                Behind::Nothing => None,
            };
            layers.push((affine, norm));
        }
        Ok(Self { layers })
    }

    fn forward(&self, x: &Tensor, mode: Mode) -> Result<Tensor> {
        let mut x = x.clone();
        for (affine, norm) in &self.layers {
            x = affine.forward(&x, mode)?;
            if let Some((norm, relu)) = norm {
                x = norm.forward(&x, Then::relu_if(*relu), mode)?;
            }
        }
        Ok(x)
    }
}

#[derive(Clone, Debug)]
pub(crate) struct Consistency {
    projector: Stack,
    predictor: Stack,
}

impl Consistency {
    pub(crate) fn new(build: &mut Builder<'_>, latent_width: usize, width: usize) -> Result<Self> {
        build.part("projector");
        let widths = [latent_width, width, width, width];
        let projector =
            Stack::new(build, &widths, &[Behind::NormRelu, Behind::NormRelu, Behind::Norm])?;
        build.part("predictor");
        let widths = [width, width.div_ceil(2), width];
        let predictor = Stack::new(build, &widths, &[Behind::NormRelu, Behind::Nothing])?;
        Ok(Self { projector, predictor })
    }

    /// Flat latents `[B, L]` to projections `[B, D]`.
    pub(crate) fn project(&self, latent: &Tensor, mode: Mode) -> Result<Tensor> {
        self.projector.forward(latent, mode)
    }

    /// Projections `[B, D]` to predictions of the target's projection `[B, D]`.
    pub(crate) fn predict(&self, projection: &Tensor, mode: Mode) -> Result<Tensor> {
        self.predictor.forward(projection, mode)
    }
}
