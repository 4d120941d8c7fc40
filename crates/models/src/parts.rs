//! What a network is made of, layer by layer.

use serde::Serialize;

/// One layer of a network.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Layer {
    /// Its name, the prefix of its weights' names.
    pub name: String,
    /// Shape of its output for one sample.
    pub output_shape: Vec<usize>,
    /// Trainable numbers.
    pub parameters: u64,
    /// Multiply–accumulates for one sample; a FLOP count is twice this. Normalisations, activations and
    /// biases are not counted, as is the custom.
    pub macs: u64,
}

/// One network: a list of layers.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Part {
    /// What it is: representation, dynamics, …
    pub name: String,
    /// Its layers in the order of the forward pass.
    pub layers: Vec<Layer>,
}

impl Part {
    /// Trainable numbers of all its layers.
    #[must_use]
    pub fn parameters(&self) -> u64 {
        self.layers.iter().map(|layer| layer.parameters).sum()
    }

    /// Multiply–accumulates for one sample.
    #[must_use]
    pub fn macs(&self) -> u64 {
        self.layers.iter().map(|layer| layer.macs).sum()
    }
}
