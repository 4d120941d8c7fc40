//! The negative cosine similarity, the consistency loss of EfficientZero (SimSiam, Chen and He 2021).

use candle_core::{Result, Tensor, bail};

use super::run::{Kernel, run};

/// Lower limit of the norms that vectors are divided by.
const EPSILON: f32 = 1e-5;

/// `-cos(x, target)` of each row: `[B, D]`, `[B, D]` → `[B]`. `target` gets no gradient.
///
/// # Errors
/// If the shapes differ.
pub fn negative_cosine(x: &Tensor, target: &Tensor) -> Result<Tensor> {
    let (rows, columns) = x.dims2()?;
    if target.dims2()? != (rows, columns) {
        bail!("shapes differ: {:?} and {:?}", x.shape(), target.shape());
    }
    let cosine = |[x, target]: [&[f32]; 2]| {
        let rows = x.chunks_exact(columns).zip(target.chunks_exact(columns));
        [rows.map(|(x, t)| -dot(x, t) / (norm(x) * norm(t))).collect()]
    };
    let kernel = Kernel::rows("negative_cosine", rows).counts(&[columns]);
    let [losses] = run([x, target], [rows], cosine, &kernel)?;
    // `d(-cos)/dx = (x̂ cos - t̂) / |x|`.
    losses.with_candle_backward2(rows, [x, target], move |[x, target], _, gradient| {
        let backward = |[x, target, gradient]: [&[f32]; 3]| {
            let mut dx = Vec::with_capacity(x.len());
            let rows = x.chunks_exact(columns).zip(target.chunks_exact(columns));
            for ((x, target), gradient) in rows.zip(gradient) {
                let (x_norm, target_norm) = (norm(x), norm(target));
                let cosine = dot(x, target) / (x_norm * target_norm);
                let scale = gradient / x_norm;
                let slope = |(x, t): (&f32, &f32)| scale * (x / x_norm * cosine - t / target_norm);
                dx.extend(x.iter().zip(target).map(slope));
            }
            [dx]
        };
        let kernel = Kernel::rows("negative_cosine_backward", rows).counts(&[columns]);
        let [dx] = run([x, target, gradient], [rows * columns], backward, &kernel)?;
        Ok([Some(dx.shaped((rows, columns))), None])
    })
}

fn dot(a: &[f32], b: &[f32]) -> f32 {
    a.iter().zip(b).map(|(a, b)| a * b).sum()
}

fn norm(a: &[f32]) -> f32 {
    dot(a, a).sqrt().max(EPSILON)
}
