//! An NVIDIA GPU: whether there is one, and how it is opened.

use std::sync::Arc;

use candle_core::cuda_backend::WrapErr;
use candle_core::{CudaDevice, Device, Error, Result, bail};
use cudarc::driver::result::{device, mem_pool};
use cudarc::driver::{CudaContext, CudaGraph, sys};

use crate::ops::cudnn::Cudnn;

/// Whether GPU `number` is there.
pub(crate) fn check(number: usize) -> std::result::Result<(), String> {
    match CudaContext::device_count() {
        Ok(count) if usize::try_from(count).is_ok_and(|count| number < count) => Ok(()),
        Ok(count) => Err(format!("the driver knows {count} GPUs, counted from 0")),
        Err(error) => Err(format!("no driver, or none that sees a GPU ({:?})", error.0)),
    }
}

/// Opens GPU `number`, with cuDNN where its library is found.
pub(crate) fn open(number: usize) -> Result<(Device, Option<Arc<Cudnn>>)> {
    let device = CudaDevice::new_with_stream(number)?;
    alone_on_its_stream(&device)?;
    let cudnn = Cudnn::open(device.cuda_stream());
    Ok((Device::Cuda(device), cudnn.map(Arc::new)))
}

/// The GPU's name.
pub(crate) fn model(device: &CudaDevice) -> Option<String> {
    device.cuda_stream().context().name().ok()
}

/// All our work goes through one stream, in order, so no event has to guard a tensor; and memory once taken is
/// kept for the next tensor of its size.
#[expect(unsafe_code, reason = "the driver's interface")]
fn alone_on_its_stream(gpu: &CudaDevice) -> Result<()> {
    let mut keep = u64::MAX;
    // SAFETY: nothing of this program uses another stream of this device; the pool is the device's own,
    // and the attribute is a number of 64 bits.
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

/// Recorded work.
pub(crate) struct Graph(CudaGraph);

impl Graph {
    /// Does the work.
    pub(crate) fn launch(&self) -> Result<()> {
        self.0.launch().w()
    }
}

/// Whether work on the device can be recorded: what it takes of memory is a part of it.
pub(crate) fn records(device: &crate::Device) -> bool {
    let stream = device.gpu().map(CudaDevice::cuda_stream);
    stream.is_some_and(|stream| stream.context().has_async_alloc())
}

/// While the guard lives, small uploads of candle's own (shapes and strides) are kept for the recording to come.
pub(crate) fn keep_small_uploads(device: &crate::Device) -> Option<impl Drop + use<>> {
    device.gpu().map(CudaDevice::enable_cuda_graph_htod_cache)
}

/// Records what `work` asks of the device. Nothing of it is done yet.
pub(crate) fn record<T>(
    device: &crate::Device,
    work: impl FnOnce() -> Result<T>,
) -> Result<(Graph, T)> {
    let Some(gpu) = device.gpu() else { bail!("only a GPU's work is recorded") };
    let _kept = gpu.enable_cuda_graph_htod_cache();
    let stream = gpu.cuda_stream();
    stream.begin_capture(sys::CUstreamCaptureMode::CU_STREAM_CAPTURE_MODE_RELAXED).w()?;
    let outputs = work();
    // A recording ends whatever came of the work.
    let flags = sys::CUgraphInstantiate_flags::CUDA_GRAPH_INSTANTIATE_FLAG_AUTO_FREE_ON_LAUNCH;
    let recorded = match (outputs, stream.end_capture(flags).w()) {
        (Ok(outputs), Ok(Some(graph))) => return Ok((Graph(graph), outputs)),
        (Ok(_), Ok(None)) => Error::msg("nothing was recorded"),
        (Err(error), _) | (_, Err(error)) => error,
    };
    // What the outputs were to lie in was never taken: that it cannot be given back concerns nobody.
    let _ = stream.context().check_err();
    Err(recorded)
}
