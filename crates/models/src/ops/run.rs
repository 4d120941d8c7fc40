//! One computation in two forms: a closure over slices for the CPU, a kernel of ours for CUDA.
//!
//! An operation says both in one place and knows no device. It reads contiguous tensors of one device, in single
//! precision or bf16, computes in single precision, and leaves new numbers on the device; what it leaves is joined to
//! the graph of gradients in `link`.

use candle_core::op::BackpropOp;
use candle_core::{CpuStorage, DType, Layout, Result, Shape, Storage, Tensor, bail};
use half::bf16;

/// A kernel's stages, run one after the other on the same tensors, and the numbers that it is given.
#[derive(Clone, Debug)]
#[cfg_attr(
    not(any(feature = "cuda", test)),
    expect(dead_code, reason = "only a build with CUDA launches kernels")
)]
pub(crate) struct Kernel {
    pub(crate) stages: Vec<Stage>,
    pub(crate) counts: [u32; 6],
    pub(crate) reals: [f32; 6],
    /// Numbers of double precision that one stage leaves to the next.
    pub(crate) scratch: usize,
    /// What the numbers of the first output are rounded to; those of the others are `f32`.
    pub(crate) kind: DType,
}

/// One function of `kernels/`.
#[derive(Clone, Copy, Debug)]
#[cfg_attr(
    not(any(feature = "cuda", test)),
    expect(dead_code, reason = "only a build with CUDA launches kernels")
)]
pub(crate) struct Stage {
    pub(crate) function: &'static str,
    pub(crate) spread: Spread,
    pub(crate) size: usize,
}

/// Rows of a chunk, and the most chunks that there are.
const CHUNK: usize = 32;
const MOST_CHUNKS: usize = 4096;

/// Sums over so many rows are taken in so many chunks side by side, a thread each, and these are added up by a warp:
/// enough of them to fill a GPU, few enough that adding them up takes no time.
pub(crate) fn chunks(rows: usize) -> usize {
    rows.div_ceil(CHUNK).clamp(1, MOST_CHUNKS)
}

/// Numbers of a strip: `kernels/call.cuh` has the same.
const STRIP: usize = 8;

/// A thread that has little to do with each number gets a strip of several, and reads all before it writes any.
pub(crate) fn strips(count: usize) -> usize {
    count.div_ceil(STRIP)
}

/// What each of `size` items gets.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Spread {
    /// A thread.
    Cells,
    /// A warp of 32 threads.
    Rows,
}

impl Kernel {
    fn of_no_stages() -> Self {
        let (counts, reals) = ([0; 6], [0.0; 6]);
        Self { stages: Vec::new(), counts, reals, scratch: 0, kind: DType::F32 }
    }

    /// A thread for each of `size` cells.
    pub(crate) fn cells(function: &'static str, size: usize) -> Self {
        Self::of_no_stages().then(function, Spread::Cells, size)
    }

    /// A warp for each of `size` rows.
    pub(crate) fn rows(function: &'static str, size: usize) -> Self {
        Self::of_no_stages().then(function, Spread::Rows, size)
    }

    /// One more stage, when the one before has ended.
    pub(crate) fn then(mut self, function: &'static str, spread: Spread, size: usize) -> Self {
        self.stages.push(Stage { function, spread, size });
        self
    }

    /// Its whole numbers; those left out are 0.
    pub(crate) fn counts(mut self, counts: &[usize]) -> Self {
        let counts = counts.iter().map(|&count| u32::try_from(count).unwrap_or(u32::MAX));
        let counts: Vec<u32> = counts.collect();
        self.counts[..counts.len()].copy_from_slice(&counts);
        self
    }

    /// Its real numbers; those left out are 0.
    pub(crate) fn reals(mut self, reals: &[f32]) -> Self {
        self.reals[..reals.len()].copy_from_slice(reals);
        self
    }

    pub(crate) fn scratch(self, scratch: usize) -> Self {
        Self { scratch, ..self }
    }

