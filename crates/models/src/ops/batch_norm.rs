//! Batch normalisation over the rows of `[R, C]`, fused with an optional ReLU (Ioffe and Szegedy 2015).

use candle_core::{Result, Tensor, bail};

use pulp::{Simd, WithSimd};

use super::columns::{self, Place, Sum, Terms};
use super::finish::Finish;
use super::negligible::or_zero;
use super::normalised::Then;
use super::run::{Kernel, Output, Spread, chunks, run, strips};

/// Added to the variance, as everywhere in the EfficientZero networks.
const EPSILON: f64 = 1e-5;

/// What each channel has is written down for so many rows, so that it is read like the rows themselves.
const PATTERN: usize = 64;

/// The moments of each column of `x` `[R, C]`: `[2C]`, the means, then the variances (divided by `R`).
///
/// # Errors
/// If `x` is no matrix.
pub fn moments(x: &Tensor) -> Result<Tensor> {
    let (rows, channels) = x.dims2()?;
    let chunks = chunks(rows);
    let kernel = Kernel::cells("moments_chunks", chunks * channels)
        .then("moments", Spread::Rows, channels)
        .counts(&[rows, channels, chunks])
        .scratch(chunks * 2 * channels);
    let [moments] = run([x], [2 * channels], |[x]| [moments_of(x, channels)], &kernel)?;
    Ok(moments.shaped(2 * channels))
}

fn moments_of(x: &[f32], channels: usize) -> Vec<f32> {
    let rows = x.len() / channels;
    let [sums] = columns::sums(rows, channels, &Sum(x));
    let mut moments: Vec<f32> = sums.iter().map(|sum| (sum / rows as f64) as f32).collect();
    let [squares] = columns::sums(rows, channels, &Squares { x, means: &moments });
    moments.extend(squares.iter().map(|square| (square / rows as f64) as f32));
    moments
}

/// The squares of how far numbers are from the mean of their column.
struct Squares<'a> {
    x: &'a [f32],
    means: &'a [f32],
}

impl Terms<1> for Squares<'_> {
    #[inline(always)]
    fn at<S: Simd>(&self, simd: S, place: Place) -> [S::f32s; 1] {
        let (x, mean) = (place.of_matrix(simd, self.x), place.of_row(simd, self.means));
        let deviation = simd.sub_f32s(x, mean);
        [simd.mul_f32s(deviation, deviation)]
    }
}

/// `1 / √(variance + ε)` of each channel.
fn inverse_deviations(variances: &[f32]) -> Vec<f32> {
    let inverse = |&variance: &f32| (1.0 / (f64::from(variance) + EPSILON).sqrt()) as f32;
    variances.iter().map(inverse).collect()
}

/// `γ (x - mean) / √(variance + ε) + β` with the batch's own moments, then ReLU if `relu`.
/// `x` is `[R, C]` and may be bf16, as then is the output; `gamma` and `beta` are `[C]`. Returns the moments `[2C]` too.
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
    let normalised = normalised(x, gamma, beta, &moments, Then::relu_if(relu))?;
    let of = moments.clone();
    let output =
        normalised.linked3(x.shape(), [x, gamma, beta], move |[x, gamma, _], out, g| {
            Ok(gradients(x, gamma, out, g, &of, relu)?.map(Some))
        })?;
    Ok((output, moments))
}

/// The same with given moments `[2C]`, as inference does, and then `then`; it has no gradient.
///
/// # Errors
/// If the shapes do not fit.
pub fn scale_shift(
    x: &Tensor,
    gamma: &Tensor,
    beta: &Tensor,
    moments: &Tensor,
    then: Then<&Tensor>,
) -> Result<Tensor> {
    Ok(normalised(x, gamma, beta, moments, then)?.shaped(x.shape()))
}

/// What a fused ReLU lets through lies above this.
pub(super) fn floor(relu: bool) -> f32 {
    if relu { 0.0 } else { f32::NEG_INFINITY }
}

