//! The layers of a network, with their sizes.

use serde::Serialize;

/// One layer of a network.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Layer {
    /// Name, the prefix of its weights' names.
    pub name: String,
    /// Shape of the output for one sample.
    pub output_shape: Vec<usize>,
    /// Number of trained weights.
    pub parameters: u64,
    /// Multiply–accumulates for one sample, which are two FLOPs each. As usual, normalizations, activations
    /// and biases are not counted.
    pub macs: u64,
}

/// A named part of a network, with its layers.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Part {
    /// Name: `representation`, `dynamics`, …
    pub name: String,
    /// Layers in the order of the forward pass.
    pub layers: Vec<Layer>,
}

impl Part {
    /// Number of trained weights of all layers.
    #[must_use]
    pub fn parameters(&self) -> u64 {
        self.layers.iter().map(|layer| layer.parameters).sum()
    }

    /// Multiply–accumulates of all layers for one sample.
    #[must_use]
    pub fn macs(&self) -> u64 {
        self.layers.iter().map(|layer| layer.macs).sum()
    }
}
