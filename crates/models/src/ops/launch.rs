//! Launches the kernels of `kernels/` on CUDA tensors.

use candle_core::backend::BackendStorage;
use candle_core::cuda_backend::{CudaDType, WrapErr};
use candle_core::{CudaDevice, CudaStorage, DType, Result, Storage, Tensor, bail};
use cudarc::driver::{CudaSlice, DevicePtr, DeviceRepr, LaunchConfig, PushKernelArg};
use half::bf16;

use super::run::{Kernel, Output, ThreadsPerItem};
use crate::out_of_memory::explain_out_of_memory;

/// All kernels, compiled by the build script.
const PTX: &str = include_str!(concat!(env!("OUT_DIR"), "/kernels.ptx"));

const THREADS_PER_BLOCK: usize = 256;
const LANES: usize = 32;

/// A kernel's argument, as in `kernels/call.cuh`.
#[repr(C)]
#[derive(Clone, Copy)]
struct Call {
    at: [Numbers; 8],
    scratch: u64,
    counts: [u32; 6],
    reals: [f32; 6],
    size: u32,
}

/// The address of a tensor's first number, and whether numbers are bf16.
#[repr(C)]
#[derive(Clone, Copy, Default)]
struct Numbers {
    first: u64,
    half: u64,
}

impl Numbers {
    /// The numbers of `storage` from index `start` on.
    fn of(storage: &CudaStorage, start: usize) -> Result<Self> {
        let stream = storage.device.cuda_stream();
        let (first, half) = match storage.dtype() {
            DType::F32 => (storage.as_cuda_slice::<f32>()?.device_ptr(&stream).0, false),
            DType::BF16 => (storage.as_cuda_slice::<bf16>()?.device_ptr(&stream).0, true),
            dtype => bail!("kernels cannot read {dtype:?}"),
        };
        let bytes = if half { size_of::<bf16>() } else { size_of::<f32>() };
        Ok(Self { first: first + (start * bytes) as u64, half: u64::from(half) })
    }
}

#[expect(unsafe_code, reason = "plain numbers and addresses, in the layout that kernels read")]
// SAFETY: `Call` is `repr(C)` and has only numbers.
unsafe impl DeviceRepr for Call {}

/// Runs a kernel's stages on tensors of one GPU.
pub(super) fn launch<const N: usize, const M: usize>(
    inputs: [&Tensor; N],
    lengths: [usize; M],
    kernel: &Kernel,
) -> Result<[Output; M]> {
    let device = inputs[0].device().as_cuda_device()?.clone();
    let stream = device.cuda_stream();
    let owned = inputs.map(Tensor::contiguous).into_iter().collect::<Result<Vec<_>>>()?;
    let guards: Vec<_> = owned.iter().map(Tensor::storage_and_layout).collect();
    let mut numbers = Vec::with_capacity(N + M);
    for (storage, layout) in &guards {
        let Storage::Cuda(storage) = &**storage else { bail!("tensors are on different devices") };
        numbers.push(Numbers::of(storage, layout.start_offset())?);
    }
    let mut outputs = Vec::with_capacity(M);
    for (place, length) in lengths.into_iter().enumerate() {
        let dtype = if place == 0 { kernel.dtype } else { DType::F32 };
        let output = storage(&device, length, dtype)?;
        numbers.push(Numbers::of(&output, 0)?);
        outputs.push(output);
    }
    let scratch: CudaSlice<f64> = alloc(&device, kernel.scratch.max(1))?;
    let mut call = Call {
        at: Default::default(),
        scratch: scratch.device_ptr(&stream).0,
        counts: kernel.counts,
        reals: kernel.reals,
        size: 0,
    };
    call.at[..N + M].copy_from_slice(&numbers);
    for stage in kernel.stages.iter().filter(|stage| stage.size > 0) {
        let function = device.get_or_load_custom_func(stage.function, "zerolab", PTX)?;
        call.size = u32::try_from(stage.size).map_err(candle_core::Error::wrap)?;
        let threads = match stage.threads {
            ThreadsPerItem::One => stage.size,
            ThreadsPerItem::Warp => stage.size * LANES,
        };
        let blocks = u32::try_from(threads.div_ceil(THREADS_PER_BLOCK));
        let mut arguments = function.builder();
        arguments.arg(&call);
        let grid = LaunchConfig {
            grid_dim: (blocks.map_err(candle_core::Error::wrap)?, 1, 1),
            block_dim: (THREADS_PER_BLOCK as u32, 1, 1),
            shared_mem_bytes: 0,
        };
        #[expect(unsafe_code, reason = "kernels keep their reads and writes in bounds themselves")]
        // SAFETY: the tensors live until this function returns, and their memory until the stream has used
        // it. The emulation's tests check each kernel's bounds.
        unsafe { arguments.launch(grid) }.w()?;
    }
    let outputs: Vec<Output> =
        outputs.into_iter().map(|output| Output(Storage::Cuda(output))).collect();
    match outputs.try_into() {
        Ok(outputs) => Ok(outputs),
        Err(_) => bail!("a kernel has {} outputs", lengths.len()),
    }
}

/// Memory for numbers of a type.
fn storage(device: &CudaDevice, length: usize, dtype: DType) -> Result<CudaStorage> {
    fn of<T: CudaDType + DeviceRepr>(device: &CudaDevice, length: usize) -> Result<CudaStorage> {
        Ok(CudaStorage::wrap_cuda_slice(alloc::<T>(device, length)?, device.clone()))
    }
    match dtype {
        DType::F32 => of::<f32>(device, length),
        DType::BF16 => of::<bf16>(device, length),
        dtype => bail!("kernels cannot write {dtype:?}"),
    }
}

/// Uninitialized memory on the GPU.
pub(super) fn alloc<T: DeviceRepr>(device: &CudaDevice, length: usize) -> Result<CudaSlice<T>> {
    #[expect(unsafe_code, reason = "memory that a kernel is about to fill")]
    // SAFETY: every caller has all of it written before it is read.
    unsafe { device.alloc::<T>(length) }
        .map_err(|error| explain_out_of_memory(error, length * size_of::<T>()))
}
