//! Layer normalisation over the columns of `[R, C]`, fused with an optional ReLU (Ba et al. 2016).

use candle_core::{CpuStorage, CustomOp3, Layout, Result, Shape, Tensor};

use super::slices::{floats, read, write};

/// Added to the variance.
const EPSILON: f32 = 1e-5;

/// `γ (x - mean) / √(variance + ε) + β` with each row's own moments, then ReLU if `relu`.
/// `x` is `[R, C]`, `gamma` and `beta` are `[C]`. It is the same in learning and in acting.
///
/// # Errors
/// If the shapes do not fit.
pub fn layer_norm(x: &Tensor, gamma: &Tensor, beta: &Tensor, relu: bool) -> Result<Tensor> {
    x.apply_op3(gamma, beta, LayerNorm { relu })
}

struct LayerNorm {
    relu: bool,
}

/// Mean and inverse deviation of a row.
fn moments(row: &[f32]) -> (f32, f32) {
    let count = row.len() as f32;
    let mean = row.iter().sum::<f32>() / count;
    let variance = row.iter().map(|x| (x - mean) * (x - mean)).sum::<f32>() / count;
    (mean, 1.0 / (variance + EPSILON).sqrt())
}

impl LayerNorm {
    fn floor(&self) -> f32 {
        if self.relu { 0.0 } else { f32::NEG_INFINITY }
    }
}

impl CustomOp3 for LayerNorm {
    fn name(&self) -> &'static str {
        "layer_norm"
    }

    fn cpu_fwd(
        &self,
        x: &CpuStorage,
        x_layout: &Layout,
        gamma: &CpuStorage,
        gamma_layout: &Layout,
        beta: &CpuStorage,
        beta_layout: &Layout,
    ) -> Result<(CpuStorage, Shape)> {
        let (gamma, beta) = (floats(gamma, gamma_layout)?, floats(beta, beta_layout)?);
        let floor = self.floor();
        let mut out = Vec::with_capacity(x_layout.shape().elem_count());
        for row in floats(x, x_layout)?.chunks_exact(gamma.len()) {
            let (mean, inverse) = moments(row);
            let affine = |((x, gamma), beta): ((&f32, &f32), &f32)| {
                ((x - mean) * inverse * gamma + beta).max(floor)
            };
            out.extend(row.iter().zip(gamma).zip(beta).map(affine));
        }
        Ok((CpuStorage::F32(out), x_layout.shape().clone()))
    }

    /// With `x̂` the normalised row, `g` the gradient behind the ReLU and `u = γ g`:
    /// `dγ = Σ g x̂`, `dβ = Σ g` over the rows, `dx = (u - mean(u) - x̂ mean(u x̂)) / σ`.
    fn bwd(
        &self,
        x: &Tensor,
        gamma: &Tensor,
        _: &Tensor,
        out: &Tensor,
        gradient: &Tensor,
    ) -> Result<(Option<Tensor>, Option<Tensor>, Option<Tensor>)> {
        let (rows, channels) = x.dims2()?;
        let (dx, dgamma, dbeta) = read([x, gamma, out, gradient], |[x, gamma, out, gradient]| {
            let floor = self.floor();
            let (mut dgamma, mut dbeta) = (vec![0.0; channels], vec![0.0; channels]);
            let mut dx = vec![0.0; x.len()];
            for (row, into) in dx.chunks_exact_mut(channels).enumerate() {
                let at = row * channels..(row + 1) * channels;
                let (x, out, gradient) = (&x[at.clone()], &out[at.clone()], &gradient[at]);
                let (mean, inverse) = moments(x);
                let (mut sum, mut product) = (0.0, 0.0);
                for (channel, u) in into.iter_mut().enumerate() {
                    let g = if out[channel] > floor { gradient[channel] } else { 0.0 };
                    let normalised = (x[channel] - mean) * inverse;
                    dgamma[channel] += g * normalised;
                    dbeta[channel] += g;
                    *u = gamma[channel] * g;
                    sum += *u;
                    product += *u * normalised;
                }
                let count = channels as f32;
                for (u, x) in into.iter_mut().zip(x) {
                    *u = (*u - (sum + (x - mean) * inverse * product) / count) * inverse;
                }
            }
            (dx, dgamma, dbeta)
        })?;
        Ok((
            Some(write(dx, (rows, channels))?),
            Some(write(dgamma, channels)?),
            Some(write(dbeta, channels)?),
        ))
    }
}
