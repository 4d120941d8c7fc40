//! The sum of two tensors.

use candle_core::{Result, Tensor};
use pulp::{Simd, WithSimd};

use super::pieces::{PIECE, changed};
use super::run::on_cpu;
use crate::traced::Traced;

/// `x + y`, of one shape, without gradient. Candle's own sum of large tensors uses one thread pool, for which
/// concurrent inferences would wait.
///
/// # Errors
/// If the shapes differ.
pub(crate) fn sum(x: &Tensor, y: &Tensor) -> Result<Tensor> {
    if x.device().is_cuda() || x.shape() != y.shape() {
        return x + y;
    }
    let add =
        |[x, y]: [&[f32]; 2]| changed(x, PIECE, |piece, sums| add_to(sums, &y[piece * PIECE..]));
    Ok(on_cpu([x, y], add)?.rounded(x.dtype())?.shaped(x.shape()))
}

/// `x + y`, of one shape.
///
/// # Errors
/// If the shapes differ.
pub fn add(x: &Traced, y: &Traced) -> Result<Traced> {
    let sum = sum(x.tensor(), y.tensor())?;
    Ok(Traced::computed(sum, [x, y], |_, _, gradient| {
        Ok([Some(gradient.clone()), Some(gradient.clone())])
    }))
}

/// Adds to each number the one at the same place of `more`.
pub(super) fn add_to(sums: &mut [f32], more: &[f32]) {
    pulp::Arch::new().dispatch(AddTo { sums, more });
}

struct AddTo<'a> {
    sums: &'a mut [f32],
    more: &'a [f32],
}

impl WithSimd for AddTo<'_> {
    type Output = ();

    #[inline(always)]
    fn with_simd<S: Simd>(self, _: S) {
        self.sums.iter_mut().zip(self.more).for_each(|(sum, more)| *sum += more);
    }
}
