//! The product of two matrices, with its backward pass.

use candle_core::{Result, Tensor, bail};

use super::products::{correlate, multiply, transposed};
use super::run::on_cpu;

/// `x` `[R, K]` by `weight` `[K, D]`: `[R, D]`. Both may be bf16; the sums are `f32` all the same. On the CPU a row
/// of the result is the same to the last bit whatever other rows stand beside it.
///
/// # Errors
/// If the shapes do not fit, or there is not memory enough.
pub fn product(x: &Tensor, weight: &Tensor) -> Result<Tensor> {
    if x.device().is_cuda() {
        return x.matmul(weight);
    }
    let ((rows, width), (inputs, outputs)) = (x.dims2()?, weight.dims2()?);
    if width != inputs {
        bail!("rows of {width} numbers do not fit a weight of {inputs} rows");
    }
    let (sizes, kind) = ((width, outputs), x.dtype());
    let output = on_cpu([x, weight], |[x, weight]| multiply(x, weight, sizes))?.rounded(kind)?;
    output.linked2((rows, outputs), [x, weight], move |[x, weight], _, gradient| {
        let of_weight = |[x, gradient]: [&[f32]; 2]| correlate(x, gradient, sizes);
        let of_x = |[gradient, weight]: [&[f32]; 2]| {
            multiply(gradient, &transposed(weight, outputs), (outputs, width))
        };
        let of_weight = on_cpu([x, gradient], of_weight)?.rounded(kind)?;
        // The first layer's input has no gradient to pass on.
        let of_x = x.track_op().then(|| on_cpu([gradient, weight], of_x)?.rounded(kind));
        Ok([
            of_x.transpose()?.map(|output| output.shaped((rows, width))),
            Some(of_weight.shaped((width, outputs))),
        ])
    })
}
