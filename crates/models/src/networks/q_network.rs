//! The network of value-based agents: an observation to one or more numbers for each action.

use candle_core::Result;
use rand_chacha::ChaCha8Rng;

use super::action_values::{ActionValues, QDesign};
use super::network::Network;
use super::representation::{ObservationLayout, RepresentationNetwork};
use super::settings::NetworkSize;
use crate::device::Device;
use crate::inventory::Inventory;
use crate::layers::{Builder, ForwardMode};
use crate::traced::Traced;

/// A planner's representation with one head of action values.
#[derive(Clone, Debug)]
pub struct QNetwork {
    layout: ObservationLayout,
    representation: RepresentationNetwork,
    head: ActionValues,
    inventory: Inventory,
}

impl QNetwork {
    /// A network with weights drawn from `stream`.
    ///
    /// # Errors
    /// If the observation has neither one nor three dimensions.
    pub fn new(
        observation_shape: &[usize],
        design: QDesign,
        size: &NetworkSize,
        stream: &mut ChaCha8Rng,
        device: &Device,
    ) -> Result<Self> {
        let layout = ObservationLayout::new(observation_shape)?;
        let mut build = Builder::new(stream, size.layer_settings(), device);
        let representation = RepresentationNetwork::new(&mut build, layout, size)?;
        build.part("values");
        let head = ActionValues::new(&mut build, representation.board(), size, design)?;
        let inventory = build.finish();
        Ok(Self { layout, representation, head, inventory })
    }

    /// Observations `[B, observation]` to `[B·A, atoms]`, with the actions of a sample in adjacent rows.
    /// Noisy weights draw from `noise`; without it they equal their means.
    ///
    /// # Errors
    /// If `observations` is not a whole number of observations.
    pub fn forward(
        &self,
        observations: &[f32],
        mode: ForwardMode,
        noise: Option<&mut ChaCha8Rng>,
    ) -> Result<Traced> {
        let latent =
            self.representation.forward(&self.layout.rows(observations, self.device())?, mode)?;
        self.head.forward(&latent, mode, noise)
    }
}

impl Network for QNetwork {
    fn inventory(&self) -> &Inventory {
        &self.inventory
    }
}
