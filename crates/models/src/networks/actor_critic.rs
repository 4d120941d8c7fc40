//! The network of policy-gradient agents: an observation to a policy and a value.

use candle_core::{Result, Tensor};
use rand_chacha::ChaCha8Rng;

use super::head::Head;
use super::network::{Inventory, Network};
use super::representation::{Representation, Sight};
use super::settings::NetworkSize;
use crate::device::Device;
use crate::layers::Mode;
use crate::parameters::Builder;

/// A planner's representation with a policy head and a value head.
#[derive(Clone, Debug)]
pub struct ActorCritic {
    sight: Sight,
    representation: Representation,
    policy: Head,
    value: Head,
    inventory: Inventory,
}

impl ActorCritic {
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
        build.part("actor");
        let policy = Head::new(&mut build, "policy", representation.board(), size, num_actions)?;
        build.part("critic");
        let value = Head::new(&mut build, "value", representation.board(), size, 1)?;
        let inventory = build.finish();
        Ok(Self { sight, representation, policy, value, inventory })
    }

    /// Observations `[B, observation]` to policy logits `[B, A]` and values `[B]`.
    ///
    /// # Errors
    /// If the numbers are no observations.
    pub fn forward(&self, observations: &[f32], mode: Mode) -> Result<(Tensor, Tensor)> {
        let latent =
            self.representation.forward(&self.sight.rows(observations, self.device())?, mode)?;
        let values = self.value.forward(&latent, mode)?.squeeze(1)?;
        Ok((self.policy.forward(&latent, mode)?, values))
    }
}

impl Network for ActorCritic {
    fn inventory(&self) -> &Inventory {
        &self.inventory
    }
}
