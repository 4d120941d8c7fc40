//! Batch normalization over the rows of `[R, C]`, fused with an optional ReLU (Ioffe and Szegedy 2015).

use candle_core::{Result, Tensor, bail};
use pulp::{Simd, WithSimd};

use super::column_sums::{self, Numbers, Place, Terms};
use super::epilogue::{Epilogue, FusedEpilogue, check_width, inverse_deviations, relu_floor};
use super::flush_subnormals::flush;
use super::pieces::changed;
use super::run::{Kernel, Output, ThreadsPerItem, chunks, run, strips};
use crate::traced::Traced;

/// A channel's factors are repeated for this number of rows, so that factors and rows are read in the same
/// order.
const REPEATED_ROWS: usize = 64;

/// The moments `[2C]` of the columns of `x` `[R, C]`: means, then biased variances.
///
/// # Errors
/// If `x` is not a matrix.
pub fn moments(x: &Tensor) -> Result<Tensor> {
    let (rows, channels) = x.dims2()?;
    let chunks = chunks(rows);
    let kernel = Kernel::cells("moments_chunks", chunks * channels)
        .then("moments", ThreadsPerItem::Warp, channels)
        .counts(&[rows, channels, chunks])
        .scratch(chunks * 2 * channels);
    let [moments] = run([x], [2 * channels], |[x]| [moments_of(x, channels)], &kernel)?;
    Ok(moments.shaped(2 * channels))
}

fn moments_of(x: &[f32], channels: usize) -> Vec<f32> {
    let rows = x.len() / channels;
    let [sums] = column_sums::sums(rows, channels, &Numbers(x));
    let mut moments: Vec<f32> = sums.iter().map(|sum| (sum / rows as f64) as f32).collect();
    let [squares] = column_sums::sums(rows, channels, &SquaredDeviations { x, means: &moments });
    moments.extend(squares.iter().map(|square| (square / rows as f64) as f32));
    moments
}

/// The squared deviations of numbers from the mean of their column.
struct SquaredDeviations<'a> {
    x: &'a [f32],
    means: &'a [f32],
}

impl Terms<1> for SquaredDeviations<'_> {
    #[inline(always)]
    fn at<S: Simd>(&self, simd: S, place: Place) -> [S::f32s; 1] {
        let (x, mean) = (place.of_matrix(simd, self.x), place.of_row(simd, self.means));
        let deviation = simd.sub_f32s(x, mean);
        [simd.mul_f32s(deviation, deviation)]
    }
}

/// `γ (x - mean) / √(variance + ε) + β` with the batch's moments, then ReLU if `relu`. Returns the moments
/// `[2C]` too. `x` is `[R, C]`; `gamma` and `beta` are `[C]`. The output has the precision of `x`.
///
/// # Errors
/// If the shapes do not fit.
pub fn batch_norm(
    x: &Traced,
    gamma: &Traced,
    beta: &Traced,
    relu: bool,
) -> Result<(Traced, Tensor)> {
    let inputs = [x, gamma, beta];
    let moments = moments(x.tensor())?;
    let [numbers, scale, shift] = inputs.map(Traced::tensor);
    let normalized = normalized(numbers, scale, shift, &moments, Epilogue::relu_if(relu))?;
    let saved = moments.clone();
    let output = normalized.with_backward(numbers.shape(), inputs, move |inputs, out, g| {
        let [x, gamma, _] = inputs.map(Traced::tensor);
        Ok(gradients(x, gamma, out, g, &saved, relu)?.map(Some))
    });
    Ok((output, moments))
}

/// [`batch_norm`] with given moments `[2C]`, then `epilogue`. The output has no gradient.
///
/// # Errors
/// If the shapes do not fit.
pub fn scale_shift(
    x: &Tensor,
    gamma: &Tensor,
    beta: &Tensor,
    moments: &Tensor,
    epilogue: Epilogue<&Tensor>,
) -> Result<Tensor> {
    Ok(normalized(x, gamma, beta, moments, epilogue)?.shaped(x.shape()))
}

