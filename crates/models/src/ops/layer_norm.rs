//! Layer normalisation over the columns of `[R, C]`, fused with an optional ReLU (Ba et al. 2016).

use candle_core::{Result, Tensor, bail};

use pulp::{Simd, WithSimd};

use super::batch_norm::floor;
use super::negligible::or_zero;
use super::run::{Kernel, Spread, chunks, run};

/// Added to the variance.
const EPSILON: f32 = 1e-5;

/// `γ (x - mean) / √(variance + ε) + β` with each row's own moments, then ReLU if `relu`.
/// `x` is `[R, C]` and may be bf16, as then is the output; `gamma` and `beta` are `[C]`. It is the same in learning and in acting.
///
/// # Errors
/// If the shapes do not fit.
pub fn layer_norm(x: &Tensor, gamma: &Tensor, beta: &Tensor, relu: bool) -> Result<Tensor> {
    let (rows, columns) = x.dims2()?;
    if [gamma.dims1()?, beta.dims1()?] != [columns; 2] {
        bail!("a normalisation of another width than {columns}");
    }
    let normalise = |[x, gamma, beta]: [&[f32]; 3]| {
        [pulp::Arch::new().dispatch(Forward { x, gamma, beta, floor: floor(relu) })]
    };
    let kernel = Kernel::rows("layer_norm", rows).counts(&[columns, usize::from(relu)]).like(x);
    let [output] = run([x, gamma, beta], [rows * columns], normalise, &kernel)?;
    output.linked3((rows, columns), [x, gamma, beta], move |[x, gamma, _], out, gradient| {
        gradients(x, gamma, out, gradient, relu)
    })
}

struct Forward<'a> {
    x: &'a [f32],
    gamma: &'a [f32],
    beta: &'a [f32],
    floor: f32,
}

impl WithSimd for Forward<'_> {
    type Output = Vec<f32>;

    #[inline(always)]
    fn with_simd<S: Simd>(self, _: S) -> Vec<f32> {
        let columns = self.gamma.len();
        let mut out = self.x.to_vec();
        for row in out.chunks_exact_mut(columns) {
            let (mean, inverse) = moments(row);
            for ((x, gamma), beta) in row.iter_mut().zip(self.gamma).zip(self.beta) {
                *x = ((*x - mean) * inverse * gamma + beta).max(self.floor);
            }
        }
        out
    }
}

/// Partial sums of a row: as many whatever the vectors' width, so that the sum is the same everywhere.
const PARTS: usize = 16;

/// The sum of `term` of each number of `row` and the one `beside` it.
#[inline(always)]
fn sum(row: &[f32], beside: &[f32], term: impl Fn(f32, f32) -> f32) -> f32 {
    let mut sums = [0.0; PARTS];
    let ((chunks, rest), (beside, left)) = (row.as_chunks::<PARTS>(), beside.as_chunks::<PARTS>());
    for (x, y) in chunks.iter().zip(beside) {
        for ((sum, x), y) in sums.iter_mut().zip(x).zip(y) {
            *sum += term(*x, *y);
        }
    }
    for ((sum, x), y) in sums.iter_mut().zip(rest).zip(left) {
        *sum += term(*x, *y);
    }
    let mut parts = PARTS;
    while parts > 1 {
        parts /= 2;
        for part in 0..parts {
            sums[part] += sums[part + parts];
        }
    }
    sums[0]
}

/// Mean and inverse deviation of a row.
#[inline(always)]
fn moments(row: &[f32]) -> (f32, f32) {
    let count = row.len() as f32;
    let mean = sum(row, row, |x, _| x) / count;
    let variance = sum(row, row, |x, _| (x - mean) * (x - mean)) / count;
    (mean, 1.0 / (variance + EPSILON).sqrt())
}

/// With `x̂` the normalised row, `g` the gradient behind the ReLU and `u = γ g`:
/// `dγ = Σ g x̂`, `dβ = Σ g` over the rows, `dx = (u - mean(u) - x̂ mean(u x̂)) / σ`.
fn gradients(
    x: &Tensor,
    gamma: &Tensor,
    out: &Tensor,
    gradient: &Tensor,
    relu: bool,
) -> Result<[Option<Tensor>; 3]> {
    let (rows, columns) = x.dims2()?;
    let backward = |[x, gamma, out, gradient]: [&[f32]; 4]| {
        pulp::Arch::new().dispatch(OfInput { x, gamma, out, gradient, floor: floor(relu) })
    };
    let chunks = chunks(rows);
    let kernel = Kernel::rows("layer_norm_input", rows)
        .then("layer_norm_chunks", Spread::Cells, chunks * columns)
        .then("layer_norm_parameters", Spread::Rows, columns)
        .counts(&[rows, columns, chunks, usize::from(relu)])
        .scratch(2 * rows + chunks * 2 * columns)
        .like(x);
    let inputs = [x, gamma, out, gradient];
    let [dx, dgamma, dbeta] = run(inputs, [rows * columns, columns, columns], backward, &kernel)?;
    Ok([
        Some(dx.shaped((rows, columns))),
        Some(dgamma.shaped(columns)),
        Some(dbeta.shaped(columns)),
    ])
}

struct OfInput<'a> {
    x: &'a [f32],
    gamma: &'a [f32],
    out: &'a [f32],
    gradient: &'a [f32],
    floor: f32,
}

impl WithSimd for OfInput<'_> {
    type Output = [Vec<f32>; 3];

    #[inline(always)]
    fn with_simd<S: Simd>(self, _: S) -> [Vec<f32>; 3] {
        let Self { x, gamma, out, gradient, floor } = self;
        let columns = gamma.len();
        let (mut dgamma, mut dbeta) = (vec![0.0; columns], vec![0.0; columns]);
        let mut normalised = vec![0.0; columns];
        let mut dx = x.to_vec();
        let rows = dx.chunks_exact_mut(columns).zip(out.chunks_exact(columns));
        for ((row, out), gradient) in rows.zip(gradient.chunks_exact(columns)) {
            let (mean, inverse) = moments(row);
            let numbers = row.iter_mut().zip(out).zip(gradient).zip(gamma);
            let sums = dgamma.iter_mut().zip(&mut dbeta).zip(&mut normalised);
            for ((((x, out), gradient), gamma), ((dgamma, dbeta), normalised)) in numbers.zip(sums)
            {
                let g = if *out > floor { *gradient } else { 0.0 };
                *normalised = (*x - mean) * inverse;
                *dgamma += g * *normalised;
                *dbeta += g;
                *x = gamma * g;
            }
            let count = columns as f32;
            let shift = sum(row, row, |u, _| u) / count;
            let slope = sum(row, &normalised, |u, normalised| u * normalised) / count;
            for (u, normalised) in row.iter_mut().zip(&normalised) {
                *u = or_zero((*u - (shift + normalised * slope)) * inverse);
            }
        }
        [dx, dgamma, dbeta]
    }
}
