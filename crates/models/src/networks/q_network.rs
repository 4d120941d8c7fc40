//! The network of value-based agents: an observation to numbers for each action.

use candle_core::{Result, Tensor};
use rand_chacha::ChaCha8Rng;

use super::action_values::ActionValues;
use super::network::{Inventory, Network};
use super::representation::{Representation, Sight};
use super::settings::NetworkSize;
use crate::device::Device;
use crate::layers::Mode;
use crate::parameters::Builder;

/// What a network of action values must be.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct QDesign {
    /// How many actions there are.
    pub num_actions: usize,
    /// Numbers for each action: 1 is its value, more are the logits of a distribution.
    pub atoms: usize,
    /// Whether values of states and advantages of actions are estimated apart (Wang et al. 2016).
    pub dueling: bool,
    /// Whether the head's weights are noisy (Fortunato et al. 2018).
    pub noisy: bool,
}

/// A planner's representation with one head of action values.
#[derive(Clone, Debug)]
pub struct QNetwork {
    sight: Sight,
    representation: Representation,
    head: ActionValues,
    inventory: Inventory,
}

impl QNetwork {
    /// A network with weights drawn from `stream`.
    ///
    /// # Errors
    /// If the observation's shape is none that the network can see.
    pub fn new(
        observation_shape: &[usize],
        design: QDesign,
        size: &NetworkSize,
        stream: &mut ChaCha8Rng,
        device: &Device,
    ) -> Result<Self> {
        let sight = Sight::new(observation_shape)?;
        let mut build = Builder::new(stream, size.style(), device);
        let representation = Representation::new(&mut build, sight, size)?;
        build.part("values");
        let head = ActionValues::new(&mut build, representation.board(), size, design)?;
        let inventory = build.finish();
        Ok(Self { sight, representation, head, inventory })
    }

    /// Observations `[B, observation]` to `[B·A, atoms]`: the rows of one sample's actions follow each other.
    /// Noisy weights draw from `noise`, without it they are their means.
    ///
    /// # Errors
    /// If the numbers are no observations.
    pub fn forward(
        &self,
        observations: &[f32],
        mode: Mode,
        noise: Option<&mut ChaCha8Rng>,
    ) -> Result<Tensor> {
        let latent =
            self.representation.forward(&self.sight.rows(observations, self.device())?, mode)?;
        self.head.forward(&latent, mode, noise)
    }
}

impl Network for QNetwork {
    fn inventory(&self) -> &Inventory {
        &self.inventory
    }
}
