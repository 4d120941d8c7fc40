//! Repeated work on a GPU, recorded once as a CUDA graph and then launched as a whole.
//!
//! An update of a large network has thousands of launches of some microseconds each, during which the GPU
//! waits for the program. A CUDA graph is one launch. It computes the same numbers, but always in the same
//! memory. So inputs are copied to the memory that the recording reads.

use candle_core::{Result, Tensor, bail};

use crate::device::Device;
#[cfg(feature = "cuda")]
use crate::gpu::{Graph, can_record, keep_small_uploads, record};

/// Runs before a recording. They load kernels, choose algorithms and allocate their memory.
const WARM_UP_RUNS: usize = 2;

/// The inputs of recorded work.
pub trait Inputs: Clone {
    /// All tensors that change between runs. Number, order and shapes are the same each time.
    fn tensors(&self) -> Vec<&Tensor>;
}

/// Does the same work repeatedly, on a GPU as a recording.
pub struct Recorder<I, O>(RecorderState<I, O>);

enum RecorderState<I, O> {
    /// The work is launched operation by operation.
    Plain,
    /// The same, `left` more times before a recording.
    WarmUp { left: usize, device: Device },
    /// The work is a launch of the graph, which reads `inputs` and writes `outputs`.
    Recorded { graph: Graph, inputs: I, outputs: O },
}

impl<I: Inputs, O> Recorder<I, O> {
    /// A recorder of work on this device.
    #[must_use]
    pub fn new(device: &Device) -> Self {
        if can_record(device) {
            Self(RecorderState::WarmUp { left: WARM_UP_RUNS, device: device.clone() })
        } else {
            Self::plain()
        }
    }

    /// A recorder that never records, for work whose shapes change.
    #[must_use]
    pub fn plain() -> Self {
        Self(RecorderState::Plain)
    }

    /// Does `work` on `inputs` and returns what `read` makes of its outputs. `work` must consist of
    /// operations on the device only: no uploads, no downloads. Between runs only its inputs and the
    /// parameters of networks may change.
    ///
    /// # Errors
    /// If `work` or `read` fails, or the inputs' shapes differ from the recorded ones.
    pub fn run<R>(
        &mut self,
        inputs: &I,
        work: impl Fn(&I) -> Result<O>,
        read: impl FnOnce(&O) -> Result<R>,
    ) -> Result<R> {
        match &mut self.0 {
            RecorderState::Plain => return read(&work(inputs)?),
            RecorderState::WarmUp { left: left @ 1.., device } => {
                *left -= 1;
                let _kept = keep_small_uploads(device);
                return read(&work(inputs)?);
            }
            RecorderState::WarmUp { left: 0, device } => match record(device, || work(inputs)) {
                Ok((graph, outputs)) => {
                    self.0 = RecorderState::Recorded { graph, inputs: inputs.clone(), outputs };
                }
                // Nothing was computed. A driver that cannot record the work can still do it.
                Err(error) => {
                    device.note_recording_error(&error);
                    self.0 = RecorderState::Plain;
                }
            },
            RecorderState::Recorded { inputs: resident, .. } => {
                for (resident, new) in resident.tensors().into_iter().zip(inputs.tensors()) {
                    if resident.shape() != new.shape() {
                        bail!(
                            "an input has shape {:?}, but {:?} was recorded",
                            new.shape(),
                            resident.shape()
                        );
                    }
                    resident.slice_set(&new.contiguous()?, 0, 0)?;
                }
            }
        }
        match &self.0 {
            RecorderState::Recorded { graph, outputs, .. } => {
                graph.launch()?;
                read(outputs)
            }
            _ => read(&work(inputs)?),
        }
    }
}

#[cfg(not(feature = "cuda"))]
mod without_cuda {
    use super::{Device, Result};

    /// A build without CUDA has no graphs.
    pub(super) enum Graph {}

    impl Graph {
        pub(super) fn launch(&self) -> Result<()> {
            match *self {}
        }
    }

    pub(super) fn can_record(_: &Device) -> bool {
        false
    }

    pub(super) fn keep_small_uploads(_: &Device) -> Option<Graph> {
        None
    }

    pub(super) fn record<T>(_: &Device, _: impl FnOnce() -> Result<T>) -> Result<(Graph, T)> {
        super::bail!("a build without CUDA cannot record work")
    }
}
#[cfg(not(feature = "cuda"))]
use without_cuda::{Graph, can_record, keep_small_uploads, record};