fn normalized(
    x: &Tensor,
    gamma: &Tensor,
    beta: &Tensor,
    moments: &Tensor,
    epilogue: Epilogue<&Tensor>,
) -> Result<Output> {
    let (rows, channels) = x.dims2()?;
    check_width([gamma, beta, moments], channels)?;
    // A kernel needs a tensor in place of a missing addend, but does not read it.
    let (addend, relu, adds) = match epilogue {
        Epilogue::Nothing => (x, false, false),
        Epilogue::Relu => (x, true, false),
        Epilogue::AddRelu(addend) => (addend, true, true),
    };
    if addend.shape() != x.shape() {
        bail!("cannot add {:?} to {:?}", addend.shape(), x.shape());
    }
    let normalize = |[x, gamma, beta, moments, addend]: [&[f32]; 5]| {
        let rows = REPEATED_ROWS.min(rows);
        let epilogue = if adds { Epilogue::AddRelu(addend) } else { Epilogue::relu_if(relu) };
        let fused = FusedEpilogue::new([gamma, beta, moments], epilogue, rows);
        [changed(x, rows * channels, |index, part| fused.apply(index, part))]
    };
    let strips = strips(rows);
    let kernel = Kernel::cells("normalize", strips * channels)
        .counts(&[rows, channels, strips, usize::from(relu), usize::from(adds)])
        .like(x);
    let inputs = [x, gamma, beta, moments, addend];
    let [normalized] = run(inputs, [rows * channels], normalize, &kernel)?;
    Ok(normalized)
}

/// With the normalized input `x̂` and the gradient `g` after the ReLU's backward pass:
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
        let (inverse, floor) = (inverse_deviations(variances), relu_floor(relu));
        let masked = ReluGradient { out, gradient, floor };
        let slopes = ParameterGradients { masked, x, means, inverse: &inverse };
        let to_f32 = |sums: Vec<f64>| sums.iter().map(|&sum| sum as f32).collect::<Vec<_>>();
        let [dgamma, dbeta] = column_sums::sums(rows, channels, &slopes).map(to_f32);
        // dx = factor · g + slope · x + shift
        let per_row = 1.0 / rows as f32;
        let factor: Vec<f32> = gamma.iter().zip(&inverse).map(|(gamma, i)| gamma * i).collect();
        let slope = factor.iter().zip(&inverse).zip(&dgamma);
        let slope: Vec<f32> = slope.map(|((f, i), dgamma)| -f * i * dgamma * per_row).collect();
        let shift = factor.iter().zip(&slope).zip(&dbeta).zip(means);
        let shift = shift.map(|(((f, slope), dbeta), mean)| -f * dbeta * per_row - slope * mean);
        let shift = shift.collect::<Vec<f32>>();
        let rows = REPEATED_ROWS.min(rows);
        let [factor, slope, shift] = [factor, slope, shift].map(|each| each.repeat(rows));
        let dx = changed(x, rows * channels, |part, dx| {
            let at = part * rows * channels;
            let masked = ReluGradient { out: &out[at..], gradient: &gradient[at..], floor };
            let input_gradient = InputGradient { masked, factors: [&factor, &slope, &shift], dx };
            pulp::Arch::new().dispatch(input_gradient);
        });
        [dx, dgamma, dbeta]
    };
    let (chunks, strips) = (chunks(rows), strips(rows));
    let kernel = Kernel::cells("batch_norm_chunks", chunks * channels)
        .then("batch_norm_parameters", ThreadsPerItem::Warp, channels)
        .then("batch_norm_input", ThreadsPerItem::One, strips * channels)
        .counts(&[rows, channels, chunks, usize::from(relu), strips])
        .scratch(chunks * 2 * channels)
        .like(x);
    let inputs = [x, gamma, out, gradient, moments];
    let [dx, dgamma, dbeta] =
        run(inputs, [rows * channels, channels, channels], backward, &kernel)?;
    Ok([dx.shaped((rows, channels)), dgamma.shaped(channels), dbeta.shaped(channels)])
}

