//! Cross-entropy of soft targets.

use candle_core::{CpuStorage, CustomOp2, Layout, Result, Shape, Tensor};

use super::slices::{floats, read, write};

/// `-Σ target · log softmax(logits)` of each row: `[B, N]`, `[B, N]` → `[B]`. A target row of zeros costs
/// nothing. No gradient goes to `targets`.
///
/// # Errors
/// If the shapes differ.
pub fn cross_entropy(logits: &Tensor, targets: &Tensor) -> Result<Tensor> {
    let (_, columns) = logits.dims2()?;
    logits.apply_op2(targets, CrossEntropy { columns })
}

struct CrossEntropy {
    columns: usize,
}

/// `log Σ exp` of a row, safe against overflow.
fn log_sum_exp(row: &[f32]) -> f32 {
    let largest = row.iter().copied().fold(f32::NEG_INFINITY, f32::max);
    largest + row.iter().map(|x| (x - largest).exp()).sum::<f32>().ln()
}

impl CustomOp2 for CrossEntropy {
    fn name(&self) -> &'static str {
        "cross_entropy"
    }

    fn cpu_fwd(
        &self,
        logits: &CpuStorage,
        logits_layout: &Layout,
        targets: &CpuStorage,
        targets_layout: &Layout,
    ) -> Result<(CpuStorage, Shape)> {
        let logits = floats(logits, logits_layout)?.chunks_exact(self.columns);
        let targets = floats(targets, targets_layout)?.chunks_exact(self.columns);
        let loss = |(logits, targets): (&[f32], &[f32])| {
            let log_sum = log_sum_exp(logits);
            logits
                .iter()
                .zip(targets)
                .map(|(logit, target)| target * (log_sum - logit))
                .sum::<f32>()
        };
        let losses: Vec<f32> = logits.zip(targets).map(loss).collect();
        let rows = losses.len();
        Ok((CpuStorage::F32(losses), rows.into()))
    }

    /// `softmax · Σ target - target`.
    fn bwd(
        &self,
        logits: &Tensor,
        targets: &Tensor,
        _: &Tensor,
        gradient: &Tensor,
    ) -> Result<(Option<Tensor>, Option<Tensor>)> {
        let slopes = read([logits, targets, gradient], |[logits, targets, gradient]| {
            let mut slopes = Vec::with_capacity(logits.len());
            let rows = logits.chunks_exact(self.columns).zip(targets.chunks_exact(self.columns));
            for ((logits, targets), gradient) in rows.zip(gradient) {
                let log_sum = log_sum_exp(logits);
                let mass: f32 = targets.iter().sum();
                let slope = |(logit, target): (&f32, &f32)| {
                    gradient * ((logit - log_sum).exp() * mass - target)
                };
                slopes.extend(logits.iter().zip(targets).map(slope));
            }
            slopes
        })?;
        Ok((Some(write(slopes, logits.dims2()?)?), None))
    }
}
