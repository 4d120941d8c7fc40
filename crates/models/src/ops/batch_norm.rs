//! Batch normalisation over the rows of `[R, C]`, fused with an optional ReLU (Ioffe and Szegedy 2015).

use std::sync::{Arc, OnceLock};

use candle_core::{CpuStorage, CustomOp3, Layout, Result, Shape, Tensor};

use super::slices::{floats, read, write};

/// Added to the variance, as everywhere in the EfficientZero networks.
const EPSILON: f64 = 1e-5;

/// What a batch showed of each channel.
#[derive(Clone, Debug)]
pub struct Moments {
    /// `[C]`
    pub mean: Vec<f32>,
    /// `[C]`: divided by the number of rows.
    pub variance: Vec<f32>,
}

impl Moments {
    /// The moments of each column of `x` `[R, C]`.
    ///
    /// # Errors
    /// If `x` is no matrix.
    pub fn of_tensor(x: &Tensor) -> Result<Self> {
        let (_, channels) = x.dims2()?;
        read([x], |[x]| Self::of(x, channels))
    }

    fn of(values: &[f32], channels: usize) -> Self {
        let rows = (values.len() / channels) as f64;
        let mut sums = vec![0.0f64; channels];
        for row in values.chunks_exact(channels) {
            for (sum, &value) in sums.iter_mut().zip(row) {
                *sum += f64::from(value);
            }
        }
        let mean: Vec<f32> = sums.iter().map(|sum| (sum / rows) as f32).collect();
        let mut squares = vec![0.0f64; channels];
        for row in values.chunks_exact(channels) {
            for ((square, &value), &mean) in squares.iter_mut().zip(row).zip(&mean) {
                let deviation = value - mean;
                *square += f64::from(deviation * deviation);
            }
        }
        Self { mean, variance: squares.iter().map(|square| (square / rows) as f32).collect() }
    }

    /// `1 / √(variance + ε)` of each channel.
    fn inverse_deviation(&self) -> Vec<f32> {
        self.variance
            .iter()
            .map(|&variance| (1.0 / (f64::from(variance) + EPSILON).sqrt()) as f32)
            .collect()
    }
}

/// `γ (x - mean) / √(variance + ε) + β` with the batch's own moments, then ReLU if `relu`.
/// `x` is `[R, C]`, `gamma` and `beta` are `[C]`. Returns the moments too.
///
/// # Errors
/// If the shapes do not fit.
pub fn batch_norm(
    x: &Tensor,
    gamma: &Tensor,
    beta: &Tensor,
    relu: bool,
) -> Result<(Tensor, Moments)> {
    let moments = Arc::new(OnceLock::new());
    let normalised = x.apply_op3(gamma, beta, BatchNorm { relu, moments: Arc::clone(&moments) })?;
    match moments.get() {
        Some(moments) => Ok((normalised, moments.clone())),
        None => candle_core::bail!("batch_norm left no moments"),
    }
}

/// The same with given moments, as inference does; it has no gradient.
///
/// # Errors
/// If the shapes do not fit.
pub fn scale_shift(
    x: &Tensor,
    gamma: &Tensor,
    beta: &Tensor,
    running: &Tensor,
    relu: bool,
) -> Result<Tensor> {
    let (rows, channels) = x.dims2()?;
    let values = read([x, gamma, beta, running], |[x, gamma, beta, running]| {
        let (mean, variance) = running.split_at(channels);
        let moments = Moments { mean: mean.to_vec(), variance: variance.to_vec() };
        normalise(x, &moments, gamma, beta, relu)
    })?;
    write(values, (rows, channels))
}

fn normalise(x: &[f32], moments: &Moments, gamma: &[f32], beta: &[f32], relu: bool) -> Vec<f32> {
    let inverse = moments.inverse_deviation();
    let scale: Vec<f32> =
        inverse.iter().zip(gamma).map(|(inverse, gamma)| inverse * gamma).collect();
    let shift: Vec<f32> = moments
        .mean
        .iter()
        .zip(&scale)
        .zip(beta)
        .map(|((mean, scale), beta)| beta - mean * scale)
        .collect();
    let floor = if relu { 0.0 } else { f32::NEG_INFINITY };
    let mut out = Vec::with_capacity(x.len());
    for row in x.chunks_exact(gamma.len()) {
        out.extend(
            row.iter()
                .zip(&scale)
                .zip(&shift)
                .map(|((x, scale), shift)| (x * scale + shift).max(floor)),
        );
    }
    out
}

struct BatchNorm {
    relu: bool,
    moments: Arc<OnceLock<Moments>>,
}

impl CustomOp3 for BatchNorm {
    fn name(&self) -> &'static str {
        "batch_norm"
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
        let (_, channels) = x_layout.shape().dims2()?;
        let x = floats(x, x_layout)?;
        let moments = Moments::of(x, channels);
        let gamma = floats(gamma, gamma_layout)?;
        let out = normalise(x, &moments, gamma, floats(beta, beta_layout)?, self.relu);
        self.moments.get_or_init(|| moments);
        Ok((CpuStorage::F32(out), x_layout.shape().clone()))
    }

    /// With `x̂` the normalised input and `g` the gradient behind the ReLU:
    /// `dγ = Σ g x̂`, `dβ = Σ g`, `dx = γ/σ (g - (dβ + x̂ dγ)/R)`.
    fn bwd(
        &self,
        x: &Tensor,
        gamma: &Tensor,
        _: &Tensor,
        out: &Tensor,
        gradient: &Tensor,
    ) -> Result<(Option<Tensor>, Option<Tensor>, Option<Tensor>)> {
        let (rows, channels) = x.dims2()?;
        let Some(moments) = self.moments.get() else {
            candle_core::bail!("batch_norm was not run forward")
        };
        let (dx, dgamma, dbeta) = read([x, gamma, out, gradient], |[x, gamma, out, gradient]| {
            let inverse = moments.inverse_deviation();
            // A fused ReLU lets nothing through where it gave 0.
            let floor = if self.relu { 0.0 } else { f32::NEG_INFINITY };
            let mut dgamma = vec![0.0f64; channels];
            let mut dbeta = vec![0.0f64; channels];
            let mut dx = vec![0.0; x.len()];
            for (row, into) in dx.chunks_exact_mut(channels).enumerate() {
                let at = row * channels;
                for (channel, g) in into.iter_mut().enumerate() {
                    *g = if out[at + channel] > floor { gradient[at + channel] } else { 0.0 };
                    let normalised = (x[at + channel] - moments.mean[channel]) * inverse[channel];
                    dgamma[channel] += f64::from(*g * normalised);
                    dbeta[channel] += f64::from(*g);
                }
            }
            let dgamma: Vec<f32> = dgamma.iter().map(|&sum| sum as f32).collect();
            let dbeta: Vec<f32> = dbeta.iter().map(|&sum| sum as f32).collect();
            let per_row = 1.0 / rows as f32;
            for (row, into) in dx.chunks_exact_mut(channels).enumerate() {
                let at = row * channels;
                for (channel, g) in into.iter_mut().enumerate() {
                    let normalised = (x[at + channel] - moments.mean[channel]) * inverse[channel];
                    let centred = *g - (dbeta[channel] + normalised * dgamma[channel]) * per_row;
                    *g = gamma[channel] * inverse[channel] * centred;
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
