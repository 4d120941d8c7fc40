//! Initial and recurrent inference of a planner's networks, for the search (Schrittwieser et al. 2020).
//!
//! A sample's result does not depend on its batch, to the last bit. So on the CPU a large batch is divided
//! among the threads once, not in each layer, where threads would wait for each other.

use std::ops::Range;

use candle_core::{Result, Tensor, bail};
use rayon::prelude::*;

use super::dynamics::{DynamicsOutput, LstmState};
use super::network::Network;
use super::planner::PlannerNetworks;
use crate::layers::ForwardMode;
use crate::ops::{self, PARALLEL_THRESHOLD};
use crate::traced::Traced;

/// The outputs of f.
#[derive(Clone, Debug)]
pub struct Prediction {
    /// Logits of values, `[B, atoms]`.
    pub value_logits: Tensor,
    /// Logits of policies, `[B, A]`.
    pub policy_logits: Tensor,
}

impl PlannerNetworks {
    /// h, then f: observations as [rows of cells](PlannerNetworks::rows) to flat latent states `[B, L]` and
    /// their values and policies.
    ///
    /// # Errors
    /// If the shape does not fit.
    pub fn initial(&self, rows: &Tensor) -> Result<(Tensor, Prediction)> {
        let cells = self.rows_per_sample();
        let chunks = self.in_parallel("representation", rows.dim(0)? / cells, |chunk| {
            let rows = rows.narrow(0, chunk.start * cells, chunk.len() * cells)?;
            let latent = self.represent(&rows, ForwardMode::Infer)?;
            let prediction = self.prediction(&latent)?;
            Ok((latent.into_tensor(), prediction))
        })?;
        let (latents, predictions): (Vec<_>, Vec<_>) = chunks.into_iter().unzip();
        Ok((joined(&latents)?, Prediction::joined(&predictions)?))
    }

    /// g, then f: one step from flat latent states `[B, L]` by [encoded](PlannerNetworks::encoded) actions,
    /// and values and policies of the next states.
    ///
    /// # Errors
    /// If the shapes do not fit.
    pub fn recurrent(
        &self,
        latent: &Tensor,
        actions: &Tensor,
        memory: Option<&LstmState>,
    ) -> Result<(DynamicsOutput, Prediction)> {
        let samples = actions.dim(0)?;
        let state = memory.map(|memory| [&memory.output, &memory.cell]).into_iter().flatten();
        for tensor in std::iter::once(latent).chain(state) {
            if tensor.dim(0)? != samples {
                bail!("{samples} actions for {:?}", tensor.shape());
            }
        }
        let chunks = self.in_parallel("dynamics", samples, |chunk| {
            let memory = memory.map(|memory| memory.narrow(&chunk)).transpose()?;
            let memory = memory.map(LstmState::constant);
            let latent = Traced::constant(narrow(latent, &chunk)?);
            let actions = narrow(actions, &chunk)?;
            let next = self.step(&latent, &actions, memory.as_ref(), ForwardMode::Infer)?;
            let prediction = self.prediction(&next.latent)?;
            Ok((next.into_tensors(), prediction))
        })?;
        let (next, predictions): (Vec<_>, Vec<_>) = chunks.into_iter().unzip();
        Ok((DynamicsOutput::joined(&next)?, Prediction::joined(&predictions)?))
    }

    /// The numbers that a search reads after a step, in one tensor: rewards (or value prefixes) `[B]`, values
    /// `[B]` and policy logits `[B·A]`.
    ///
    /// # Errors
    /// If the shapes do not fit.
    pub fn numbers(&self, next: &DynamicsOutput, prediction: &Prediction) -> Result<Tensor> {
        let design = self.design();
        let rewards = ops::decode(&next.reward_logits, design.reward_support)?;
        let values = ops::decode(&prediction.value_logits, design.value_support)?;
        Tensor::cat(&[rewards, values, prediction.policy_logits.flatten_all()?], 0)
    }

    fn prediction(&self, latent: &Traced) -> Result<Prediction> {
        let (values, policies) = self.predict(latent, ForwardMode::Infer)?;
        let (value_logits, policy_logits) = (values.into_tensor(), policies.into_tensor());
        Ok(Prediction { value_logits, policy_logits })
    }

    /// Does `work`, which computes the network `first` and then f, for all samples: in one chunk for each
    /// thread if the work is large enough.
    fn in_parallel<T: Send>(
        &self,
        first: &str,
        samples: usize,
        work: impl Fn(Range<usize>) -> Result<T> + Sync,
    ) -> Result<Vec<T>> {
        let threads = rayon::current_num_threads();
        let is_large = || {
            let computed =
                self.parts().iter().filter(|part| [first, "prediction"].contains(&&*part.name));
            samples as u64 * computed.map(|part| part.macs()).sum::<u64>()
                >= PARALLEL_THRESHOLD as u64
        };
        if threads == 1 || self.device().is_cuda() || !is_large() {
            return Ok(vec![work(0..samples)?]);
        }
        let length = samples.div_ceil(threads);
        let starts: Vec<usize> = (0..samples).step_by(length).collect();
        starts.into_par_iter().map(|start| work(start..(start + length).min(samples))).collect()
    }
}

impl Prediction {
    fn joined(chunks: &[Self]) -> Result<Self> {
        Ok(Self {
            value_logits: joined(chunks.iter().map(|chunk| &chunk.value_logits))?,
            policy_logits: joined(chunks.iter().map(|chunk| &chunk.policy_logits))?,
        })
    }
}

impl DynamicsOutput {
    fn joined(chunks: &[Self]) -> Result<Self> {
        let memories: Vec<&LstmState> =
            chunks.iter().filter_map(|chunk| chunk.memory.as_ref()).collect();
        let memory = (!memories.is_empty()).then(|| {
            let output = joined(memories.iter().map(|memory| &memory.output))?;
            let cell = joined(memories.iter().map(|memory| &memory.cell))?;
            Ok::<_, candle_core::Error>(LstmState { output, cell })
        });
        Ok(Self {
            latent: joined(chunks.iter().map(|chunk| &chunk.latent))?,
            reward_logits: joined(chunks.iter().map(|chunk| &chunk.reward_logits))?,
            memory: memory.transpose()?,
        })
    }
}

impl LstmState {
    fn narrow(&self, chunk: &Range<usize>) -> Result<Self> {
        Ok(Self { output: narrow(&self.output, chunk)?, cell: narrow(&self.cell, chunk)? })
    }
}

fn narrow(tensor: &Tensor, chunk: &Range<usize>) -> Result<Tensor> {
    tensor.narrow(0, chunk.start, chunk.len())
}

/// The rows of all chunks, in order.
fn joined<'a>(chunks: impl IntoIterator<Item = &'a Tensor>) -> Result<Tensor> {
    let chunks: Vec<&Tensor> = chunks.into_iter().collect();
    match chunks[..] {
        [all] => Ok(all.clone()),
        _ => Tensor::cat(&chunks, 0),
    }
}
