//! Runs an operation on the device of its inputs: a closure over slices on the CPU, a kernel on CUDA.
//!
//! An operation gives both forms in one place. It reads contiguous tensors of one device, in single precision
//! or bf16, and computes in single precision. The backward pass
//! is that of `traced.rs`, in losses that of candle (`autograd.rs`).

use candle_core::op::BackpropOp;
use candle_core::{CpuStorage, DType, Layout, Result, Shape, Storage, Tensor, bail};
use half::bf16;

use crate::traced::{Backward, Traced};

/// A CUDA kernel: stages that run one after the other on the same tensors, and its scalar arguments.
#[derive(Clone, Debug)]
#[cfg_attr(
    not(any(feature = "cuda", test)),
    expect(dead_code, reason = "only a build with CUDA launches kernels")
)]
pub(crate) struct Kernel {
    pub(crate) stages: Vec<KernelStage>,
    pub(crate) counts: [u32; 6],
    pub(crate) reals: [f32; 6],
    /// Length of a buffer in double precision, which stages share.
    pub(crate) scratch: usize,
    /// Type of the first output. The others are `f32`.
    pub(crate) dtype: DType,
}

/// A function of `kernels/`, run for `size` items.
#[derive(Clone, Copy, Debug)]
#[cfg_attr(
    not(any(feature = "cuda", test)),
    expect(dead_code, reason = "only a build with CUDA launches kernels")
)]
pub(crate) struct KernelStage {
    pub(crate) function: &'static str,
    pub(crate) threads: ThreadsPerItem,
    pub(crate) size: usize,
}

/// Rows of a chunk.
const CHUNK: usize = 32;
/// Largest number of chunks.
const MAX_CHUNKS: usize = 4096;

/// The number of chunks for sums over `rows` rows. A thread sums each chunk, then a warp adds these sums.
/// There are enough chunks to occupy a GPU, and few enough that the second step is fast.
pub(crate) fn chunks(rows: usize) -> usize {
    rows.div_ceil(CHUNK).clamp(1, MAX_CHUNKS)
}

/// Numbers of a strip, as in `kernels/call.cuh`.
const STRIP: usize = 8;

/// The number of strips of `count` numbers. A thread of a cheap operation gets a strip, and reads all its
/// numbers before it writes any.
pub(crate) fn strips(count: usize) -> usize {
    count.div_ceil(STRIP)
}

/// The threads that compute each of a stage's items.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum ThreadsPerItem {
    /// One thread.
    One,
    /// A warp of 32 threads.
    Warp,
}

impl Kernel {
    fn empty() -> Self {
        let (counts, reals) = ([0; 6], [0.0; 6]);
        Self { stages: Vec::new(), counts, reals, scratch: 0, dtype: DType::F32 }
    }

    /// A kernel with one thread for each of `size` cells.
    pub(crate) fn cells(function: &'static str, size: usize) -> Self {
        Self::empty().then(function, ThreadsPerItem::One, size)
    }

    /// A kernel with one warp for each of `size` rows.
    pub(crate) fn rows(function: &'static str, size: usize) -> Self {
        Self::empty().then(function, ThreadsPerItem::Warp, size)
    }

    /// Adds a stage, which starts after the ones before have ended.
    pub(crate) fn then(
        mut self,
        function: &'static str,
        threads: ThreadsPerItem,
        size: usize,
    ) -> Self {
        self.stages.push(KernelStage { function, threads, size });
        self
    }

    /// Sets the integer arguments. Missing ones are 0.
    pub(crate) fn counts(mut self, counts: &[usize]) -> Self {
        let counts = counts.iter().map(|&count| u32::try_from(count).unwrap_or(u32::MAX));
        let counts: Vec<u32> = counts.collect();
        self.counts[..counts.len()].copy_from_slice(&counts);
        self
    }

    /// Sets the real arguments. Missing ones are 0.
    pub(crate) fn reals(mut self, reals: &[f32]) -> Self {
        self.reals[..reals.len()].copy_from_slice(reals);
        self
    }

    /// Sets the length of the buffer that stages share.
    pub(crate) fn scratch(self, scratch: usize) -> Self {
        Self { scratch, ..self }
    }

    /// Sets the type of the first output.
    pub(crate) fn output_dtype(self, dtype: DType) -> Self {
        Self { dtype, ..self }
    }

    /// Gives the first output the type of `like`.
    pub(crate) fn like(self, like: &Tensor) -> Self {
        self.output_dtype(like.dtype())
    }
}

/// The output of an operation, on the device of its inputs.
#[derive(Debug)]
pub(crate) struct Output(pub(super) Storage);

