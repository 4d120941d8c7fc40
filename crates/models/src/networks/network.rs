//! What every network has beside its layers.

use crate::describe::Part;
use crate::device::Device;
use crate::parameters::{MacCounter, Parameters};

/// The numbers of a network, what it is made of, and the count of what is done with it.
#[derive(Clone, Debug)]
pub struct Inventory {
    pub(crate) parameters: Parameters,
    pub(crate) counter: MacCounter,
    pub(crate) parts: Vec<Part>,
}

/// A network, or several that learn together.
pub trait Network {
    /// What it has.
    fn inventory(&self) -> &Inventory;

    /// Its named numbers.
    fn parameters(&self) -> &Parameters {
        &self.inventory().parameters
    }

    /// Where it computes.
    fn device(&self) -> &Device {
        self.parameters().device()
    }

    /// The counter of the multiply–accumulates that it runs.
    fn counter(&self) -> &MacCounter {
        &self.inventory().counter
    }

    /// What it is made of.
    fn parts(&self) -> &[Part] {
        &self.inventory().parts
    }
}