    /// Its first output is of this kind.
    pub(crate) fn leaves(self, kind: DType) -> Self {
        Self { kind, ..self }
    }

    /// Its first output is of the kind of `like`.
    pub(crate) fn like(self, like: &Tensor) -> Self {
        self.leaves(like.dtype())
    }
}

/// New numbers on the device of the tensors that they were computed from.
#[derive(Debug)]
pub(crate) struct Output(pub(super) Storage);

impl Output {
    /// The numbers as a tensor without gradient. The caller knows their count.
    pub(crate) fn shaped(self, shape: impl Into<Shape>) -> Tensor {
        Tensor::from_storage(self.0, shape, BackpropOp::none(), false)
    }

    /// The numbers, which are on the CPU, in the precision of `kind`.
    pub(crate) fn rounded(mut self, kind: DType) -> Result<Self> {
        self.round(kind)?;
        Ok(self)
    }

    fn round(&mut self, kind: DType) -> Result<()> {
        if let (DType::BF16, Storage::Cpu(CpuStorage::F32(numbers))) = (kind, &self.0) {
            let rounded = numbers.iter().map(|&number| bf16::from_f32(number)).collect();
            self.0 = Storage::Cpu(CpuStorage::BF16(rounded));
        }
        if kind == self.0.dtype() { Ok(()) } else { bail!("{kind:?} is no kind of our numbers") }
    }

    /// A copy of the numbers of a tensor that shares its storage with no other.
    pub(crate) fn copied(tensor: &Tensor) -> Result<Self> {
        let tensor = tensor.contiguous()?;
        let (storage, layout) = tensor.storage_and_layout();
        Ok(Self(storage.try_clone(layout)?))
    }
}

/// Computes `M` lists of so many numbers from `inputs`: by `cpu` where these lie on the CPU, by `kernel` on
/// CUDA, which finds the inputs first, then the outputs.
///
/// # Errors
/// If the inputs are of several devices, or the device fails.
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
        bail!("an operation left other numbers than the {lengths:?} that it announced");
    }
    let mut outputs = outputs.map(|output| Output(Storage::Cpu(CpuStorage::F32(output))));
    if let Some(first) = outputs.first_mut() {
        first.round(kernel.kind)?;
    }
    Ok(outputs)
}

/// Computes numbers from `inputs`, tensors on the CPU, which are seen in single precision. What needs this instead
/// of [`run`] is left to a library on CUDA.
///
/// # Errors
/// If the inputs are not on the CPU.
pub(crate) fn on_cpu<const N: usize>(
    inputs: [&Tensor; N],
    compute: impl FnOnce([&[f32]; N]) -> Vec<f32>,
) -> Result<Output> {
    Ok(Output(Storage::Cpu(CpuStorage::F32(read(inputs, compute)?))))
}

/// Lets `look` see the numbers of some CPU tensors, in single precision and each in one piece.
pub(crate) fn read<const N: usize, R>(
    tensors: [&Tensor; N],
    look: impl FnOnce([&[f32]; N]) -> R,
) -> Result<R> {
    let seen = |tensor: &&Tensor| tensor.to_dtype(DType::F32)?.contiguous();
    let owned: Vec<Tensor> = tensors.iter().map(seen).collect::<Result<_>>()?;
    let guards: Vec<_> = owned.iter().map(Tensor::storage_and_layout).collect();
    let mut slices = [[].as_slice(); N];
    for (slice, (storage, layout)) in slices.iter_mut().zip(&guards) {
        let Storage::Cpu(storage) = &**storage else { bail!("tensors of several devices") };
        *slice = floats(storage, layout)?;
    }
    Ok(look(slices))
}

fn floats<'a>(storage: &'a CpuStorage, layout: &Layout) -> Result<&'a [f32]> {
    match (storage, layout.contiguous_offsets()) {
        (CpuStorage::F32(values), Some((start, end))) => Ok(&values[start..end]),
        _ => bail!("this operation takes contiguous f32 tensors"),
    }
}
