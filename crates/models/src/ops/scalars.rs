//! Scalars to distributions over a support, and back.

use candle_core::{Result, Tensor, bail};

use super::run::{Kernel, run};
use crate::support::Support;

/// [`Support::encode`] of `scalars` `[N]`: `[N, atoms]`, without gradient. The row of a NaN is zeros.
///
/// # Errors
/// If the device fails.
pub fn encode(scalars: &Tensor, support: Support) -> Result<Tensor> {
    let (rows, columns) = (scalars.dims1()?, support.atoms());
    let encode = |[scalars]: [&[f32]; 1]| {
        let mut distributions = vec![0.0; rows * columns];
        let pairs = scalars.iter().zip(distributions.chunks_exact_mut(columns));
        pairs
            .filter(|(scalar, _)| !scalar.is_nan())
            .for_each(|(scalar, row)| support.encode(*scalar, row));
        [distributions]
    };
    let kernel = Kernel::cells("encode", rows * columns).counts(&[columns]);
    let [distributions] = run([scalars], [rows * columns], encode, &kernel)?;
    Ok(distributions.shaped((rows, columns)))
}

/// [`Support::decode`] of each row of `logits` `[B, atoms]`: `[B]`, without gradient.
///
/// # Errors
/// If the logits do not have one column for each atom.
pub fn decode(logits: &Tensor, support: Support) -> Result<Tensor> {
    let (rows, columns) = logits.dims2()?;
    if columns != support.atoms() {
        bail!("rows of {columns} logits for a support of {} atoms", support.atoms());
    }
    let decode = |[logits]: [&[f32]; 1]| {
        [logits.chunks_exact(columns).map(|row| support.decode(row)).collect()]
    };
    let [scalars] =
        run([logits], [rows], decode, &Kernel::rows("decode", rows).counts(&[columns]))?;
    Ok(scalars.shaped(rows))
}