/// The gradient after the backward pass of the fused ReLU.
#[derive(Clone, Copy)]
struct ReluGradient<'a> {
    out: &'a [f32],
    gradient: &'a [f32],
    floor: f32,
}

/// The terms of `Σ g x̂` and `Σ g`.
struct ParameterGradients<'a> {
    masked: ReluGradient<'a>,
    x: &'a [f32],
    means: &'a [f32],
    inverse: &'a [f32],
}

impl Terms<2> for ParameterGradients<'_> {
    #[inline(always)]
    fn at<S: Simd>(&self, simd: S, place: Place) -> [S::f32s; 2] {
        let ReluGradient { out, gradient, floor } = self.masked;
        let is_passed = simd.greater_than_f32s(place.of_matrix(simd, out), simd.splat_f32s(floor));
        let gradient = place.of_matrix(simd, gradient);
        let g = simd.select_f32s(is_passed, gradient, simd.splat_f32s(0.0));
        let deviation =
            simd.sub_f32s(place.of_matrix(simd, self.x), place.of_row(simd, self.means));
        let normalized = simd.mul_f32s(deviation, place.of_row(simd, self.inverse));
        [simd.mul_f32s(g, normalized), g]
    }
}

/// Replaces the inputs `x` in `dx` by their gradients `factor · g + slope · x + shift`.
struct InputGradient<'a> {
    masked: ReluGradient<'a>,
    factors: [&'a [f32]; 3],
    dx: &'a mut [f32],
}

impl WithSimd for InputGradient<'_> {
    type Output = ();

    #[inline(always)]
    fn with_simd<S: Simd>(self, _: S) {
        let (ReluGradient { out, gradient, floor }, [factor, slope, shift]) =
            (self.masked, self.factors);
        let numbers = self.dx.iter_mut().zip(out).zip(gradient);
        let places = numbers.zip(factor).zip(slope).zip(shift);
        for (((((x, out), gradient), factor), slope), shift) in places {
            let g = if *out > floor { *gradient } else { 0.0 };
            *x = flush(factor * g + slope * *x + shift);
        }
    }
}

/// How a batch updates running moments.
#[derive(Clone, Copy, Debug)]
pub struct RunningUpdate {
    /// Weight of the batch.
    pub weight: f32,
    /// Factor of the batch's variance.
    pub variance_factor: f32,
    /// Whether `running` also has the number of batches. Then the weight is at least `1/(n+1)` after `n`
    /// batches, so that the first batches all weigh the same.
    pub counted: bool,
}

/// `running + weight (moments - running)`, where `moments` `[2C]` are a batch's. `running` is `[2C]`, or
/// `[2C + 1]` with the number of batches.
///
/// # Errors
/// If the shapes do not fit.
pub fn update_running(running: &Tensor, moments: &Tensor, how: RunningUpdate) -> Result<Tensor> {
    let (length, count) = (running.dims1()?, moments.dims1()?);
    let (channels, RunningUpdate { weight, variance_factor, counted }) = (count / 2, how);
    if length != count + usize::from(counted) {
        bail!("{count} moments cannot update {length} running numbers");
    }
    let update = |[running, moments]: [&[f32]; 2]| {
        let batches = if counted { running[count] } else { f32::INFINITY };
        let weight = (1.0 / (batches + 1.0)).max(weight);
        let (means, variances) = moments.split_at(channels);
        let batch = means.iter().copied().chain(variances.iter().map(|v| v * variance_factor));
        let moved = running.iter().zip(batch).map(|(old, new)| flush(old + weight * (new - old)));
        [moved.chain(counted.then_some(batches + 1.0)).collect()]
    };
    let kernel = Kernel::cells("update_running", length)
        .counts(&[channels, usize::from(counted)])
        .reals(&[weight, variance_factor]);
    let [moved] = run([running, moments], [length], update, &kernel)?;
    Ok(moved.shaped(length))
}
