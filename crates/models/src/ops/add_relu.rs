//! What joins the two paths of a residual block (He et al. 2016).

use candle_core::{Result, Tensor, bail};

use super::gradient::passed_on;
use super::run::{Kernel, run};

/// `max(x + y, 0)`, `x` and `y` of one shape.
///
/// # Errors
/// If the shapes differ.
pub fn add_relu(x: &Tensor, y: &Tensor) -> Result<Tensor> {
    if x.shape() != y.shape() {
        bail!("{:?} is not added to {:?}", y.shape(), x.shape());
    }
    let count = x.elem_count();
    let add = |[x, y]: [&[f32]; 2]| [x.iter().zip(y).map(|(x, y)| (x + y).max(0.0)).collect()];
    let [sum] = run([x, y], [count], add, &Kernel::cells("add_relu", count))?;
    sum.linked2(x.shape(), [x, y], move |_, out, gradient| {
        let pass = |[out, gradient]: [&[f32]; 2]| {
            let passed =
                |(out, gradient): (&f32, &f32)| if *out > 0.0 { passed_on(*gradient) } else { 0.0 };
            [out.iter().zip(gradient).map(passed).collect()]
        };
        let kernel = Kernel::cells("add_relu_backward", count);
        let [passed] = run([out, gradient], [count], pass, &kernel)?;
        let passed = passed.shaped(out.shape());
        Ok([Some(passed.clone()), Some(passed)])
    })
}
