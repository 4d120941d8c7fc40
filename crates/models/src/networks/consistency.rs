//! Projector and predictor of the self-supervised consistency loss (Ye et al. 2021, section 4.1; SimSiam,
//! Chen and He 2021).

use candle_core::Result;

use crate::layers::{Affine, Builder, ForwardMode, Init, Norm, Normalization};
use crate::ops::Epilogue;
use crate::traced::Traced;

/// Linear layers with normalizations and ReLUs.
#[derive(Clone, Debug)]
struct Stack {
    /// Each layer with its normalization, if any, and whether a ReLU follows that.
    layers: Vec<(Affine, Option<(Norm, bool)>)>,
}

/// What follows a linear layer.
#[derive(Clone, Copy)]
enum Follower {
    NormRelu,
    Norm,
    Nothing,
}

impl Stack {
    fn new(build: &mut Builder<'_>, widths: &[usize], followers: &[Follower]) -> Result<Self> {
        let mut layers = Vec::new();
        for (index, (pair, follower)) in widths.windows(2).zip(followers).enumerate() {
            let name = format!("layer{index}");
            let (widths, precision) = ((pair[0], pair[1]), build.settings().precision);
            let affine = Affine::linear(build, &name, widths, Init::Uniform, precision)?;
            // Always by the batch, as published: these layers are used in learning only.
            let norm = |build: &mut Builder<'_>| {
                Norm::of_kind(build, &format!("{name}.norm"), pair[1], Normalization::Batch)
            };
            let norm = match follower {
                Follower::NormRelu => Some((norm(build)?, true)),
                Follower::Norm => Some((norm(build)?, false)),
                Follower::Nothing => None,
            };
            layers.push((affine, norm));
        }
        Ok(Self { layers })
    }

    fn forward(&self, x: &Traced, mode: ForwardMode) -> Result<Traced> {
        let mut x = x.clone();
        for (affine, norm) in &self.layers {
            x = affine.forward(&x, mode)?;
            if let Some((norm, relu)) = norm {
                x = norm.forward(&x, Epilogue::relu_if(*relu), mode)?;
            }
        }
        Ok(x)
    }
}

#[derive(Clone, Debug)]
pub(crate) struct ConsistencyNetworks {
    projector: Stack,
    predictor: Stack,
}

impl ConsistencyNetworks {
    pub(crate) fn new(build: &mut Builder<'_>, latent_width: usize, width: usize) -> Result<Self> {
        build.part("projector");
        let widths = [latent_width, width, width, width];
        let projector =
            Stack::new(build, &widths, &[Follower::NormRelu, Follower::NormRelu, Follower::Norm])?;
        build.part("predictor");
        let widths = [width, width.div_ceil(2), width];
        let predictor = Stack::new(build, &widths, &[Follower::NormRelu, Follower::Nothing])?;
        Ok(Self { projector, predictor })
    }

    /// Flat latents `[B, L]` to projections `[B, D]`.
    pub(crate) fn project(&self, latent: &Traced, mode: ForwardMode) -> Result<Traced> {
        self.projector.forward(latent, mode)
    }

    /// Projections `[B, D]` to predictions of the target projections `[B, D]`.
    pub(crate) fn predict(&self, projection: &Traced, mode: ForwardMode) -> Result<Traced> {
        self.predictor.forward(projection, mode)
    }
}
