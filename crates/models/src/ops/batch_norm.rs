//! Batch normalisation over the rows of `[R, C]`, fused with an optional ReLU (Ioffe and Szegedy 2015).

use candle_core::{Result, Tensor, bail};

use super::run::{CHUNKS, Kernel, Output, Spread, run};

/// Added to the variance, as everywhere in the EfficientZero networks.
const EPSILON: f64 = 1e-5;

/// The moments of each column of `x` `[R, C]`: `[2C]`, the means, then the variances (divided by `R`).
///
/// # Errors
/// If `x` is no matrix.
pub fn moments(x: &Tensor) -> Result<Tensor> {
    let (rows, channels) = x.dims2()?;
    let kernel = Kernel::cells("moments_chunks", CHUNKS * channels)
        .then("moments", Spread::Cells, channels)
        .counts(&[rows, channels, CHUNKS])
        .scratch(CHUNKS * 2 * channels);
    let [moments] = run([x], [2 * channels], |[x]| [moments_of(x, channels)], &kernel)?;
    Ok(moments.shaped(2 * channels))
}

fn moments_of(values: &[f32], channels: usize) -> Vec<f32> {
    let rows = (values.len() / channels) as f64;
    let mut sums = vec![0.0f64; channels];
    for row in values.chunks_exact(channels) {
        for (sum, &value) in sums.iter_mut().zip(row) {
            *sum += f64::from(value);
        }
    }
    let mut moments: Vec<f32> = sums.iter().map(|sum| (sum / rows) as f32).collect();
    let mut squares = vec![0.0f64; channels];
    for row in values.chunks_exact(channels) {
        for ((square, &value), &mean) in squares.iter_mut().zip(row).zip(&moments) {
            let deviation = value - mean;
            *square += f64::from(deviation * deviation);
        }
    }
    moments.extend(squares.iter().map(|square| (square / rows) as f32));
    moments
}

/// `1 / √(variance + ε)` of each channel.
fn inverse_deviations(variances: &[f32]) -> Vec<f32> {
    let inverse = |&variance: &f32| (1.0 / (f64::from(variance) + EPSILON).sqrt()) as f32;
    variances.iter().map(inverse).collect()
}

/// `γ (x - mean) / √(variance + ε) + β` with the batch's own moments, then ReLU if `relu`.
/// `x` is `[R, C]`, `gamma` and `beta` are `[C]`. Returns the moments `[2C]` too.
///
/// # Errors
/// If the shapes do not fit.
pub fn batch_norm(
    x: &Tensor,
    gamma: &Tensor,
    beta: &Tensor,
    relu: bool,
) -> Result<(Tensor, Tensor)> {
    let moments = moments(x)?;
    let normalised = normalised(x, gamma, beta, &moments, relu)?;
    let of = moments.clone();
    let output =
        normalised.linked3(x.shape(), [x, gamma, beta], move |[x, gamma, _], out, g| {
            gradients(x, gamma, out, g, &of, relu)
        })?;
    Ok((output, moments))
}

/// The same with given moments `[2C]`, as inference does; it has no gradient.
///
/// # Errors
/// If the shapes do not fit.
pub fn scale_shift(
    x: &Tensor,
    gamma: &Tensor,
    beta: &Tensor,
    moments: &Tensor,
    relu: bool,
) -> Result<Tensor> {
    Ok(normalised(x, gamma, beta, moments, relu)?.shaped(x.shape()))
}

/// What a fused ReLU lets through lies above this.
pub(super) fn floor(relu: bool) -> f32 {
    if relu { 0.0 } else { f32::NEG_INFINITY }
}

fn normalised(
    x: &Tensor,
    gamma: &Tensor,
    beta: &Tensor,
    moments: &Tensor,
    relu: bool,
) -> Result<Output> {
    let ((rows, channels), count) = (x.dims2()?, moments.dims1()?);
    if [gamma.dims1()?, beta.dims1()?, count / 2] != [channels; 3] {
        bail!("a normalisation of another width than {channels}");
    }
    let normalise = |[x, gamma, beta, moments]: [&[f32]; 4]| {
        let (means, variances) = moments.split_at(channels);
        let inverse = inverse_deviations(variances);
        let scale: Vec<f32> = inverse.iter().zip(gamma).map(|(i, gamma)| i * gamma).collect();
        let shift = means.iter().zip(&scale).zip(beta).map(|((mean, s), beta)| beta - mean * s);
        let (shift, floor) = (shift.collect::<Vec<f32>>(), floor(relu));
        let mut out = Vec::with_capacity(x.len());
        for row in x.chunks_exact(channels) {
            let scaled = row.iter().zip(&scale).zip(&shift);
            out.extend(scaled.map(|((x, scale), shift)| (x * scale + shift).max(floor)));
        }
        [out]
    };
    let kernel = Kernel::cells("normalise", rows * channels).counts(&[channels, usize::from(relu)]);
    let [normalised] = run([x, gamma, beta, moments], [rows * channels], normalise, &kernel)?;
    Ok(normalised)
}

