//! The steps of the optimizers, parameter by parameter, and the global norm of gradients.

use candle_core::{Result, Tensor, bail};

use super::flush_subnormals::{flush, flush_parameter};
use super::run::{Kernel, ThreadsPerItem, chunks, read, run};
use crate::device::Device;

/// `√Σ x²` over all numbers of all tensors.
///
/// # Errors
/// If the device fails.
pub fn global_norm(device: &Device, tensors: &[Tensor]) -> Result<f64> {
    let on_gpu = tensors.first().is_some_and(|tensor| tensor.device().is_cuda());
    let squares: f64 = if on_gpu {
        let sums = tensors.iter().map(squares).collect::<Result<Vec<_>>>()?;
        device.download::<f32>(&Tensor::cat(&sums, 0)?)?.into_iter().map(f64::from).sum()
    } else {
        let of = |[x]: [&[f32]; 1]| x.iter().map(|&x| f64::from(x) * f64::from(x)).sum::<f64>();
        tensors.iter().map(|tensor| read([tensor], of)).sum::<Result<f64>>()?
    };
    Ok(squares.sqrt())
}

/// The sum of squares `[1]`, on the tensor's device, so that the sums of all tensors need one download.
pub(crate) fn squares(tensor: &Tensor) -> Result<Tensor> {
    let squares = |[x]: [&[f32]; 1]| [vec![x.iter().map(|x| x * x).sum()]];
    let (count, chunks) = (tensor.elem_count(), chunks(tensor.elem_count()));
    let kernel = Kernel::cells("squares_chunks", chunks)
        .then("squares", ThreadsPerItem::Warp, 1)
        .counts(&[count, chunks])
        .scratch(chunks);
    let [sum] = run([tensor], [1], squares, &kernel)?;
    Ok(sum.shaped(1))
}

/// Factors of a step along `clip · g + decay · p`, for a gradient `g` and a parameter `p`.
#[derive(Clone, Copy, Debug)]
pub struct StepFactors {
    /// Factor of the gradient, at most 1.
    pub clip: f32,
    /// Weight decay.
    pub decay: f32,
    /// Step size.
    pub rate: f32,
}

/// SGD with momentum: `v ← μ v + g`, `p ← p - rate · v`. Returns the new parameters and velocity.
///
/// # Errors
/// If the shapes differ.
pub fn momentum_step(
    [gradient, parameters, velocity]: [&Tensor; 3],
    momentum: f32,
    step: StepFactors,
) -> Result<[Tensor; 2]> {
    let StepFactors { clip, decay, rate } = step;
    let count = common_length([gradient, parameters, velocity])?;
    let update = |[g, p, v]: [&[f32]; 3]| {
        let new_velocity =
            |((g, p), v): ((&f32, &f32), &f32)| flush(momentum * v + clip * g + decay * p);
        let moved: Vec<f32> = g.iter().zip(p).zip(v).map(new_velocity).collect();
        let parameters = p.iter().zip(&moved).map(|(p, v)| flush_parameter(p - rate * v));
        [parameters.collect(), moved]
    };
    let kernel = Kernel::cells("momentum_step", count).reals(&[clip, decay, rate, momentum]);
    let outputs = run([gradient, parameters, velocity], [count; 2], update, &kernel)?;
    Ok(outputs.map(|output| output.shaped(parameters.shape())))
}

/// Decay rates of Adam's two moments.
pub const BETAS: (f64, f64) = (0.9, 0.999);

/// Adam (Kingma and Ba 2015) from gradient, parameters and both moments. `corrections` divide the moments.
/// Returns the new parameters and moments.
///
/// # Errors
/// If the shapes differ.
pub fn adam_step(
    [gradient, parameters, first, second]: [&Tensor; 4],
    epsilon: f32,
    corrections: (f32, f32),
    step: StepFactors,
) -> Result<[Tensor; 3]> {
    let StepFactors { clip, decay, rate } = step;
    let (beta1, beta2) = (BETAS.0 as f32, BETAS.1 as f32);
    let count = common_length([gradient, parameters, first, second])?;
    let update = |[g, p, m, v]: [&[f32]; 4]| {
        // One list at a time, so that each loop is vectorized.
        let gradients = g.iter().zip(p).map(|(g, p)| clip * g + decay * p);
        let firsts = gradients.clone().zip(m).map(|(g, m)| flush(beta1 * m + (1.0 - beta1) * g));
        let seconds = gradients.zip(v).map(|(g, v)| flush(beta2 * v + (1.0 - beta2) * g * g));
        let (firsts, seconds): (Vec<f32>, Vec<f32>) = (firsts.collect(), seconds.collect());
        let step =
            |(m, v): (&f32, &f32)| m / corrections.0 / ((v / corrections.1).sqrt() + epsilon);
        let steps = firsts.iter().zip(&seconds).map(step);
        let parameters = p.iter().zip(steps).map(|(p, step)| flush_parameter(p - rate * step));
        [parameters.collect(), firsts, seconds]
    };
    let reals = [clip, decay, rate, epsilon, corrections.0, corrections.1];
    let kernel = Kernel::cells("adam_step", count).reals(&reals);
    let outputs = run([gradient, parameters, first, second], [count; 3], update, &kernel)?;
    Ok(outputs.map(|output| output.shaped(parameters.shape())))
}

fn common_length<const N: usize>(tensors: [&Tensor; N]) -> Result<usize> {
    match tensors.iter().find(|tensor| tensor.shape() != tensors[0].shape()) {
        Some(other) => bail!("shapes differ: {:?} and {:?}", tensors[0].shape(), other.shape()),
        None => Ok(tensors[0].elem_count()),
    }
}
