//! Layer normalisation over the columns of `[R, C]`, fused with an optional ReLU (Ba et al. 2016).

use candle_core::{Result, Tensor, bail};

use super::batch_norm::floor;
use super::run::{CHUNKS, Kernel, Spread, run};

/// Added to the variance.
const EPSILON: f32 = 1e-5;

/// `γ (x - mean) / √(variance + ε) + β` with each row's own moments, then ReLU if `relu`.
/// `x` is `[R, C]`, `gamma` and `beta` are `[C]`. It is the same in learning and in acting.
///
/// # Errors
/// If the shapes do not fit.
pub fn layer_norm(x: &Tensor, gamma: &Tensor, beta: &Tensor, relu: bool) -> Result<Tensor> {
    let (rows, columns) = x.dims2()?;
    if [gamma.dims1()?, beta.dims1()?] != [columns; 2] {
        bail!("a normalisation of another width than {columns}");
    }
    let normalise = |[x, gamma, beta]: [&[f32]; 3]| {
        let floor = floor(relu);
        let mut out = Vec::with_capacity(x.len());
        for row in x.chunks_exact(columns) {
            let (mean, inverse) = moments(row);
            let affine = |((x, gamma), beta): ((&f32, &f32), &f32)| {
                ((x - mean) * inverse * gamma + beta).max(floor)
            };
            out.extend(row.iter().zip(gamma).zip(beta).map(affine));
        }
        [out]
    };
    let kernel = Kernel::rows("layer_norm", rows).counts(&[columns, usize::from(relu)]);
    let [output] = run([x, gamma, beta], [rows * columns], normalise, &kernel)?;
    output.linked3((rows, columns), [x, gamma, beta], move |[x, gamma, _], out, gradient| {
        gradients(x, gamma, out, gradient, relu)
    })
}

/// Mean and inverse deviation of a row.
fn moments(row: &[f32]) -> (f32, f32) {
    let count = row.len() as f32;
    let mean = row.iter().sum::<f32>() / count;
    let variance = row.iter().map(|x| (x - mean) * (x - mean)).sum::<f32>() / count;
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
        let floor = floor(relu);
        let (mut dgamma, mut dbeta) = (vec![0.0; columns], vec![0.0; columns]);
        let mut dx = vec![0.0; x.len()];
        for (row, into) in dx.chunks_exact_mut(columns).enumerate() {
            let at = row * columns..(row + 1) * columns;
            let (x, out, gradient) = (&x[at.clone()], &out[at.clone()], &gradient[at]);
            let (mean, inverse) = moments(x);
            let (mut sum, mut product) = (0.0, 0.0);
            for (column, u) in into.iter_mut().enumerate() {
                let g = if out[column] > floor { gradient[column] } else { 0.0 };
                let normalised = (x[column] - mean) * inverse;
                dgamma[column] += g * normalised;
                dbeta[column] += g;
                *u = gamma[column] * g;
                sum += *u;
                product += *u * normalised;
            }
            let count = columns as f32;
            for (u, x) in into.iter_mut().zip(x) {
                *u = (*u - (sum + (x - mean) * inverse * product) / count) * inverse;
            }
        }
        [dx, dgamma, dbeta]
    };
    let kernel = Kernel::rows("layer_norm_input", rows)
        .then("layer_norm_chunks", Spread::Cells, CHUNKS * columns)
        .then("layer_norm_parameters", Spread::Cells, columns)
        .counts(&[rows, columns, CHUNKS, usize::from(relu)])
        .scratch(2 * rows + CHUNKS * 2 * columns);
    let inputs = [x, gamma, out, gradient];
    let [dx, dgamma, dbeta] = run(inputs, [rows * columns, columns, columns], backward, &kernel)?;
    Ok([
        Some(dx.shaped((rows, columns))),
        Some(dgamma.shaped(columns)),
        Some(dbeta.shaped(columns)),
    ])
}
