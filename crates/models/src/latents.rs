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

    /// Where the latents of node `nodes[r]` of tree `r` are kept, `[roots]`: here and wherever as many trees have as
    /// many nodes.
    ///
    /// # Errors
    /// If the nodes are not those of all trees.
    pub fn places(&self, nodes: &[u32]) -> Result<Tensor> {
        if nodes.len() != self.roots {
            bail!("{} nodes asked of {} trees", nodes.len(), self.roots);
        }
        let roots = self.roots as u32;
        let slots: Vec<u32> =
            (0..roots).zip(nodes).map(|(root, node)| node * roots + root).collect();
        self.device.upload(slots, self.roots)
    }

    /// The latents at these [places](Self::places): `[roots, width]`.
    ///
    /// # Errors
    /// If there is no such place.
    pub fn get(&self, places: &Tensor) -> Result<Tensor> {
        self.slots.index_select(places, 0)
    }
}
