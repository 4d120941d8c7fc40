//! Cross-entropy of logits with a target distribution, row by row.

use candle_core::{Result, Tensor, bail};

use super::flush_subnormals::flush;
use super::run::{Kernel, run};

/// `-Σ target log softmax(logits)` of each row: `[B, N]`, `[B, N]` → `[B]`. It is 0 for a target of zeros.
/// `targets` gets no gradient.
///
/// # Errors
/// If the shapes differ.
pub fn cross_entropy(logits: &Tensor, targets: &Tensor) -> Result<Tensor> {
    let (rows, columns) = logits.dims2()?;
    if targets.dims2()? != (rows, columns) {
        bail!("targets {:?} do not fit logits {:?}", targets.shape(), logits.shape());
    }
    let entropy = |[logits, targets]: [&[f32]; 2]| {
        let loss = |(logits, targets): (&[f32], &[f32])| {
            let log_sum = log_sum_exp(logits);
            let terms = logits.iter().zip(targets);
            terms.map(|(logit, target)| target * (log_sum - logit)).sum::<f32>()
        };
        [logits.chunks_exact(columns).zip(targets.chunks_exact(columns)).map(loss).collect()]
    };
    let kernel = Kernel::rows("cross_entropy", rows).counts(&[columns]);
    let [losses] = run([logits, targets], [rows], entropy, &kernel)?;
    // `softmax · Σ target - target`.
    losses.with_candle_backward2(rows, [logits, targets], move |[logits, targets], _, gradient| {
        let backward = |[logits, targets, gradient]: [&[f32]; 3]| {
            let mut slopes = Vec::with_capacity(logits.len());
            let rows = logits.chunks_exact(columns).zip(targets.chunks_exact(columns));
            for ((logits, targets), gradient) in rows.zip(gradient) {
                let log_sum = log_sum_exp(logits);
                let mass: f32 = targets.iter().sum();
                let slope = |(logit, target): (&f32, &f32)| {
                    flush(gradient * ((logit - log_sum).exp() * mass - target))
                };
                slopes.extend(logits.iter().zip(targets).map(slope));
            }
            [slopes]
        };
        let kernel = Kernel::rows("cross_entropy_backward", rows).counts(&[columns]);
        let [slopes] = run([logits, targets, gradient], [rows * columns], backward, &kernel)?;
        Ok([Some(slopes.shaped((rows, columns))), None])
    })
}

/// `log Σ exp` of a row, without overflow.
fn log_sum_exp(row: &[f32]) -> f32 {
    let largest = row.iter().copied().fold(f32::NEG_INFINITY, f32::max);
    largest + row.iter().map(|x| (x - largest).exp()).sum::<f32>().ln()
}
