//! Sums of two tensors, with and without a ReLU.

use candle_core::{Result, Tensor, bail};
use pulp::{Simd, WithSimd};

use super::flush_subnormals::flush;
use super::pieces::{PIECE, changed};
use super::run::{Kernel, on_cpu, run, strips};

/// `x + y`, of one shape. Candle's own sum of large tensors uses one thread pool, for which concurrent
/// inferences would wait.
///
/// # Errors
/// If the shapes differ.
pub fn add(x: &Tensor, y: &Tensor) -> Result<Tensor> {
    if x.device().is_cuda() || x.shape() != y.shape() {
        return x + y;
    }
    let add = |[x, y]: [&[f32]; 2]| x.iter().zip(y).map(|(x, y)| x + y).collect();
    on_cpu([x, y], add)?.rounded(x.dtype())?.with_backward2(x.shape(), [x, y], |_, _, gradient| {
        Ok([Some(gradient.clone()), Some(gradient.clone())])
    })
}

/// `max(x + y, 0)`, of one shape: the end of a residual block (He et al. 2016). Either may be bf16; the
/// output has the precision of `x`.
///
/// # Errors
/// If the shapes differ.
pub fn add_relu(x: &Tensor, y: &Tensor) -> Result<Tensor> {
    if x.shape() != y.shape() {
        bail!("cannot add {:?} to {:?}", y.shape(), x.shape());
    }
    let count = x.elem_count();
    let add = |[x, y]: [&[f32]; 2]| [x.iter().zip(y).map(|(x, y)| (x + y).max(0.0)).collect()];
    let [sum] = run([x, y], [count], add, &kernel("add_relu", x))?;
    sum.with_backward2(x.shape(), [x, y], move |[_, y], out, gradient| {
        let passed = relu_gradient(out, gradient)?;
        Ok([Some(passed.clone()), Some(passed.to_dtype(y.dtype())?)])
    })
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
