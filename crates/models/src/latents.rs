//! The latent states of all nodes of a batch of search trees, on the networks' device.

use candle_core::{Result, Tensor, bail};

use crate::device::Device;

/// Memory for the latent state of each node of each tree.
#[derive(Debug)]
pub struct Latents {
    roots: usize,
    /// `[nodes · roots, width]`
    slots: Tensor,
    device: Device,
}

impl Latents {
    /// Memory for `nodes` nodes of `roots` trees, with `width` numbers for each.
    ///
    /// # Errors
    /// If the device is out of memory.
    pub fn new(device: &Device, nodes: usize, roots: usize, width: usize) -> Result<Self> {
        let slots = device.zeros((nodes * roots, width))?;
        Ok(Self { roots, slots, device: device.clone() })
    }

    /// Stores the latent states `[roots, width]` of node `node` of every tree.
    ///
    /// # Errors
    /// If the shape does not fit.
    pub fn put(&self, node: usize, latents: &Tensor) -> Result<()> {
        self.slots.slice_set(&latents.contiguous()?, 0, node * self.roots)
    }

    /// The places `[roots]` of node `nodes[r]` of each tree `r`. They hold for any [`Latents`] of as many
    /// trees.
    ///
    /// # Errors
    /// If there is not one node for each tree.
    pub fn places(&self, nodes: &[u32]) -> Result<Tensor> {
        if nodes.len() != self.roots {
            bail!("{} nodes for {} trees", nodes.len(), self.roots);
        }
        let roots = self.roots as u32;
        let slots: Vec<u32> =
            (0..roots).zip(nodes).map(|(root, node)| node * roots + root).collect();
        self.device.upload(slots, self.roots)
    }

    /// The latent states `[roots, width]` at these [places](Self::places).
    ///
    /// # Errors
    /// If a place is out of range.
    pub fn get(&self, places: &Tensor) -> Result<Tensor> {
        self.slots.index_select(places, 0)
    }
}
