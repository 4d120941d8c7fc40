//! The learned model, as the search uses it.

use candle_core::{Result, Tensor};
use zerolab_models::networks::{DynamicsOutput, LstmState, Network, PlannerNetworks};
use zerolab_models::{Device, Latents};
use zerolab_search::{Evaluations, Expansion, Model, Roots};

use super::step_runner::{StepInput, StepRunner};

/// The networks, and the latent states of all nodes of a batch of trees.
pub(crate) struct LearnedModel<'a> {
    networks: &'a PlannerNetworks,
    roots: usize,
    latents: Latents,
    memories: Option<Memories>,
    steps: &'a mut StepRunner,
}

/// The LSTM states of all nodes.
struct Memories {
    outputs: Latents,
    cells: Latents,
    horizon: usize,
}

/// The size of search trees.
#[derive(Clone, Copy, Debug)]
pub(crate) struct TreeShape {
    /// Nodes of a tree at most.
    pub(crate) nodes: usize,
    /// The value prefix restarts at depths that are multiples of this.
    pub(crate) prefix_horizon: usize,
}

impl<'a> LearnedModel<'a> {
    /// Evaluates the roots' observations, as rows of cells. Returns the model, with the roots as node 0, and
    /// the networks' predictions for the roots.
    pub(crate) fn new(
        networks: &'a PlannerNetworks,
        rows: &Tensor,
        TreeShape { nodes, prefix_horizon }: TreeShape,
        steps: &'a mut StepRunner,
    ) -> Result<(Self, Roots)> {
        let (latent, prediction) = networks.initial(rows)?;
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
        let predicted = Roots {
            num_actions: networks.design().num_actions,
            values: networks.values(&prediction.value_logits)?,
            logits: networks.device().download(&prediction.policy_logits)?,
            legal: None,
            seeds: vec![0; roots],
        };
        Ok((Self { networks, roots, latents, memories, steps }, predicted))
    }

    /// The latent states `[roots · L]` of a node of every tree.
    pub(crate) fn latents(&self, node: usize) -> Result<Vec<f32>> {
        let nodes = vec![node as u32; self.roots];
        self.networks.device().download(&self.latents.get(&self.latents.places(&nodes)?)?)
    }
}

impl Memories {
    fn get(&self, places: &Tensor) -> Result<LstmState> {
        Ok(LstmState { output: self.outputs.get(places)?, cell: self.cells.get(places)? })
    }

    /// Stores the states of new nodes at these depths. Where the prefix restarts, the state is blank.
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
        let before = StepInput { latent, actions, memory };
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