/// With `x̂` the normalised input and `g` the gradient behind the ReLU:
/// `dγ = Σ g x̂`, `dβ = Σ g`, `dx = γ/σ (g - (dβ + x̂ dγ)/R)`.
fn gradients(
    x: &Tensor,
    gamma: &Tensor,
    out: &Tensor,
    gradient: &Tensor,
    moments: &Tensor,
    relu: bool,
) -> Result<[Option<Tensor>; 3]> {
    let (rows, channels) = x.dims2()?;
    let backward = |[x, gamma, out, gradient, moments]: [&[f32]; 5]| {
        let (means, variances) = moments.split_at(channels);
        let (inverse, floor) = (inverse_deviations(variances), floor(relu));
        let (mut dgamma, mut dbeta) = (vec![0.0f64; channels], vec![0.0f64; channels]);
        let mut dx = vec![0.0; x.len()];
        for (row, into) in dx.chunks_exact_mut(channels).enumerate() {
            let at = row * channels;
            for (channel, g) in into.iter_mut().enumerate() {
                *g = if out[at + channel] > floor { gradient[at + channel] } else { 0.0 };
                let normalised = (x[at + channel] - means[channel]) * inverse[channel];
                dgamma[channel] += f64::from(*g * normalised);
                dbeta[channel] += f64::from(*g);
            }
        }
        let single = |sums: Vec<f64>| sums.iter().map(|&sum| sum as f32).collect::<Vec<_>>();
        let (dgamma, dbeta) = (single(dgamma), single(dbeta));
        let per_row = 1.0 / rows as f32;
        for (row, into) in dx.chunks_exact_mut(channels).enumerate() {
            let at = row * channels;
            for (channel, g) in into.iter_mut().enumerate() {
                let normalised = (x[at + channel] - means[channel]) * inverse[channel];
                let centred = *g - (dbeta[channel] + normalised * dgamma[channel]) * per_row;
                *g = gamma[channel] * inverse[channel] * centred;
            }
        }
        [dx, dgamma, dbeta]
    };
    let kernel = Kernel::cells("batch_norm_chunks", CHUNKS * channels)
        .then("batch_norm_parameters", Spread::Cells, channels)
        .then("batch_norm_input", Spread::Cells, rows * channels)
        .counts(&[rows, channels, CHUNKS, usize::from(relu)])
        .scratch(CHUNKS * 2 * channels);
    let inputs = [x, gamma, out, gradient, moments];
    let [dx, dgamma, dbeta] =
        run(inputs, [rows * channels, channels, channels], backward, &kernel)?;
    Ok([
        Some(dx.shaped((rows, channels))),
        Some(dgamma.shaped(channels)),
        Some(dbeta.shaped(channels)),
    ])
}

/// How running moments follow those of batches.
#[derive(Clone, Copy, Debug)]
pub struct Following {
    /// The share of the new batch.
    pub share: f32,
    /// What its variance is multiplied by first.
    pub variance_factor: f32,
    /// Whether the batches are counted, one number behind the variances; then a batch weighs as much as
    /// each before it while that is more than `share`.
    pub counted: bool,
}

/// `running` (`[2C]`, or `[2C + 1]` with a count), moved towards a batch's `moments` `[2C]`.
///
/// # Errors
/// If the shapes do not fit.
pub fn follow(running: &Tensor, moments: &Tensor, how: Following) -> Result<Tensor> {
    let (length, count) = (running.dims1()?, moments.dims1()?);
    let (channels, Following { share, variance_factor, counted }) = (count / 2, how);
    if length != count + usize::from(counted) {
        bail!("{length} running numbers do not follow {count} moments");
    }
    let follow = |[running, moments]: [&[f32]; 2]| {
        let batches = if counted { running[count] } else { f32::INFINITY };
        let share = (1.0 / (batches + 1.0)).max(share);
        let (means, variances) = moments.split_at(channels);
        let batch = means.iter().copied().chain(variances.iter().map(|v| v * variance_factor));
        let moved = running.iter().zip(batch).map(|(old, new)| old + share * (new - old));
        [moved.chain(counted.then_some(batches + 1.0)).collect()]
    };
    let kernel = Kernel::cells("follow", length)
        .counts(&[channels, usize::from(counted)])
        .reals(&[share, variance_factor]);
    let [moved] = run([running, moments], [length], follow, &kernel)?;
    Ok(moved.shaped(length))
}
