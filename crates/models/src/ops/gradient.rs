//! Scaling of the gradients of losses. [`Traced::scale_gradient`](crate::Traced::scale_gradient) is for states.

use candle_core::{Result, Tensor};

use super::run::{Kernel, run};

/// The identity, whose backward pass multiplies the gradient by `factor` (MuZero, appendix G).
///
/// # Errors
/// If the device fails.
pub fn scale_gradient(x: &Tensor, factor: f64) -> Result<Tensor> {
    if (factor - 1.0).abs() < f64::EPSILON {
        return Ok(x.clone());
    }
    let count = x.elem_count();
    let [copy] = run([x], [count], |[x]| [x.to_vec()], &Kernel::cells("copy", count))?;
    copy.with_candle_backward1(x.shape(), x, move |_, _, gradient| {
        Ok([Some(gradient.affine(factor, 0.0)?)])
    })
}
