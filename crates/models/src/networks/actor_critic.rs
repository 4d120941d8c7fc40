//! The network of PPO and AlphaZero: an observation to a policy and a value.

use candle_core::Result;
use rand_chacha::ChaCha8Rng;

use super::head::Head;
use super::network::Network;
use super::representation::{ObservationLayout, RepresentationNetwork};
use super::settings::NetworkSize;
use crate::device::Device;
use crate::inventory::Inventory;
use crate::layers::{Builder, ForwardMode};
use crate::traced::Traced;

/// A planner's representation with a policy head and a value head.
#[derive(Clone, Debug)]
pub struct ActorCritic {
    layout: ObservationLayout,
    representation: RepresentationNetwork,
    policy: Head,
    value: Head,
    inventory: Inventory,
}

impl ActorCritic {
    /// A network with weights drawn from `stream`.
    ///
    /// # Errors
    /// If the observation has neither one nor three dimensions.
    pub fn new(
        observation_shape: &[usize],
        num_actions: usize,
        size: &NetworkSize,
        stream: &mut ChaCha8Rng,
        device: &Device,
    ) -> Result<Self> {
        let layout = ObservationLayout::new(observation_shape)?;
        let mut build = Builder::new(stream, size.layer_settings(), device);
        let representation = RepresentationNetwork::new(&mut build, layout, size)?;
        build.part("actor");
        let policy = Head::new(&mut build, "policy", representation.board(), size, num_actions)?;
        build.part("critic");
        let value = Head::new(&mut build, "value", representation.board(), size, 1)?;
        let inventory = build.finish();
        Ok(Self { layout, representation, policy, value, inventory })
    }

    /// Observations `[B, observation]` to policy logits `[B, A]` and values `[B]`.
    ///
    /// # Errors
    /// If `observations` is not a whole number of observations.
    pub fn forward(&self, observations: &[f32], mode: ForwardMode) -> Result<(Traced, Traced)> {
        let latent =
            self.representation.forward(&self.layout.rows(observations, self.device())?, mode)?;
        let values = self.value.forward(&latent, mode)?;
        let values = values.reshape(values.tensor().dim(0)?)?;
        Ok((self.policy.forward(&latent, mode)?, values))
    }
}

impl Network for ActorCritic {
    fn inventory(&self) -> &Inventory {
        &self.inventory
    }
}
