//! The scalars behind distributions over a support.

use candle_core::{Result, Tensor, bail};

use super::run::{Kernel, run};
use crate::support::Support;

/// [`Support::decode`] of every row of `[B, atoms]`: `[B]`, without gradient.
///
/// # Errors
/// If the logits have another number of columns.
pub fn decode(logits: &Tensor, support: Support) -> Result<Tensor> {
    let (rows, columns) = logits.dims2()?;
    if columns != support.atoms() {
        bail!("{columns} logits a row for a support of {} atoms", support.atoms());
    }
    let decode = |[logits]: [&[f32]; 1]| {
        [logits.chunks_exact(columns).map(|row| support.decode(row)).collect()]
    };
    let [scalars] =
        run([logits], [rows], decode, &Kernel::rows("decode", rows).counts(&[columns]))?;
    Ok(scalars.shaped(rows))
}
