//! Layer normalization over the columns of `[R, C]`, fused with an optional ReLU (Ba et al. 2016).

use candle_core::{Result, Tensor, bail};
use pulp::{Simd, WithSimd};

use super::epilogue::relu_floor;
use super::flush_subnormals::flush;
use super::run::{Kernel, ThreadsPerItem, chunks, run};
use crate::traced::Traced;

/// Added to the variance.
const EPSILON: f32 = 1e-5;

/// `γ (x - mean) / √(variance + ε) + β` with the moments of each row, then ReLU if `relu`. `x` is `[R, C]`;
/// `gamma` and `beta` are `[C]`. The output has the precision of `x`.
///
/// # Errors
/// If the shapes do not fit.
pub fn layer_norm(x: &Traced, gamma: &Traced, beta: &Traced, relu: bool) -> Result<Traced> {
    let inputs = [x, gamma, beta];
    let [numbers, scale, shift] = inputs.map(Traced::tensor);
    let (rows, columns) = numbers.dims2()?;
    if [scale.dims1()?, shift.dims1()?] != [columns; 2] {
        bail!("a normalization does not have {columns} channels");
    }
    let normalize = |[x, gamma, beta]: [&[f32]; 3]| {
        [pulp::Arch::new().dispatch(LayerNormForward { x, gamma, beta, floor: relu_floor(relu) })]
    };
    let kernel =
        Kernel::rows("layer_norm", rows).counts(&[columns, usize::from(relu)]).like(numbers);
    let [output] = run([numbers, scale, shift], [rows * columns], normalize, &kernel)?;
    Ok(output.with_backward((rows, columns), inputs, move |inputs, out, gradient| {
        let [x, gamma, _] = inputs.map(Traced::tensor);
        gradients(x, gamma, out, gradient, relu)
    }))
}

struct LayerNormForward<'a> {
    x: &'a [f32],
    gamma: &'a [f32],
    beta: &'a [f32],
    floor: f32,
}

impl WithSimd for LayerNormForward<'_> {
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

/// Number of partial sums of a row. It does not depend on the width of vector registers, so that the result
/// does not either.
const PARTS: usize = 16;

/// The sum of `term` over the pairs of numbers of `row` and `other`.
#[inline(always)]
fn sum(row: &[f32], other: &[f32], term: impl Fn(f32, f32) -> f32) -> f32 {
    let mut sums = [0.0; PARTS];
    let ((chunks, rest), (others, left)) = (row.as_chunks::<PARTS>(), other.as_chunks::<PARTS>());
    for (x, y) in chunks.iter().zip(others) {
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

/// Mean and inverse standard deviation of a row.
#[inline(always)]
fn moments(row: &[f32]) -> (f32, f32) {
    let count = row.len() as f32;
    let mean = sum(row, row, |x, _| x) / count;
    let variance = sum(row, row, |x, _| (x - mean) * (x - mean)) / count;
    (mean, 1.0 / (variance + EPSILON).sqrt())
}

/// With the normalized row `x̂`, the gradient `g` after the ReLU's backward pass, and `u = γ g`:
/// `dγ = Σ g x̂` and `dβ = Σ g` over the rows, `dx = (u - mean(u) - x̂ mean(u x̂)) / σ`.
fn gradients(
    x: &Tensor,
    gamma: &Tensor,
    out: &Tensor,
    gradient: &Tensor,
    relu: bool,
) -> Result<[Option<Tensor>; 3]> {
    let (rows, columns) = x.dims2()?;
    let backward = |[x, gamma, out, gradient]: [&[f32]; 4]| {
        pulp::Arch::new().dispatch(LayerNormBackward {
            x,
            gamma,
            out,
            gradient,
            floor: relu_floor(relu),
        })
    };
    let chunks = chunks(rows);
    let kernel = Kernel::rows("layer_norm_input", rows)
        .then("layer_norm_chunks", ThreadsPerItem::One, chunks * columns)
        .then("layer_norm_parameters", ThreadsPerItem::Warp, columns)
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

struct LayerNormBackward<'a> {
    x: &'a [f32],
    gamma: &'a [f32],
    out: &'a [f32],
    gradient: &'a [f32],
    floor: f32,
}

impl WithSimd for LayerNormBackward<'_> {
    type Output = [Vec<f32>; 3];

    #[inline(always)]
    fn with_simd<S: Simd>(self, _: S) -> [Vec<f32>; 3] {
        let Self { x, gamma, out, gradient, floor } = self;
        let columns = gamma.len();
        let (mut dgamma, mut dbeta) = (vec![0.0; columns], vec![0.0; columns]);
        let mut normalized = vec![0.0; columns];
        let mut dx = x.to_vec();
        let rows = dx.chunks_exact_mut(columns).zip(out.chunks_exact(columns));
        for ((row, out), gradient) in rows.zip(gradient.chunks_exact(columns)) {
            let (mean, inverse) = moments(row);
            let numbers = row.iter_mut().zip(out).zip(gradient).zip(gamma);
            let sums = dgamma.iter_mut().zip(&mut dbeta).zip(&mut normalized);
            for ((((x, out), gradient), gamma), ((dgamma, dbeta), normalized)) in numbers.zip(sums)
            {
                let g = if *out > floor { *gradient } else { 0.0 };
                *normalized = (*x - mean) * inverse;
                *dgamma += g * *normalized;
                *dbeta += g;
                *x = gamma * g;
            }
            let count = columns as f32;
            let shift = sum(row, row, |u, _| u) / count;
            let slope = sum(row, &normalized, |u, normalized| u * normalized) / count;
            for (u, normalized) in row.iter_mut().zip(&normalized) {
                *u = flush((*u - (shift + normalized * slope)) * inverse);
            }
        }
        [dx, dgamma, dbeta]
    }
}
