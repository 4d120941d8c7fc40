//! A number that only gradients see.

use candle_core::{CpuStorage, CustomOp1, Layout, Result, Shape, Tensor};

use super::slices::floats;

/// `x` itself; the gradient that comes back through it is multiplied by `factor` (MuZero, appendix G).
///
/// # Errors
/// If the tensor is not contiguous.
pub fn scale_gradient(x: &Tensor, factor: f64) -> Result<Tensor> {
    if (factor - 1.0).abs() < f64::EPSILON {
        Ok(x.clone())
    } else {
        x.apply_op1(ScaleGradient { factor })
    }
}

struct ScaleGradient {
    factor: f64,
}

impl CustomOp1 for ScaleGradient {
    fn name(&self) -> &'static str {
        "scale_gradient"
    }

    fn cpu_fwd(&self, storage: &CpuStorage, layout: &Layout) -> Result<(CpuStorage, Shape)> {
        Ok((CpuStorage::F32(floats(storage, layout)?.to_vec()), layout.shape().clone()))
    }

    fn bwd(&self, _: &Tensor, _: &Tensor, gradient: &Tensor) -> Result<Option<Tensor>> {
        gradient.affine(self.factor, 0.0).map(Some)
    }
}
