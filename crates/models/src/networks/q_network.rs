//! The network of value-based agents: an observation to one value an action.

use candle_core::{Result, Tensor};
use rand_chacha::ChaCha8Rng;

use super::head::Head;
use super::representation::{Representation, Sight};
use super::settings::NetworkSize;
use crate::describe::Part;
use crate::device::Device;
use crate::layers::Mode;
use crate::parameters::{Builder, MacCounter, Parameters};

/// A planner's representation with one head of `A` values.
#[derive(Clone, Debug)]
pub struct QNetwork {
    sight: Sight,
    representation: Representation,
    head: Head,
    parameters: Parameters,
    counter: MacCounter,
    parts: Vec<Part>,
}

impl QNetwork {
    /// A network with weights drawn from `stream`.
    ///
    /// # Errors
    /// If the observation's shape is none that the network can see.
    pub fn new(
        observation_shape: &[usize],
        num_actions: usize,
        size: &NetworkSize,
        stream: &mut ChaCha8Rng,
        device: &Device,
    ) -> Result<Self> {
        let sight = Sight::new(observation_shape)?;
        let mut build = Builder::new(stream, size.style(), device);
        let representation = Representation::new(&mut build, sight, size)?;
        build.part("values");
        let head = Head::new(&mut build, "action", representation.board(), size, num_actions)?;
        let (parameters, counter, parts) = build.finish();
        Ok(Self { sight, representation, head, parameters, counter, parts })
    }

    /// Its named numbers.
    #[must_use]
    pub fn parameters(&self) -> &Parameters {
        &self.parameters
    }

    /// Where it computes.
    #[must_use]
    pub fn device(&self) -> &Device {
        self.parameters.device()
    }

    /// The counter of the multiply–accumulates that it runs.
    #[must_use]
    pub fn counter(&self) -> &MacCounter {
        &self.counter
    }

    /// What it is made of.
    #[must_use]
    pub fn parts(&self) -> &[Part] {
        &self.parts
    }

    /// Observations `[B, observation]` to action values `[B, A]`.
    ///
    /// # Errors
    /// If the numbers are no observations.
    pub fn forward(&self, observations: &[f32], mode: Mode) -> Result<Tensor> {
        let latent =
            self.representation.forward(&self.sight.rows(observations, self.device())?, mode)?;
        self.head.forward(&latent, mode)
    }
}
