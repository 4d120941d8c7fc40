//! The learned model as the search sees it.

use candle_core::{Result, Tensor};
use zerolab_models::networks::{DynamicsOutput, LstmState, Network, PlannerNetworks};
use zerolab_models::{Device, Latents};
use zerolab_search::{Evaluations, Expansion, Model, Roots};

use super::steps::{Before, Steps};

/// Networks, and the latent states of all nodes of a batch of trees.
pub(crate) struct LearnedModel<'a> {
    networks: &'a PlannerNetworks,
    latents: Latents,
    memories: Option<Memories>,
    steps: &'a mut Steps,
}

/// The LSTM's states of all nodes.
struct Memories {
    outputs: Latents,
    cells: Latents,
    horizon: usize,
}

impl<'a> LearnedModel<'a> {
    /// Looks at the roots' observations, rows of cells: the model, with the roots as node 0, and what
    /// the networks say of them. Trees will have up to `nodes` nodes, the value prefix starts anew at
    /// depths that are multiples of `prefix_horizon`.
    pub(crate) fn new(
        networks: &'a PlannerNetworks,
        rows: &Tensor,
        (nodes, prefix_horizon): (usize, usize),
        steps: &'a mut Steps,
    ) -> Result<(Self, Roots)> {
        let (latent, judgement) = networks.initial(rows)?;
        let roots = latent.dim(0)?;
        let latents = Latents::new(networks.device(), nodes, roots, networks.latent_width())?;
        latents.put(0, &latent)?;
        let memories = match networks.blank_memory(roots)? {
            None => None,
            Some(blank) => {
                let width = blank.cell.dim(1)?;
                let memories = Memories {
                    outputs: Latents::new(networks.device(), nodes, roots, width)?,
                    cells: Latents::new(networks.device(), nodes, roots, width)?,
                    horizon: prefix_horizon,
                };
                memories.put(0, &blank, &vec![0; roots], networks.device())?;
                Some(memories)
            }
        };
        let roots = Roots {
            num_actions: networks.design().num_actions,
            values: networks.values(&judgement.value_logits)?,
            logits: networks.device().download(&judgement.policy_logits)?,
            legal: None,
            seeds: vec![0; roots],
        };
        Ok((Self { networks, latents, memories, steps }, roots))
    }
}

impl Memories {
    fn get(&self, places: &Tensor) -> Result<LstmState> {
        Ok(LstmState { output: self.outputs.get(places)?, cell: self.cells.get(places)? })
    }

    /// Keeps the states of new nodes at these depths; where the prefix starts anew, blank ones.
    fn put(&self, node: usize, memory: &LstmState, depths: &[u32], device: &Device) -> Result<()> {
        let kept: Vec<f32> = depths
            .iter()
            .map(|depth| f32::from(!(*depth as usize).is_multiple_of(self.horizon)))
            .collect();
        if kept.contains(&0.0) {
            let kept = device.upload(kept, (depths.len(), 1))?;
            self.outputs.put(node, &memory.output.broadcast_mul(&kept)?)?;
            self.cells.put(node, &memory.cell.broadcast_mul(&kept)?)
        } else {
            self.outputs.put(node, &memory.output)?;
            self.cells.put(node, &memory.cell)
        }
    }
}

impl Model for LearnedModel<'_> {
    type Error = candle_core::Error;

    fn recurrent(&mut self, expansion: &Expansion<'_>, out: &mut Evaluations) -> Result<()> {
        let parents = self.latents.places(expansion.parents)?;
        let latent = self.latents.get(&parents)?;
        let memory = self.memories.as_ref().map(|memories| memories.get(&parents)).transpose()?;
        let actions = self.networks.encoded(expansion.actions)?;
        let before = Before { latent, actions, memory };
        let keep = |next: &DynamicsOutput| {
            self.latents.put(expansion.node, &next.latent)?;
            match (&self.memories, &next.memory) {
                (Some(memories), Some(memory)) => {
                    memories.put(expansion.node, memory, expansion.depths, self.networks.device())
                }
                _ => Ok(()),
            }
        };
        [out.rewards, out.values, out.logits] = self.steps.step(self.networks, &before, keep)?;
        Ok(())
    }
}
