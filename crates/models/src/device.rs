//! Where tensors live, and in what precision their products are taken: the one place that knows devices.

use std::fmt;
use std::path::Path;
use std::str::FromStr;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, PoisonError};

use candle_core::{DType, Error, Result, Shape, Tensor, WithDType, bail};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// A device by name: `cpu`, `cuda`, `cuda:N`.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize, JsonSchema)]
#[serde(try_from = "String", into = "String")]
#[schemars(with = "String", extend("pattern" = r"^(cpu|cuda(:[0-9]+)?)$"))]
pub enum DeviceName {
    /// The processor.
    #[default]
    Cpu,
    /// The NVIDIA GPU of this number.
    Cuda(usize),
}

/// Why a device cannot be had.
#[derive(Debug, thiserror::Error)]
pub enum DeviceError {
    /// The program was built without CUDA.
    #[error(
        "this build computes on the CPU only, not on `{0}`: build it with `just cuda`, or leave the device out"
    )]
    NotBuilt(DeviceName),
    /// There is no such GPU, or no driver.
    #[error("there is no `{name}` here: {reason}; `cpu` is always there")]
    Absent {
        /// What was asked for.
        name: DeviceName,
        /// What the driver said.
        reason: String,
    },
}

impl DeviceName {
    /// Whether the device can be had; takes nothing of it.
    ///
    /// # Errors
    /// What is missing.
    pub fn check(self) -> std::result::Result<(), DeviceError> {
        match self {
            Self::Cpu => Ok(()),
            #[cfg(feature = "cuda")]
            Self::Cuda(number) => crate::gpu::check(number)
                .map_err(|reason| DeviceError::Absent { name: self, reason }),
            #[cfg(not(feature = "cuda"))]
            Self::Cuda(_) => Err(DeviceError::NotBuilt(self)),
        }
    }
}

impl FromStr for DeviceName {
    type Err = String;

    fn from_str(name: &str) -> std::result::Result<Self, String> {
        let number = match (name, name.strip_prefix("cuda:")) {
            ("cpu", _) => return Ok(Self::Cpu),
            ("cuda", _) => Some(0),
            (_, number) => number.and_then(|number| number.parse().ok()),
        };
        number
            .map(Self::Cuda)
            .ok_or_else(|| format!("there is no device `{name}`: it is `cpu`, `cuda` or `cuda:N`"))
    }
}

impl TryFrom<String> for DeviceName {
    type Error = String;

    fn try_from(name: String) -> std::result::Result<Self, String> {
        name.parse()
    }
}

impl From<DeviceName> for String {
    fn from(name: DeviceName) -> Self {
        name.to_string()
    }
}

impl fmt::Display for DeviceName {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Cpu => formatter.write_str("cpu"),
            Self::Cuda(0) => formatter.write_str("cuda"),
            Self::Cuda(number) => write!(formatter, "cuda:{number}"),
        }
    }
}

/// A device at work. Copies are cheap and are the same device.
#[derive(Clone, Debug)]
pub struct Device {
    tensors: candle_core::Device,
    copies: Arc<Copies>,
    /// Why work cannot be recorded on it, where that was tried.
    refusal: Arc<Mutex<Option<String>>>,
    #[cfg(feature = "cuda")]
    cudnn: Option<Arc<crate::ops::cudnn::Cudnn>>,
}

