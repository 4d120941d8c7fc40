//! Steps of the model from a batch of states. On a GPU, steps of small batches are recorded and replayed:
//! launching their kernels takes longer than running them.

use std::collections::BTreeMap;

use candle_core::{Result, Tensor};
use zerolab_models::networks::{DynamicsOutput, LstmState, Network, PlannerNetworks};
use zerolab_models::{Device, Inputs, Recorder};

/// Larger batches keep a GPU busy, and their sizes rarely repeat.
const MOST_RECORDED: usize = 64;

/// The input of a step.
#[derive(Clone)]
pub(crate) struct StepInput {
    /// `[B, L]`
    pub(crate) latent: Tensor,
    /// `[B, planes]`
    pub(crate) actions: Tensor,
    /// The LSTM state, if there is an LSTM.
    pub(crate) memory: Option<LstmState>,
}

impl Inputs for StepInput {
    fn tensors(&self) -> Vec<&Tensor> {
        let memory = self.memory.iter().flat_map(|memory| [&memory.output, &memory.cell]);
        [&self.latent, &self.actions].into_iter().chain(memory).collect()
    }
}

/// The result of a step.
pub(crate) struct StepOutput {
    next: DynamicsOutput,
    /// Rewards, values and policy logits, concatenated.
    numbers: Tensor,
    macs: u64,
}

/// Runs steps.
pub(crate) struct StepRunner(Recorder<StepInput, StepOutput>);

impl StepRunner {
    /// A runner for batches of any size.
    pub(crate) fn of_any_size() -> Self {
        Self(Recorder::plain())
    }

    /// A runner for batches of this size.
    fn of_size(size: usize, device: &Device) -> Self {
        let worth_it = size <= MOST_RECORDED;
        Self(if worth_it { Recorder::new(device) } else { Recorder::plain() })
    }

    /// Runs a step. `keep` gets the next states. Returns rewards `[B]`, values `[B]` and policy logits `[B,
    /// A]`.
    ///
    /// # Errors
    /// If the device fails.
    pub(crate) fn step(
        &mut self,
        networks: &PlannerNetworks,
        before: &StepInput,
        keep: impl FnOnce(&DynamicsOutput) -> Result<()>,
    ) -> Result<[Vec<f32>; 3]> {
        let counter = networks.counter();
        // A replay does not count operations. So the count of the recording is added each time.
        let counted = counter.take();
        let work = |StepInput { latent, actions, memory }: &StepInput| {
            counter.reset();
            let (next, prediction) = networks.recurrent(latent, actions, memory.as_ref())?;
            let numbers = networks.numbers(&next, &prediction)?;
            Ok(StepOutput { next, numbers, macs: counter.take() })
        };
        let samples = before.latent.dim(0)?;
        self.0.run(before, work, |StepOutput { next, numbers, macs }| {
            counter.add(counted + macs);
            keep(next)?;
            let mut rewards: Vec<f32> = networks.device().download(numbers)?;
            let mut values = rewards.split_off(samples);
            let logits = values.split_off(samples);
            Ok([rewards, values, logits])
        })
    }
}

/// A runner for each batch size.
pub(crate) struct StepRunners {
    by_size: BTreeMap<usize, StepRunner>,
    device: Device,
}

impl StepRunners {
    /// Runners on this device.
    pub(crate) fn new(device: &Device) -> Self {
        Self { by_size: BTreeMap::new(), device: device.clone() }
    }

    /// The runner for batches of this size.
    pub(crate) fn of(&mut self, size: usize) -> &mut StepRunner {
        self.by_size.entry(size).or_insert_with(|| StepRunner::of_size(size, &self.device))
    }
}
