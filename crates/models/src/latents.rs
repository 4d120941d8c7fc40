//! The latent states of all nodes of a batch of search trees.

use candle_core::{Result, Tensor, bail};

use crate::device::Device;

/// A slot for each node of each tree; a slot holds `width` numbers.
#[derive(Debug)]
pub struct Latents {
    roots: usize,
    slots: Tensor,
    device: Device,
}

impl Latents {
    /// Room for `nodes` nodes of `roots` trees.
    ///
    /// # Errors
    /// If there is not memory enough.
    pub fn new(device: &Device, nodes: usize, roots: usize, width: usize) -> Result<Self> {
        let slots = device.zeros((nodes * roots, width))?;
        Ok(Self { roots, slots, device: device.clone() })
    }

    /// Keeps node `node` of every tree: `[roots, width]`.
    ///
    /// # Errors
    /// If the shape does not fit.
    pub fn put(&self, node: usize, latents: &Tensor) -> Result<()> {
        self.slots.slice_set(&latents.contiguous()?, 0, node * self.roots)
    }

    /// The latents of node `nodes[r]` of tree `r`: `[roots, width]`.
    ///
    /// # Errors
    /// If there is no such node.
    pub fn get(&self, nodes: &[u32]) -> Result<Tensor> {
        if nodes.len() != self.roots {
            bail!("{} nodes asked of {} trees", nodes.len(), self.roots);
        }
        let roots = self.roots as u32;
        let slots: Vec<u32> =
            (0..roots).zip(nodes).map(|(root, node)| node * roots + root).collect();
        self.slots.index_select(&self.device.upload(slots, self.roots)?, 0)
    }
}
