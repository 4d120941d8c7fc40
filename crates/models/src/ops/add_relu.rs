//! The sum of two tensors and a ReLU.

use candle_core::{Result, Tensor, bail};
use pulp::{Simd, WithSimd};

use super::flush_subnormals::flush;
use super::pieces::{PIECE, changed};
use super::run::{Kernel, run, strips};
use crate::traced::Traced;

/// `max(x + y, 0)`, of one shape: the end of a residual block (He et al. 2016). Either may be bf16; the
/// output has the precision of `x`.
///
/// # Errors
/// If the shapes differ.
pub fn add_relu(x: &Traced, y: &Traced) -> Result<Traced> {
    let [to, addend] = [x, y].map(Traced::tensor);
    if to.shape() != addend.shape() {
        bail!("cannot add {:?} to {:?}", addend.shape(), to.shape());
    }
    let count = to.elem_count();
    let add = |[x, y]: [&[f32]; 2]| [x.iter().zip(y).map(|(x, y)| (x + y).max(0.0)).collect()];
    let [sum] = run([to, addend], [count], add, &kernel("add_relu", to))?;
    Ok(sum.with_backward(to.shape(), [x, y], move |[_, y], out, gradient| {
        let passed = relu_gradient(out, gradient)?;
        Ok([Some(passed.clone()), Some(passed.to_dtype(y.tensor().dtype())?)])
    }))
}

/// A kernel whose output has the length and the type of `like`.
fn kernel(function: &'static str, like: &Tensor) -> Kernel {
    let count = like.elem_count();
    Kernel::cells(function, strips(count)).counts(&[count]).like(like)
}

/// The gradient of a ReLU's input: `gradient` where the output is above 0, otherwise 0.
pub(super) fn relu_gradient(out: &Tensor, gradient: &Tensor) -> Result<Tensor> {
    let count = out.elem_count();
    let pass = |[out, gradient]: [&[f32]; 2]| {
        [changed(gradient, PIECE, |index, gradient| {
            let out = &out[index * PIECE..];
            pulp::Arch::new().dispatch(MaskGradient { out, gradient });
        })]
    };
    let [passed] = run([out, gradient], [count], pass, &kernel("add_relu_backward", out))?;
    Ok(passed.shaped(out.shape()))
}

/// Sets `gradient` to 0 where `out` is not above 0.
struct MaskGradient<'a> {
    out: &'a [f32],
    gradient: &'a mut [f32],
}

impl WithSimd for MaskGradient<'_> {
    type Output = ();

    #[inline(always)]
    fn with_simd<S: Simd>(self, _: S) {
        for (gradient, out) in self.gradient.iter_mut().zip(self.out) {
            let kept = flush(*gradient);
            *gradient = if *out > 0.0 { kept } else { 0.0 };
        }
    }
}
