//! The trait that all networks share.

use crate::device::Device;
use crate::inventory::Inventory;
use crate::parameters::{MacCounter, Parameters};
use crate::parts::Part;

/// A network, or several that learn together.
pub trait Network {
    /// Parameters, layers and counter.
    fn inventory(&self) -> &Inventory;

    /// The named tensors.
    fn parameters(&self) -> &Parameters {
        &self.inventory().parameters
    }

    /// The device that holds the parameters and computes.
    fn device(&self) -> &Device {
        self.parameters().device()
    }

    /// The counter of the multiply–accumulates that the network computes.
    fn counter(&self) -> &MacCounter {
        &self.inventory().counter
    }

    /// The layers, part by part.
    fn parts(&self) -> &[Part] {
        &self.inventory().parts
    }
}
