//! Linear layers with optional noise on their weights (Fortunato et al. 2018, factorised Gaussian noise).
//!
//! `y = μ x + b + f(ε_out) ∘ (σ (f(ε_in) ∘ x) + c)` with `f(ε) = sign(ε) √|ε|`: one layer of means, one of
//! deviations. Each sample has its own noise, so its result does not depend on its batch.

use candle_core::{Result, Tensor};
use rand::RngExt;
use rand_chacha::ChaCha8Rng;
use rand_distr::StandardNormal;

use crate::device::Device;
use crate::layers::{Affine, Builder, ForwardMode, Init};
use crate::precision::Precision;
use crate::traced::Traced;

/// `σ_0`: initial deviations are `σ_0 / √inputs`.
const INITIAL_DEVIATION: f64 = 0.5;

/// The noise on a layer's weights.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum WeightNoise {
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
        init: Init,
        noise: WeightNoise,
    ) -> Result<Self> {
        let mean = Affine::linear(build, name, (inputs, outputs), init, Precision::F32)?;
        let deviation = match noise {
            WeightNoise::None => None,
            WeightNoise::Gaussian => {
                let (name, init) = (format!("{name}.noise"), Init::Constant(INITIAL_DEVIATION));
                Some(Affine::linear(build, &name, (inputs, outputs), init, Precision::F32)?)
            }
        };
        Ok(Self { mean, deviation, device: build.device().clone() })
    }

    /// `[B, inputs]` to `[B, outputs]`. Noisy weights draw from `noise`; without it they equal their means.
    pub(crate) fn forward(
        &self,
        x: &Traced,
        mode: ForwardMode,
        noise: Option<&mut ChaCha8Rng>,
    ) -> Result<Traced> {
        let y = self.mean.forward(x, mode)?;
        let (Some(deviation), Some(stream)) = (&self.deviation, noise) else { return Ok(y) };
        let before = draws(&self.device, x.tensor().dims2()?, stream)?;
        let before = Traced::by_candle([x], |[x]| x * before)?;
        let after = draws(&self.device, y.tensor().dims2()?, stream)?;
        let noise = deviation.forward(&before, mode)?;
        Traced::by_candle([&y, &noise], |[y, noise]| y + (noise * after)?)
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

#[cfg(test)]
mod tests {
    use rand_chacha::rand_core::SeedableRng;

    use super::*;
    use crate::layers::{LayerSettings, Normalization};

    /// With `c = E f(ε)² = E |ε| = √(2/π)`, an output has the mean `μ x + b` and the variance
    /// `c (c Σ σ² x² + σ_b²)`. Outputs share the noise of the inputs but are uncorrelated.
    #[test]
    fn moments_are_those_of_the_formula() {
        let (inputs, outputs, rows) = (3, 2, 40_000);
        let settings = LayerSettings {
            normalization: Normalization::Layer,
            head_normalization: Normalization::Layer,
            momentum: 0.1,
            precision: Precision::F32,
        };
        let mut stream = ChaCha8Rng::seed_from_u64(5);
        let mut build = Builder::new(&mut stream, settings, &Device::cpu());
        build.part("layer");
        let widths = (inputs, outputs);
        let layer =
            Linear::new(&mut build, "noisy", widths, Init::Uniform, WeightNoise::Gaussian).unwrap();
        let x = [0.5f32, -2.0, 1.0];
        let batch = Device::cpu().upload(x.repeat(rows), (rows, inputs)).unwrap();
        let batch = Traced::constant(batch);
        let mean = layer.forward(&batch, ForwardMode::Infer, None).unwrap();
        let mean = mean.tensor().to_vec2::<f32>().unwrap();
        let mut noise = ChaCha8Rng::seed_from_u64(6);
        let noisy = layer.forward(&batch, ForwardMode::Infer, Some(&mut noise)).unwrap();
        let noisy = noisy.tensor().to_vec2::<f32>().unwrap();

        let deviation = INITIAL_DEVIATION / (inputs as f64).sqrt();
        let c = (2.0 / std::f64::consts::PI).sqrt();
        let squares: f64 = x.iter().map(|x| f64::from(*x).powi(2)).sum();
        let variance = c * deviation.powi(2) * (c * squares + 1.0);
        let average = |of: &dyn Fn(&[f32], &[f32]) -> f64| {
            noisy.iter().zip(&mean).map(|(y, mean)| of(y, mean)).sum::<f64>() / rows as f64
        };
        let off = |y: &[f32], mean: &[f32], output: usize| f64::from(y[output] - mean[output]);
        // The averages' standard errors are below 0.01 of the standard deviation, the variance and its
        // square.
        for output in 0..outputs {
            let bias = average(&|y, mean| off(y, mean, output));
            let spread = average(&|y, mean| off(y, mean, output).powi(2));
            assert!(bias.abs() < 0.02 * variance.sqrt(), "{bias}");
            assert!((spread / variance - 1.0).abs() < 0.05, "{spread} {variance}");
        }
        let together = average(&|y, mean| off(y, mean, 0) * off(y, mean, 1));
        assert!(together.abs() < 0.05 * variance, "{together} {variance}");
    }
}
