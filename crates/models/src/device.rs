//! The device that holds tensors and computes: the processor or a GPU.

use std::path::Path;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, PoisonError};

use candle_core::{DType, Error, Result, Shape, Tensor, WithDType, bail};

use crate::device_name::{DeviceError, DeviceName};
use crate::out_of_memory::explain_out_of_memory;

/// An open device. Clones are cheap and share the device.
#[derive(Clone, Debug)]
pub struct Device {
    tensors: candle_core::Device,
    copies: Arc<CopyCounts>,
    /// Why the last recording failed.
    recording_error: Arc<Mutex<Option<String>>>,
    #[cfg(feature = "cuda")]
    cudnn: Option<Arc<crate::ops::cudnn::Cudnn>>,
}

/// Numbers of copies between the program's memory and the device's.
#[derive(Debug, Default)]
struct CopyCounts {
    uploads: AtomicU64,
    downloads: AtomicU64,
}

impl Device {
    /// The processor.
    #[must_use]
    pub fn cpu() -> Self {
        Self {
            tensors: candle_core::Device::Cpu,
            copies: Arc::default(),
            recording_error: Arc::default(),
            #[cfg(feature = "cuda")]
            cudnn: None,
        }
    }

    /// Whether the device has its own memory, so that tensors are copied to and from it.
    #[must_use]
    pub fn has_own_memory(&self) -> bool {
        self.is_cuda()
    }

    /// Whether the device is a GPU.
    pub(crate) fn is_cuda(&self) -> bool {
        self.tensors.is_cuda()
    }

    /// Opens the device of that name.
    ///
    /// # Errors
    /// If this build or this machine does not have the device.
    pub fn open(name: DeviceName) -> std::result::Result<Self, DeviceError> {
        name.check()?;
        match name {
            DeviceName::Cpu => Ok(Self::cpu()),
            #[cfg(feature = "cuda")]
            DeviceName::Cuda(number) => {
                let (tensors, cudnn) = crate::gpu::open(number)
                    .map_err(|error| DeviceError::Absent { name, reason: error.to_string() })?;
                Ok(Self { tensors, copies: Arc::default(), recording_error: Arc::default(), cudnn })
            }
            #[cfg(not(feature = "cuda"))]
            DeviceName::Cuda(_) => Err(DeviceError::NotBuilt(name)),
        }
    }

    /// The GPU's model name; `None` for the processor.
    #[must_use]
    pub fn model(&self) -> Option<String> {
        match &self.tensors {
            #[cfg(feature = "cuda")]
            candle_core::Device::Cuda(device) => crate::gpu::model(device),
            _ => None,
        }
    }

    /// The method that computes convolutions.
    #[must_use]
    pub fn convolutions(&self) -> &'static str {
        #[cfg(feature = "cuda")]
        if self.cudnn.is_some() {
            return "cuDNN";
        }
        "products of windows"
    }

    #[cfg(feature = "cuda")]
    pub(crate) fn gpu(&self) -> Option<&candle_core::CudaDevice> {
        self.tensors.as_cuda_device().ok()
    }

    /// Keeps the error of a failed recording.
    pub(crate) fn note_recording_error(&self, error: &Error) {
        *self.recording_error.lock().unwrap_or_else(PoisonError::into_inner) =
            Some(error.to_string());
    }

    /// Why [recording](crate::Recorder) failed, if it failed since the last call. The work is then launched
    /// operation by operation.
    #[must_use]
    pub fn recording_error(&self) -> Option<String> {
        self.recording_error.lock().unwrap_or_else(PoisonError::into_inner).take()
    }

    #[cfg(feature = "cuda")]
    pub(crate) fn cudnn(&self) -> Option<&crate::ops::cudnn::Cudnn> {
        self.cudnn.as_deref()
    }

    /// Copies numbers to a tensor on the device.
    ///
    /// # Errors
    /// If the shape does not fit, or the device is out of memory.
    pub fn upload<T: WithDType>(&self, values: Vec<T>, shape: impl Into<Shape>) -> Result<Tensor> {
        self.copies.uploads.fetch_add(1, Ordering::Relaxed);
        let bytes = size_of_val(values.as_slice());
        Tensor::from_vec(values, shape.into(), &self.tensors)
            .map_err(|e| explain_out_of_memory(e, bytes))
    }

    /// Copies a tensor's numbers from the device, row after row.
    ///
    /// # Errors
    /// If the device fails.
    pub fn download<T: WithDType>(&self, tensor: &Tensor) -> Result<Vec<T>> {
        self.copies.downloads.fetch_add(1, Ordering::Relaxed);
        tensor.flatten_all()?.to_vec1()
    }

    /// A tensor of zeros.
    ///
    /// # Errors
    /// If the device is out of memory.
    pub fn zeros(&self, shape: impl Into<Shape>) -> Result<Tensor> {
        let shape = shape.into();
        let bytes = shape.elem_count() * size_of::<f32>();
        Tensor::zeros(shape, DType::F32, &self.tensors)
            .map_err(|error| explain_out_of_memory(error, bytes))
    }

    /// The named tensors of a safetensors file.
    ///
    /// # Errors
    /// If the file cannot be read.
    pub(crate) fn read(&self, path: &Path) -> Result<TensorFile> {
        let tensors = candle_core::safetensors::load(path, &self.tensors)?;
        Ok(TensorFile { tensors, path: path.display().to_string() })
    }

    /// The numbers of uploads and downloads since the last call.
    #[must_use]
    pub fn take_copies(&self) -> (u64, u64) {
        let take = |count: &AtomicU64| count.swap(0, Ordering::Relaxed);
        (take(&self.copies.uploads), take(&self.copies.downloads))
    }
}

/// The tensors of a file.
pub(crate) struct TensorFile {
    tensors: std::collections::HashMap<String, Tensor>,
    path: String,
}

impl TensorFile {
    /// The tensor of that name.
    pub(crate) fn get(&self, name: &str) -> Result<&Tensor> {
        match self.tensors.get(name) {
            Some(tensor) => Ok(tensor),
            None => bail!("{}: no tensor `{name}`", self.path),
        }
    }
}