/// Copies between the program's memory and the device's.
#[derive(Debug, Default)]
struct Copies {
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
            refusal: Arc::default(),
            #[cfg(feature = "cuda")]
            cudnn: None,
        }
    }

    /// Whether it has a memory of its own, behind a bus.
    #[must_use]
    pub fn is_apart(&self) -> bool {
        self.is_cuda()
    }

    /// Whether it is a GPU.
    pub(crate) fn is_cuda(&self) -> bool {
        self.tensors.is_cuda()
    }

    /// The device of that name.
    ///
    /// # Errors
    /// If it cannot be had.
    pub fn open(name: DeviceName) -> std::result::Result<Self, DeviceError> {
        name.check()?;
        match name {
            DeviceName::Cpu => Ok(Self::cpu()),
            #[cfg(feature = "cuda")]
            DeviceName::Cuda(number) => {
                let (tensors, cudnn) = crate::gpu::open(number)
                    .map_err(|error| DeviceError::Absent { name, reason: error.to_string() })?;
                Ok(Self { tensors, copies: Arc::default(), refusal: Arc::default(), cudnn })
            }
            #[cfg(not(feature = "cuda"))]
            DeviceName::Cuda(_) => Err(DeviceError::NotBuilt(name)),
        }
    }

    /// Its maker's name for it; `None` for the processor, which the system knows better.
    #[must_use]
    pub fn model(&self) -> Option<String> {
        match &self.tensors {
            #[cfg(feature = "cuda")]
            candle_core::Device::Cuda(device) => crate::gpu::model(device),
            _ => None,
        }
    }

    /// What computes its convolutions.
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

    /// Takes note of why its work cannot be recorded.
    pub(crate) fn refuses_to_record(&self, error: &Error) {
        *self.refusal.lock().unwrap_or_else(PoisonError::into_inner) = Some(error.to_string());
    }

    /// Why its work cannot be [recorded](crate::Recorder), if that was tried since the last call. It is done all the
    /// same, operation by operation.
    #[must_use]
    pub fn take_refusal(&self) -> Option<String> {
        self.refusal.lock().unwrap_or_else(PoisonError::into_inner).take()
    }

    #[cfg(feature = "cuda")]
    pub(crate) fn cudnn(&self) -> Option<&crate::ops::cudnn::Cudnn> {
        self.cudnn.as_deref()
    }

    /// Numbers of the program, as a tensor on the device.
    ///
    /// # Errors
    /// If the shape does not fit or the memory does not suffice.
    pub fn upload<T: WithDType>(&self, values: Vec<T>, shape: impl Into<Shape>) -> Result<Tensor> {
        self.copies.uploads.fetch_add(1, Ordering::Relaxed);
        let bytes = size_of_val(values.as_slice());
        Tensor::from_vec(values, shape.into(), &self.tensors).map_err(|e| asked_for(e, bytes))
    }

    /// A tensor's numbers, row after row.
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
    /// If the memory does not suffice.
    pub fn zeros(&self, shape: impl Into<Shape>) -> Result<Tensor> {
        let shape = shape.into();
        let bytes = shape.elem_count() * size_of::<f32>();
        Tensor::zeros(shape, DType::F32, &self.tensors).map_err(|error| asked_for(error, bytes))
    }

    /// The named tensors of a safetensors file.
    ///
    /// # Errors
    /// If the file cannot be read.
    pub(crate) fn read(&self, path: &Path) -> Result<Named> {
        let tensors = candle_core::safetensors::load(path, &self.tensors)?;
        Ok(Named { tensors, path: path.display().to_string() })
    }

    /// Uploads and downloads since the last call.
    #[must_use]
    pub fn take_copies(&self) -> (u64, u64) {
        let take = |count: &AtomicU64| count.swap(0, Ordering::Relaxed);
        (take(&self.copies.uploads), take(&self.copies.downloads))
    }
}

/// What a file held.
pub(crate) struct Named {
    tensors: std::collections::HashMap<String, Tensor>,
    path: String,
}

impl Named {
    /// The tensor of that name.
    pub(crate) fn get(&self, name: &str) -> Result<&Tensor> {
        match self.tensors.get(name) {
            Some(tensor) => Ok(tensor),
            None => bail!("{}: no tensor `{name}`", self.path),
        }
    }
}

/// Says how much was asked for where an error is of memory.
pub(crate) fn asked_for(error: Error, bytes: usize) -> Error {
    if error.to_string().contains("OUT_OF_MEMORY") {
        let mebibytes = bytes as f64 / f64::from(1 << 20);
        Error::msg(format!(
            "out of GPU memory: {mebibytes:.1} MiB more were asked for; use a smaller batch or network, or \
             fewer jobs at a time"
        ))
    } else {
        error
    }
}

/// In what precision the products of a network's trunk, of its LSTM and of the projector and the predictor are taken,
/// and what a trunk's layers hand on. Weights, heads, losses and statistics stay in single precision.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum Precision {
    /// Single precision.
    #[default]
    F32,
    /// Factors and results rounded to bfloat16, sums in single precision.
    Bf16,
}

impl Precision {
    /// What a network's trunk computes with.
    pub(crate) fn kind(self) -> DType {
        match self {
            Self::F32 => DType::F32,
            Self::Bf16 => DType::BF16,
        }
    }

    /// The numbers as a network's trunk computes with them.
    pub(crate) fn of(self, numbers: &Tensor) -> Result<Tensor> {
        numbers.to_dtype(self.kind())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_read_as_they_are_written() {
        for name in [DeviceName::Cpu, DeviceName::Cuda(0), DeviceName::Cuda(3)] {
            assert_eq!(name.to_string().parse(), Ok(name));
        }
        for wrong in ["", "gpu", "cuda:", "cuda:x", "cuda:-1", "cpu:0"] {
            assert!(wrong.parse::<DeviceName>().is_err(), "{wrong}");
        }
    }

    #[test]
    fn an_error_of_memory_says_how_much_was_asked_for() {
        let error = |text: &str| asked_for(Error::msg(text), 3 << 20).to_string();
        let full = error("DriverError(CUDA_ERROR_OUT_OF_MEMORY, \"out of memory\")");
        assert!(full.contains("out of GPU memory: 3.0 MiB"), "{full}");
        assert!(error("another").starts_with("another"));
    }
}