/// A normalisation as a factor and a summand of each channel.
pub(super) fn scale_and_shift(
    gamma: &[f32],
    beta: &[f32],
    moments: &[f32],
) -> (Vec<f32>, Vec<f32>) {
    let (means, variances) = moments.split_at(gamma.len());
    let inverse = inverse_deviations(variances);
    let scale: Vec<f32> = inverse.iter().zip(gamma).map(|(i, gamma)| i * gamma).collect();
    let shift = means.iter().zip(&scale).zip(beta).map(|((mean, s), beta)| beta - mean * s);
    let shift = shift.collect();
    (scale, shift)
}

/// A normalisation of rows of `channels` numbers has that many factors and summands, and twice as many moments.
pub(super) fn check_width([gamma, beta, moments]: [&Tensor; 3], channels: usize) -> Result<()> {
    if [gamma.dims1()?, beta.dims1()?, moments.dims1()? / 2] != [channels; 3] {
        bail!("a normalisation of another width than {channels}");
    }
    Ok(())
}

fn normalised(
    x: &Tensor,
    gamma: &Tensor,
    beta: &Tensor,
    moments: &Tensor,
    then: Then<&Tensor>,
) -> Result<Output> {
    let (rows, channels) = x.dims2()?;
    check_width([gamma, beta, moments], channels)?;
    // What is not added is not read.
    let (beside, relu, adds) = match then {
        Then::Nothing => (x, false, false),
        Then::Relu => (x, true, false),
        Then::AddRelu(beside) => (beside, true, true),
    };
    if beside.shape() != x.shape() {
        bail!("{:?} is not added to {:?}", beside.shape(), x.shape());
    }
    let normalise = |[x, gamma, beta, moments, beside]: [&[f32]; 5]| {
        let (rows, mut out) = (PATTERN.min(rows), x.to_vec());
        let then = if adds { Then::AddRelu(beside) } else { Then::relu_if(relu) };
        let finish = Finish::new([gamma, beta, moments], then, rows);
        let parts = out.chunks_mut(rows * channels).enumerate();
        parts.for_each(|(index, part)| finish.apply(index, part));
        [out]
    };
    let strips = strips(rows);
    let kernel = Kernel::cells("normalise", strips * channels)
        .counts(&[rows, channels, strips, usize::from(relu), usize::from(adds)])
        .like(x);
    let inputs = [x, gamma, beta, moments, beside];
    let [normalised] = run(inputs, [rows * channels], normalise, &kernel)?;
    Ok(normalised)
}

