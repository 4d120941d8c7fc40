//! NVIDIA GPUs: their presence, how they are opened, and recorded work (CUDA graphs).

use std::sync::Arc;

use candle_core::cuda_backend::WrapErr;
use candle_core::{CudaDevice, Device, Error, Result, bail};
use cudarc::driver::result::{device, mem_pool};
use cudarc::driver::{CudaContext, CudaGraph, sys};

use crate::ops::cudnn::Cudnn;

/// Checks that GPU `number` exists.
pub(crate) fn check(number: usize) -> std::result::Result<(), String> {
    match CudaContext::device_count() {
        Ok(count) if usize::try_from(count).is_ok_and(|count| number < count) => Ok(()),
        Ok(count) => Err(format!("the driver has {count} GPUs, numbered from 0")),
        Err(error) => Err(format!("there is no driver, or the driver has no GPU ({:?})", error.0)),
    }
}

/// Opens GPU `number`, with cuDNN if its library is installed.
pub(crate) fn open(number: usize) -> Result<(Device, Option<Arc<Cudnn>>)> {
    let device = CudaDevice::new_with_stream(number)?;
    use_one_stream(&device)?;
    let cudnn = Cudnn::open(device.cuda_stream());
    Ok((Device::Cuda(device), cudnn.map(Arc::new)))
}

/// The GPU's model name.
pub(crate) fn model(device: &CudaDevice) -> Option<String> {
    device.cuda_stream().context().name().ok()
}

/// Turns off the events that guard tensors between streams, because all work is on one stream. Keeps freed
/// memory for the next tensors.
#[expect(unsafe_code, reason = "the driver's interface")]
fn use_one_stream(gpu: &CudaDevice) -> Result<()> {
    let mut keep = u64::MAX;
    // SAFETY: this program uses no other stream of this device; the pool is the device's own; the attribute
    // is a number of 64 bits.
    unsafe {
        gpu.disable_event_tracking();
        let stream = gpu.cuda_stream();
        if !stream.context().has_async_alloc() {
            return Ok(());
        }
        let pool = device::get_default_mem_pool(stream.context().cu_device()).w()?;
        let attribute = sys::CUmemPool_attribute::CU_MEMPOOL_ATTR_RELEASE_THRESHOLD;
        mem_pool::set_attribute(pool, attribute, (&raw mut keep).cast()).w()
    }
}

/// Recorded work: a CUDA graph.
pub(crate) struct Graph(CudaGraph);

impl Graph {
    /// Does the work once.
    pub(crate) fn launch(&self) -> Result<()> {
        self.0.launch().w()
    }
}

/// Whether work on the device can be recorded. That needs allocation as an operation of a stream.
pub(crate) fn can_record(device: &crate::Device) -> bool {
    let stream = device.gpu().map(CudaDevice::cuda_stream);
    stream.is_some_and(|stream| stream.context().has_async_alloc())
}

/// While the guard lives, candle caches its small uploads (shapes and strides) for the recording that
/// follows.
pub(crate) fn keep_small_uploads(device: &crate::Device) -> Option<impl Drop + use<>> {
    device.gpu().map(CudaDevice::enable_cuda_graph_htod_cache)
}

/// Records the operations that `work` launches, without doing them.
pub(crate) fn record<T>(
    device: &crate::Device,
    work: impl FnOnce() -> Result<T>,
) -> Result<(Graph, T)> {
    let Some(gpu) = device.gpu() else { bail!("only a GPU's work can be recorded") };
    let _kept = gpu.enable_cuda_graph_htod_cache();
    let stream = gpu.cuda_stream();
    stream.begin_capture(sys::CUstreamCaptureMode::CU_STREAM_CAPTURE_MODE_RELAXED).w()?;
    let outputs = work();
    // A recording must end even if the work failed.
    let flags = sys::CUgraphInstantiate_flags::CUDA_GRAPH_INSTANTIATE_FLAG_AUTO_FREE_ON_LAUNCH;
    let recorded = match (outputs, stream.end_capture(flags).w()) {
        (Ok(outputs), Ok(Some(graph))) => return Ok((Graph(graph), outputs)),
        (Ok(_), Ok(None)) => Error::msg("nothing was recorded"),
        (Err(error), _) | (_, Err(error)) => error,
    };
    // The outputs' memory was never allocated. The error from freeing it can be ignored.
    let _ = stream.context().check_err();
    Err(recorded)
}
