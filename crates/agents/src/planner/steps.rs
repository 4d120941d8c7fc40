//! A step of the model from the states of a batch, on a GPU as a recording where the batch is small: there launches take
//! longer than what is launched.

use std::collections::BTreeMap;

use candle_core::{Result, Tensor};
use zerolab_models::networks::{DynamicsOutput, LstmState, Network, PlannerNetworks};
use zerolab_models::{Device, Inputs, Recorder};

/// Larger batches keep a GPU busy, and are seldom of the same size twice.
const MOST_RECORDED: usize = 64;

/// What a step is taken from.
#[derive(Clone)]
pub(crate) struct Before {
    /// `[B, L]`
    pub(crate) latent: Tensor,
    /// `[B, planes]`
    pub(crate) actions: Tensor,
    /// Of the LSTM, where there is one.
    pub(crate) memory: Option<LstmState>,
}

impl Inputs for Before {
    fn tensors(&self) -> Vec<&Tensor> {
        let memory = self.memory.iter().flat_map(|memory| [&memory.output, &memory.cell]);
        [&self.latent, &self.actions].into_iter().chain(memory).collect()
    }
}

/// What it leads to.
pub(crate) struct After {
    next: DynamicsOutput,
    /// Rewards, values and policy logits, one after the other.
    numbers: Tensor,
    macs: u64,
}

/// Takes steps.
pub(crate) struct Steps(Recorder<Before, After>);

impl Steps {
    /// From batches of any size.
    pub(crate) fn of_any_size() -> Self {
        Self(Recorder::plain())
    }

    /// From batches of this size.
    fn of_size(size: usize, device: &Device) -> Self {
        let worth_it = size <= MOST_RECORDED;
        Self(if worth_it { Recorder::new(device) } else { Recorder::plain() })
    }

    /// Takes a step. `keep` is given the states that it leads to; returned are rewards `[B]`, values `[B]` and policy
    /// logits `[B, A]`.
    ///
    /// # Errors
    /// If the device fails.
    pub(crate) fn step(
        &mut self,
        networks: &PlannerNetworks,
        before: &Before,
        keep: impl FnOnce(&DynamicsOutput) -> Result<()>,
    ) -> Result<[Vec<f32>; 3]> {
        let counter = networks.counter();
        // A recording counts nothing: what was counted as it was made is counted each time.
        let counted = counter.take();
        let work = |Before { latent, actions, memory }: &Before| {
            counter.reset();
            let (next, judgement) = networks.recurrent(latent, actions, memory.as_ref())?;
            let numbers = networks.numbers(&next, &judgement)?;
            Ok(After { next, numbers, macs: counter.take() })
        };
        let samples = before.latent.dim(0)?;
        self.0.run(before, work, |After { next, numbers, macs }| {
            counter.add(counted + macs);
            keep(next)?;
            let mut rewards: Vec<f32> = networks.device().download(numbers)?;
            let mut values = rewards.split_off(samples);
            let logits = values.split_off(samples);
            Ok([rewards, values, logits])
        })
    }
}

/// What takes steps from batches of the sizes that were met.
pub(crate) struct StepsBySize {
    by_size: BTreeMap<usize, Steps>,
    device: Device,
}

impl StepsBySize {
    /// On this device.
    pub(crate) fn new(device: &Device) -> Self {
        Self { by_size: BTreeMap::new(), device: device.clone() }
    }

    /// What takes them from batches of this size.
    pub(crate) fn of(&mut self, size: usize) -> &mut Steps {
        self.by_size.entry(size).or_insert_with(|| Steps::of_size(size, &self.device))
    }
}
