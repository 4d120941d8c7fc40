//! Tensors as slices of `f32`, for the operations that run on the CPU.

use candle_core::{CpuStorage, Device, Layout, Result, Storage, Tensor, bail};

/// The numbers of a contiguous `f32` operand.
pub(crate) fn floats<'a>(storage: &'a CpuStorage, layout: &Layout) -> Result<&'a [f32]> {
    let CpuStorage::F32(values) = storage else { bail!("this operation takes f32 numbers") };
    match layout.contiguous_offsets() {
        Some((start, end)) => Ok(&values[start..end]),
        None => bail!("this operation takes contiguous tensors, not strides {:?}", layout.stride()),
    }
}

/// Lets `look` see the numbers of some CPU tensors (made contiguous where they are not).
pub(crate) fn read<const N: usize, R>(
    tensors: [&Tensor; N],
    look: impl FnOnce([&[f32]; N]) -> R,
) -> Result<R> {
    let mut owned = Vec::with_capacity(N);
    for tensor in tensors {
        owned.push(tensor.contiguous()?);
    }
    let guards: Vec<_> = owned.iter().map(Tensor::storage_and_layout).collect();
    let mut slices = [[].as_slice(); N];
    for (slice, (storage, layout)) in slices.iter_mut().zip(&guards) {
        let Storage::Cpu(storage) = &**storage else {
            bail!("this operation has no CUDA form yet")
        };
        *slice = floats(storage, layout)?;
    }
    Ok(look(slices))
}

/// A CPU tensor of these numbers.
pub(crate) fn write(
    values: Vec<f32>,
    shape: impl candle_core::shape::ShapeWithOneHole,
) -> Result<Tensor> {
    Tensor::from_vec(values, shape, &Device::Cpu)
}
