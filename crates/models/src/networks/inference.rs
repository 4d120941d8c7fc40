//! What a search asks of a planner's networks: initial and recurrent inference (Schrittwieser et al. 2020).
//!
//! A sample's outcome does not depend on the others of its batch, to the last bit. On the CPU a large batch is
//! therefore divided among the threads as a whole, not within each layer, where threads would wait for each other.

use std::ops::Range;

use candle_core::{Result, Tensor, bail};
use rayon::prelude::*;

use super::dynamics::{Memory, Next};
use super::network::Network;
use super::planner::PlannerNetworks;
use crate::layers::Mode;
use crate::ops::{self, WORTH_SPREADING};

/// What f says of latent states.
#[derive(Clone, Debug)]
pub struct Judgement {
    /// `[B, atoms]`
    pub value_logits: Tensor,
    /// `[B, A]`
    pub policy_logits: Tensor,
}

impl PlannerNetworks {
    /// h, then f: observations as [rows of cells](PlannerNetworks::rows) to flat latent states `[B, L]` and what is
    /// thought of them.
    ///
    /// # Errors
    /// If the shape does not fit.
    pub fn initial(&self, rows: &Tensor) -> Result<(Tensor, Judgement)> {
        let cells = self.rows_of_one();
        let shares = self.in_shares("representation", rows.dim(0)? / cells, |share| {
            let rows = rows.narrow(0, share.start * cells, share.len() * cells)?;
            let latent = self.represent(&rows, Mode::Infer)?;
            let judgement = self.judge(&latent)?;
            Ok((latent, judgement))
        })?;
        let (latents, judgements): (Vec<_>, Vec<_>) = shares.into_iter().unzip();
        Ok((joined(&latents)?, Judgement::joined(&judgements)?))
    }

    /// g, then f: one step from flat latent states `[B, L]` by [encoded](PlannerNetworks::encoded) actions, and what is
    /// thought of the states that it leads to.
    ///
    /// # Errors
    /// If the shapes do not fit.
    pub fn recurrent(
        &self,
        latent: &Tensor,
        actions: &Tensor,
        memory: Option<&Memory>,
    ) -> Result<(Next, Judgement)> {
        let samples = actions.dim(0)?;
        let state = memory.map(|memory| [&memory.output, &memory.cell]).into_iter().flatten();
        for tensor in std::iter::once(latent).chain(state) {
            if tensor.dim(0)? != samples {
                bail!("{samples} actions for {:?}", tensor.shape());
            }
        }
        let shares = self.in_shares("dynamics", samples, |share| {
            let memory = memory.map(|memory| memory.narrow(&share)).transpose()?;
            let (latent, actions) = (narrow(latent, &share)?, narrow(actions, &share)?);
            let next = self.step(&latent, &actions, memory.as_ref(), Mode::Infer)?;
            let judgement = self.judge(&next.latent)?;
            Ok((next, judgement))
        })?;
        let (next, judgements): (Vec<_>, Vec<_>) = shares.into_iter().unzip();
        Ok((Next::joined(&next)?, Judgement::joined(&judgements)?))
    }

    /// In numbers what one step brought and where it led to, one after the other: rewards (or value prefixes) `[B]`,
    /// values `[B]` and policy logits `[B · A]`.
    ///
    /// # Errors
    /// If the shapes do not fit.
    pub fn numbers(&self, next: &Next, judgement: &Judgement) -> Result<Tensor> {
        let design = self.design();
        let rewards = ops::decode(&next.reward_logits, design.reward_support)?;
        let values = ops::decode(&judgement.value_logits, design.value_support)?;
        Tensor::cat(&[rewards, values, judgement.policy_logits.flatten_all()?], 0)
    }

    fn judge(&self, latent: &Tensor) -> Result<Judgement> {
        let (value_logits, policy_logits) = self.predict(latent, Mode::Infer)?;
        Ok(Judgement { value_logits, policy_logits })
    }

    /// Does `work` for all samples, the network `first` and then f, in a share for each thread if that pays.
    fn in_shares<T: Send>(
        &self,
        first: &str,
        samples: usize,
        work: impl Fn(Range<usize>) -> Result<T> + Sync,
    ) -> Result<Vec<T>> {
        let threads = rayon::current_num_threads();
        let pays = || {
            let run =
                self.parts().iter().filter(|part| [first, "prediction"].contains(&&*part.name));
            samples as u64 * run.map(|part| part.macs()).sum::<u64>() >= WORTH_SPREADING as u64
        };
        if threads == 1 || self.device().is_cuda() || !pays() {
            return Ok(vec![work(0..samples)?]);
        }
        let share = samples.div_ceil(threads);
        let starts: Vec<usize> = (0..samples).step_by(share).collect();
        starts.into_par_iter().map(|start| work(start..(start + share).min(samples))).collect()
    }
}

impl Judgement {
    fn joined(shares: &[Self]) -> Result<Self> {
        Ok(Self {
            value_logits: joined(shares.iter().map(|share| &share.value_logits))?,
            policy_logits: joined(shares.iter().map(|share| &share.policy_logits))?,
        })
    }
}

impl Next {
    fn joined(shares: &[Self]) -> Result<Self> {
        let memories: Vec<&Memory> =
            shares.iter().filter_map(|share| share.memory.as_ref()).collect();
        let memory = (!memories.is_empty()).then(|| {
            let output = joined(memories.iter().map(|memory| &memory.output))?;
            let cell = joined(memories.iter().map(|memory| &memory.cell))?;
            Ok::<_, candle_core::Error>(Memory { output, cell })
        });
        Ok(Self {
            latent: joined(shares.iter().map(|share| &share.latent))?,
            reward_logits: joined(shares.iter().map(|share| &share.reward_logits))?,
            memory: memory.transpose()?,
        })
    }
}

impl Memory {
    fn narrow(&self, share: &Range<usize>) -> Result<Self> {
        Ok(Self { output: narrow(&self.output, share)?, cell: narrow(&self.cell, share)? })
    }
}

fn narrow(tensor: &Tensor, share: &Range<usize>) -> Result<Tensor> {
    tensor.narrow(0, share.start, share.len())
}

/// The shares' rows, in their order.
fn joined<'a>(shares: impl IntoIterator<Item = &'a Tensor>) -> Result<Tensor> {
    let shares: Vec<&Tensor> = shares.into_iter().collect();
    match shares[..] {
        [all] => Ok(all.clone()),
        _ => Tensor::cat(&shares, 0),
    }
}
