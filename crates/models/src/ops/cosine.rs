//! The consistency loss of SimSiam, as EfficientZero uses it.

use candle_core::{CpuStorage, CustomOp2, Layout, Result, Shape, Tensor};

use super::slices::{floats, read, write};

/// The smallest norm that a vector is divided by.
const EPSILON: f32 = 1e-5;

/// `-cos(x, target)` of each row: `[B, D]`, `[B, D]` → `[B]`. No gradient goes to `target`.
///
/// # Errors
/// If the shapes differ.
pub fn negative_cosine(x: &Tensor, target: &Tensor) -> Result<Tensor> {
    let (_, columns) = x.dims2()?;
    x.apply_op2(target, NegativeCosine { columns })
}

struct NegativeCosine {
    columns: usize,
}

fn dot(a: &[f32], b: &[f32]) -> f32 {
    a.iter().zip(b).map(|(a, b)| a * b).sum()
}

fn norm(a: &[f32]) -> f32 {
    dot(a, a).sqrt().max(EPSILON)
}

impl CustomOp2 for NegativeCosine {
    fn name(&self) -> &'static str {
        "negative_cosine"
    }

    fn cpu_fwd(
        &self,
        x: &CpuStorage,
        x_layout: &Layout,
        target: &CpuStorage,
        target_layout: &Layout,
    ) -> Result<(CpuStorage, Shape)> {
        let x = floats(x, x_layout)?.chunks_exact(self.columns);
        let target = floats(target, target_layout)?.chunks_exact(self.columns);
        let losses: Vec<f32> =
            x.zip(target).map(|(x, t)| -dot(x, t) / (norm(x) * norm(t))).collect();
        let rows = losses.len();
        Ok((CpuStorage::F32(losses), rows.into()))
    }

    /// `d(-cos)/dx = (x̂ cos - t̂) / |x|`.
    fn bwd(
        &self,
        x: &Tensor,
        target: &Tensor,
        _: &Tensor,
        gradient: &Tensor,
    ) -> Result<(Option<Tensor>, Option<Tensor>)> {
        let dx = read([x, target, gradient], |[x, target, gradient]| {
            let mut dx = Vec::with_capacity(x.len());
            let rows = x.chunks_exact(self.columns).zip(target.chunks_exact(self.columns));
            for ((x, target), gradient) in rows.zip(gradient) {
                let (x_norm, target_norm) = (norm(x), norm(target));
                let cosine = dot(x, target) / (x_norm * target_norm);
                let scale = gradient / x_norm;
                dx.extend(
                    x.iter()
                        .zip(target)
                        .map(|(x, t)| scale * (x / x_norm * cosine - t / target_norm)),
                );
            }
            dx
        })?;
        Ok((Some(write(dx, x.dims2()?)?), None))
    }
}
