//! Sums of two tensors, and what joins the two paths of a residual block (He et al. 2016).

use candle_core::{Result, Tensor, bail};
use pulp::{Simd, WithSimd};

use super::negligible::or_zero;
use super::run::{Kernel, on_cpu, run, strips};

/// `x + y`, of one shape. Candle's sum of large tensors shares one pool of threads, for which those that infer side by
/// side wait in turn.
///
/// # Errors
/// If the shapes differ.
pub fn add(x: &Tensor, y: &Tensor) -> Result<Tensor> {
    if x.device().is_cuda() || x.shape() != y.shape() {
        return x + y;
    }
    let add = |[x, y]: [&[f32]; 2]| x.iter().zip(y).map(|(x, y)| x + y).collect();
    on_cpu([x, y], add)?.rounded(x.dtype())?.linked2(x.shape(), [x, y], |_, _, gradient| {
        Ok([Some(gradient.clone()), Some(gradient.clone())])
    })
}

/// `max(x + y, 0)`, `x` and `y` of one shape. Either may be bf16; the sum is as `x`.
///
/// # Errors
/// If the shapes differ.
pub fn add_relu(x: &Tensor, y: &Tensor) -> Result<Tensor> {
    if x.shape() != y.shape() {
        bail!("{:?} is not added to {:?}", y.shape(), x.shape());
    }
    let count = x.elem_count();
    let add = |[x, y]: [&[f32]; 2]| [x.iter().zip(y).map(|(x, y)| (x + y).max(0.0)).collect()];
    let [sum] = run([x, y], [count], add, &kernel("add_relu", x))?;
    sum.linked2(x.shape(), [x, y], move |[_, y], out, gradient| {
        let passed = passed_by_relu(out, gradient)?;
        Ok([Some(passed.clone()), Some(passed.to_dtype(y.dtype())?)])
    })
}

/// A kernel that leaves as many numbers as `like` has, of that kind.
fn kernel(function: &'static str, like: &Tensor) -> Kernel {
    let count = like.elem_count();
    Kernel::cells(function, strips(count)).counts(&[count]).like(like)
}

/// The gradient that a ReLU passes on: where it left something.
pub(super) fn passed_by_relu(out: &Tensor, gradient: &Tensor) -> Result<Tensor> {
    let count = out.elem_count();
    let pass = |[out, gradient]: [&[f32]; 2]| {
        let mut passed = gradient.to_vec();
        pulp::Arch::new().dispatch(Masked { out, gradient: &mut passed });
        [passed]
    };
    let [passed] = run([out, gradient], [count], pass, &kernel("add_relu_backward", out))?;
    Ok(passed.shaped(out.shape()))
}

/// Takes away of the gradient what a ReLU does not pass on.
struct Masked<'a> {
    out: &'a [f32],
    gradient: &'a mut [f32],
}

impl WithSimd for Masked<'_> {
    type Output = ();

    #[inline(always)]
    fn with_simd<S: Simd>(self, _: S) {
        for (gradient, out) in self.gradient.iter_mut().zip(self.out) {
            let kept = or_zero(*gradient);
            *gradient = if *out > 0.0 { kept } else { 0.0 };
        }
    }
}
