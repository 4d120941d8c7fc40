//! Work on a GPU that is recorded once and then done by one launch.
//!
//! An update of a large network is thousands of launches: at some microseconds each the GPU waits for the program. A CUDA
//! graph of them takes one. It computes the same numbers, but always in the same memory: so what the work reads is
//! copied to where the recording finds it.

use candle_core::{Result, Tensor, bail};

use crate::device::Device;
#[cfg(feature = "cuda")]
use crate::gpu::{Graph, keep_small_uploads, record, records};

/// Passes before a recording: in them kernels are loaded, algorithms chosen, and their memory taken.
const WARMING: usize = 2;

/// What some work reads.
pub trait Inputs: Clone {
    /// All tensors that are others from one time to the next: always as many, in the same order and of the same shapes.
    fn tensors(&self) -> Vec<&Tensor>;
}

/// Does the same work again and again, on a GPU as a recording.
pub struct Recorder<I, O>(Stage<I, O>);

enum Stage<I, O> {
    /// The work is done as it is.
    Plain,
    /// The same, so many times more before it is recorded.
    Warming { left: usize, device: Device },
    /// It is done by launching the graph, which reads the inputs and leaves the outputs.
    Recorded { graph: Graph, inputs: I, outputs: O },
}

impl<I: Inputs, O> Recorder<I, O> {
    /// Of work on this device.
    #[must_use]
    pub fn new(device: &Device) -> Self {
        if records(device) {
            Self(Stage::Warming { left: WARMING, device: device.clone() })
        } else {
            Self::plain()
        }
    }

    /// Of work that is not worth a recording, since its shapes are seldom the same twice.
    #[must_use]
    pub fn plain() -> Self {
        Self(Stage::Plain)
    }

    /// Does `work` on `inputs`, and lets `read` see what it left. The work is nothing but operations on the device: it
    /// uploads and downloads nothing, and reads nothing that changes but its inputs and the parameters of networks.
    ///
    /// # Errors
    /// What the work or the reading meets; inputs of other shapes than those recorded.
    pub fn run<R>(
        &mut self,
        inputs: &I,
        work: impl Fn(&I) -> Result<O>,
        read: impl FnOnce(&O) -> Result<R>,
    ) -> Result<R> {
        match &mut self.0 {
            Stage::Plain => return read(&work(inputs)?),
            Stage::Warming { left: left @ 1.., device } => {
                *left -= 1;
                let _kept = keep_small_uploads(device);
                return read(&work(inputs)?);
            }
            Stage::Warming { left: 0, device } => match record(device, || work(inputs)) {
                Ok((graph, outputs)) => {
                    self.0 = Stage::Recorded { graph, inputs: inputs.clone(), outputs };
                }
                // What was recorded in part was not done. A driver that cannot record it can do it.
                Err(error) => {
                    device.refuses_to_record(&error);
                    self.0 = Stage::Plain;
                }
            },
            Stage::Recorded { inputs: resident, .. } => {
                for (resident, new) in resident.tensors().into_iter().zip(inputs.tensors()) {
                    if resident.shape() != new.shape() {
                        bail!("{:?} where {:?} was recorded", new.shape(), resident.shape());
                    }
                    resident.slice_set(&new.contiguous()?, 0, 0)?;
                }
            }
        }
        match &self.0 {
            Stage::Recorded { graph, outputs, .. } => {
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

    /// There is none in a build without CUDA.
    pub(super) enum Graph {}

    impl Graph {
        pub(super) fn launch(&self) -> Result<()> {
            match *self {}
        }
    }

    pub(super) fn records(_: &Device) -> bool {
        false
    }

    pub(super) fn keep_small_uploads(_: &Device) -> Option<Graph> {
        None
    }

    pub(super) fn record<T>(_: &Device, _: impl FnOnce() -> Result<T>) -> Result<(Graph, T)> {
        super::bail!("a build without CUDA records nothing")
    }
}
#[cfg(not(feature = "cuda"))]
use without_cuda::{Graph, keep_small_uploads, record, records};