impl Output {
    /// The output as a tensor without gradient. The shape must fit the number of elements.
    pub(crate) fn shaped(self, shape: impl Into<Shape>) -> Tensor {
        Tensor::from_storage(self.0, shape, BackpropOp::none(), false)
    }

    /// The output as a tensor of this shape. `backward` computes the gradients of `inputs`.
    pub(crate) fn with_backward<const N: usize>(
        self,
        shape: impl Into<Shape>,
        inputs: [&Traced; N],
        backward: impl Backward<N>,
    ) -> Traced {
        Traced::computed(self.shaped(shape), inputs, backward)
    }

    /// The output, which is on the CPU, rounded to `dtype`.
    pub(crate) fn rounded(mut self, dtype: DType) -> Result<Self> {
        self.round(dtype)?;
        Ok(self)
    }

    fn round(&mut self, dtype: DType) -> Result<()> {
        if let (DType::BF16, Storage::Cpu(CpuStorage::F32(numbers))) = (dtype, &self.0) {
            let rounded = numbers.iter().map(|&number| bf16::from_f32(number)).collect();
            self.0 = Storage::Cpu(CpuStorage::BF16(rounded));
        }
        if dtype == self.0.dtype() { Ok(()) } else { bail!("outputs cannot be {dtype:?}") }
    }

    /// A copy of a tensor's numbers in new storage.
    pub(crate) fn copied(tensor: &Tensor) -> Result<Self> {
        let tensor = tensor.contiguous()?;
        let (storage, layout) = tensor.storage_and_layout();
        Ok(Self(storage.try_clone(layout)?))
    }
}

/// Computes `M` outputs of these lengths from `inputs`: by `cpu` on the CPU, by `kernel` on CUDA. A kernel's
/// tensors are the inputs, then the outputs.
///
/// # Errors
/// If the inputs are on different devices, or the device fails.
pub(crate) fn run<const N: usize, const M: usize>(
    inputs: [&Tensor; N],
    lengths: [usize; M],
    cpu: impl FnOnce([&[f32]; N]) -> [Vec<f32>; M],
    kernel: &Kernel,
) -> Result<[Output; M]> {
    if inputs[0].device().is_cuda() {
        #[cfg(feature = "cuda")]
        return super::launch::launch(inputs, lengths, kernel);
        #[cfg(not(feature = "cuda"))]
        bail!("a tensor on CUDA in a build without it: {kernel:?} for {lengths:?}");
    }
    let outputs = read(inputs, |slices| {
        let outputs = cpu(slices);
        #[cfg(test)]
        super::emulation::compare(kernel, &slices, inputs.map(Tensor::dtype), &outputs);
        outputs
    })?;
    if outputs.iter().map(Vec::len).ne(lengths) {
        bail!("an operation's outputs do not have the lengths {lengths:?}");
    }
    let mut outputs = outputs.map(|output| Output(Storage::Cpu(CpuStorage::F32(output))));
    if let Some(first) = outputs.first_mut() {
        first.round(kernel.dtype)?;
    }
    Ok(outputs)
}

/// Computes an output from `inputs`, tensors on the CPU, in single precision. It is for operations that a
/// library computes on CUDA; the others use [`run`].
///
/// # Errors
/// If the inputs are not on the CPU.
pub(crate) fn on_cpu<const N: usize>(
    inputs: [&Tensor; N],
    compute: impl FnOnce([&[f32]; N]) -> Vec<f32>,
) -> Result<Output> {
    Ok(Output(Storage::Cpu(CpuStorage::F32(read(inputs, compute)?))))
}

/// Calls `read` with the numbers of CPU tensors, as contiguous slices in single precision.
pub(crate) fn read<const N: usize, R>(
    tensors: [&Tensor; N],
    read: impl FnOnce([&[f32]; N]) -> R,
) -> Result<R> {
    let to_f32 = |tensor: &&Tensor| tensor.to_dtype(DType::F32)?.contiguous();
    let owned: Vec<Tensor> = tensors.iter().map(to_f32).collect::<Result<_>>()?;
    let guards: Vec<_> = owned.iter().map(Tensor::storage_and_layout).collect();
    let mut slices = [[].as_slice(); N];
    for (slice, (storage, layout)) in slices.iter_mut().zip(&guards) {
        let Storage::Cpu(storage) = &**storage else { bail!("tensors are on different devices") };
        *slice = floats(storage, layout)?;
    }
    Ok(read(slices))
}

fn floats<'a>(storage: &'a CpuStorage, layout: &Layout) -> Result<&'a [f32]> {
    match (storage, layout.contiguous_offsets()) {
        (CpuStorage::F32(values), Some((start, end))) => Ok(&values[start..end]),
        _ => bail!("an operation needs contiguous f32 tensors"),
    }
}
