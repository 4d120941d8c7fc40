//! Linear layers whose weights may be noisy (Fortunato et al. 2018, factorised Gaussian noise).
//!
//! `y = μ x + b + f(ε_out) ∘ (σ (f(ε_in) ∘ x) + c)` with `f(ε) = sign(ε) √|ε|`: two layers, one of means and
//! one of deviations. Every sample meets noise of its own, so what a network says of one depends on no other.

use candle_core::{Result, Tensor};
use rand::RngExt;
use rand_chacha::ChaCha8Rng;
use rand_distr::StandardNormal;

use crate::device::Device;
use crate::layers::{Affine, Mode, Start};
use crate::parameters::Builder;

/// `σ_0`: deviations begin at `σ_0 / √inputs`.
const FIRST_DEVIATION: f64 = 0.5;

/// Whether a layer's weights are noisy.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Noise {
    None,
    Gaussian,
}

/// A linear layer with a bias.
#[derive(Clone, Debug)]
pub(crate) struct Linear {
    mean: Affine,
    deviation: Option<Affine>,
    device: Device,
}

impl Linear {
    pub(crate) fn new(
        build: &mut Builder<'_>,
        name: &str,
        (inputs, outputs): (usize, usize),
        start: Start,
        noise: Noise,
    ) -> Result<Self> {
        let mean = Affine::linear(build, name, inputs, outputs, start)?;
        let deviation = match noise {
            Noise::None => None,
            Noise::Gaussian => {
                let (name, level) = (format!("{name}.noise"), Start::Level(FIRST_DEVIATION));
                Some(Affine::linear(build, &name, inputs, outputs, level)?)
            }
        };
        Ok(Self { mean, deviation, device: build.device().clone() })
    }

    /// `[B, inputs]` to `[B, outputs]`. The noise is drawn from `noise`; without it the weights are their
    /// means.
    pub(crate) fn forward(
        &self,
        x: &Tensor,
        mode: Mode,
        noise: Option<&mut ChaCha8Rng>,
    ) -> Result<Tensor> {
        let y = self.mean.forward(x, mode)?;
        let (Some(deviation), Some(stream)) = (&self.deviation, noise) else { return Ok(y) };
        let before = (x * draws(&self.device, x.dims2()?, stream)?)?;
        let after = draws(&self.device, y.dims2()?, stream)?;
        y + (deviation.forward(&before, mode)? * after)?
    }
}

/// `f(ε)` for standard normal `ε`.
fn draws(device: &Device, shape: (usize, usize), stream: &mut ChaCha8Rng) -> Result<Tensor> {
    let draw = || {
        let epsilon: f32 = stream.sample(StandardNormal);
        epsilon.signum() * epsilon.abs().sqrt()
    };
    device.upload(std::iter::repeat_with(draw).take(shape.0 * shape.1).collect(), shape)
}
