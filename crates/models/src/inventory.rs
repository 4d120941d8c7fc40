//! What every network has beside its layers' forward passes.

use crate::parameters::{MacCounter, Parameters};
use crate::parts::Part;

/// A network's parameters, the list of its layers, and the counter of its multiply–accumulates.
#[derive(Clone, Debug)]
pub struct Inventory {
    pub(crate) parameters: Parameters,
    pub(crate) counter: MacCounter,
    pub(crate) parts: Vec<Part>,
}