/// With `x̂` the normalised input and `g` the gradient behind the ReLU:
/// `dγ = Σ g x̂`, `dβ = Σ g`, `dx = γ/σ (g - (dβ + x̂ dγ)/R)`.
pub(super) fn gradients(
    x: &Tensor,
    gamma: &Tensor,
    out: &Tensor,
    gradient: &Tensor,
    moments: &Tensor,
    relu: bool,
) -> Result<[Tensor; 3]> {
    let (rows, channels) = x.dims2()?;
    let backward = |[x, gamma, out, gradient, moments]: [&[f32]; 5]| {
        let (means, variances) = moments.split_at(channels);
        let (inverse, floor) = (inverse_deviations(variances), floor(relu));
        let passed = Passed { out, gradient, floor };
        let slopes = Slopes { passed, x, means, inverse: &inverse };
        let single = |sums: Vec<f64>| sums.iter().map(|&sum| sum as f32).collect::<Vec<_>>();
        let [dgamma, dbeta] = columns::sums(rows, channels, &slopes).map(single);
        // dx = factor · g + slope · x + shift
        let per_row = 1.0 / rows as f32;
        let factor: Vec<f32> = gamma.iter().zip(&inverse).map(|(gamma, i)| gamma * i).collect();
        let slope = factor.iter().zip(&inverse).zip(&dgamma);
        let slope: Vec<f32> = slope.map(|((f, i), dgamma)| -f * i * dgamma * per_row).collect();
        let shift = factor.iter().zip(&slope).zip(&dbeta).zip(means);
        let shift = shift.map(|(((f, slope), dbeta), mean)| -f * dbeta * per_row - slope * mean);
        let shift = shift.collect::<Vec<f32>>();
        let rows = PATTERN.min(rows);
        let [factor, slope, shift] = [factor, slope, shift].map(|each| each.repeat(rows));
        let mut dx = x.to_vec();
        for (part, dx) in dx.chunks_mut(rows * channels).enumerate() {
            let at = part * rows * channels;
            let passed = Passed { out: &out[at..], gradient: &gradient[at..], floor };
            let of_input = OfInput { passed, of: [&factor, &slope, &shift], dx };
            pulp::Arch::new().dispatch(of_input);
        }
        [dx, dgamma, dbeta]
    };
    let (chunks, strips) = (chunks(rows), strips(rows));
    let kernel = Kernel::cells("batch_norm_chunks", chunks * channels)
        .then("batch_norm_parameters", Spread::Rows, channels)
        .then("batch_norm_input", Spread::Cells, strips * channels)
        .counts(&[rows, channels, chunks, usize::from(relu), strips])
        .scratch(chunks * 2 * channels)
        .like(x);
    let inputs = [x, gamma, out, gradient, moments];
    let [dx, dgamma, dbeta] =
        run(inputs, [rows * channels, channels, channels], backward, &kernel)?;
    Ok([dx.shaped((rows, channels)), dgamma.shaped(channels), dbeta.shaped(channels)])
}

/// The gradient that a ReLU lets through.
#[derive(Clone, Copy)]
struct Passed<'a> {
    out: &'a [f32],
    gradient: &'a [f32],
    floor: f32,
}

/// The sums of `g x̂` and of `g`.
struct Slopes<'a> {
    passed: Passed<'a>,
    x: &'a [f32],
    means: &'a [f32],
    inverse: &'a [f32],
}

impl Terms<2> for Slopes<'_> {
    #[inline(always)]
    fn at<S: Simd>(&self, simd: S, place: Place) -> [S::f32s; 2] {
        let Passed { out, gradient, floor } = self.passed;
        let above = simd.greater_than_f32s(place.of_matrix(simd, out), simd.splat_f32s(floor));
        let gradient = place.of_matrix(simd, gradient);
        let g = simd.select_f32s(above, gradient, simd.splat_f32s(0.0));
        let deviation =
            simd.sub_f32s(place.of_matrix(simd, self.x), place.of_row(simd, self.means));
        let normalised = simd.mul_f32s(deviation, place.of_row(simd, self.inverse));
        [simd.mul_f32s(g, normalised), g]
    }
}

/// Makes of the inputs, which `dx` has at first, their gradients: `factor · g + slope · x + shift`.
struct OfInput<'a> {
    passed: Passed<'a>,
    of: [&'a [f32]; 3],
    dx: &'a mut [f32],
}

impl WithSimd for OfInput<'_> {
    type Output = ();

    #[inline(always)]
    fn with_simd<S: Simd>(self, _: S) {
        let (Passed { out, gradient, floor }, [factor, slope, shift]) = (self.passed, self.of);
        let numbers = self.dx.iter_mut().zip(out).zip(gradient);
        let places = numbers.zip(factor).zip(slope).zip(shift);
        for (((((x, out), gradient), factor), slope), shift) in places {
            let g = if *out > floor { *gradient } else { 0.0 };
            *x = or_zero(factor * g + slope * *x + shift);
        }
    }
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
        let moved = running.iter().zip(batch).map(|(old, new)| or_zero(old + share * (new - old)));
        [moved.chain(counted.then_some(batches + 1.0)).collect()]
    };
    let kernel = Kernel::cells("follow", length)
        .counts(&[channels, usize::from(counted)])
        .reals(&[share, variance_factor]);
    let [moved] = run([running, moments], [length], follow, &kernel)?;
    Ok(moved.shaped(length))
}
