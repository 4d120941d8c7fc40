//! A bias added to every row of a matrix.

use candle_core::{CpuStorage, CustomOp2, Layout, Result, Shape, Tensor};

use super::slices::{floats, read, write};

/// `x + bias`, `x` `[R, C]`, `bias` `[C]`.
///
/// # Errors
/// If the shapes do not fit.
pub fn add_bias(x: &Tensor, bias: &Tensor) -> Result<Tensor> {
    x.apply_op2(bias, Bias)
}

struct Bias;

impl CustomOp2 for Bias {
    fn name(&self) -> &'static str {
        "add_bias"
    }

    fn cpu_fwd(
        &self,
        x: &CpuStorage,
        x_layout: &Layout,
        bias: &CpuStorage,
        bias_layout: &Layout,
    ) -> Result<(CpuStorage, Shape)> {
        let bias = floats(bias, bias_layout)?;
        let mut out = Vec::with_capacity(x_layout.shape().elem_count());
        for row in floats(x, x_layout)?.chunks_exact(bias.len()) {
            out.extend(row.iter().zip(bias).map(|(x, bias)| x + bias));
        }
        Ok((CpuStorage::F32(out), x_layout.shape().clone()))
    }

    fn bwd(
        &self,
        _: &Tensor,
        bias: &Tensor,
        _: &Tensor,
        gradient: &Tensor,
    ) -> Result<(Option<Tensor>, Option<Tensor>)> {
        let channels = bias.dims1()?;
        let sums = read([gradient], |[gradient]| {
            let mut sums = vec![0.0; channels];
            for row in gradient.chunks_exact(channels) {
                for (sum, part) in sums.iter_mut().zip(row) {
                    *sum += part;
                }
            }
            sums
        })?;
        Ok((Some(gradient.clone()), Some(write(sums, channels)?)))
    }
}
