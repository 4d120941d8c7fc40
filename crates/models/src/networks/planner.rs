//! The networks of a planner: representation h, dynamics g, prediction f, projector and predictor.

use candle_core::{Result, Tensor};
use rand_chacha::ChaCha8Rng;

use super::consistency::ConsistencyNetworks;
use super::dynamics::{DynamicsNetwork, DynamicsOutput, LstmState};
use super::network::Network;
use super::prediction::PredictionNetwork;
use super::representation::{ObservationLayout, RepresentationNetwork};
use super::settings::NetworkSize;
use crate::device::Device;
use crate::inventory::Inventory;
use crate::layers::{Builder, ForwardMode};
use crate::ops;
use crate::precision::Precision;
use crate::support::Support;
use crate::traced::Traced;

/// Inputs, outputs and sizes of a planner's networks.
#[derive(Clone, Debug)]
pub struct Design {
    /// `[features]` or `[channels, height, width]`.
    pub observation_shape: Vec<usize>,
    /// Number of actions.
    pub num_actions: usize,
    /// Sizes of the layers.
    pub size: NetworkSize,
    /// The atoms of values.
    pub value_support: Support,
    /// The atoms of rewards or value prefixes.
    pub reward_support: Support,
    /// Whether an LSTM predicts value prefixes instead of rewards.
    pub value_prefix: bool,
    /// Whether there is a projector and a predictor.
    pub consistency: bool,
}

/// The networks of a planner.
#[derive(Clone, Debug)]
pub struct PlannerNetworks {
    design: Design,
    layout: ObservationLayout,
    representation: RepresentationNetwork,
    dynamics: DynamicsNetwork,
    prediction: PredictionNetwork,
    consistency: Option<ConsistencyNetworks>,
    inventory: Inventory,
}

impl PlannerNetworks {
    /// Networks with weights drawn from `stream`.
    ///
    /// # Errors
    /// If the observation has neither one nor three dimensions.
    pub fn new(design: Design, stream: &mut ChaCha8Rng, device: &Device) -> Result<Self> {
        let layout = ObservationLayout::new(&design.observation_shape)?;
        let mut build = Builder::new(stream, design.size.layer_settings(), device);
        let size = &design.size;
        let representation = RepresentationNetwork::new(&mut build, layout, size)?;
        let board = representation.board();
        let outputs = (design.num_actions, design.reward_support.atoms());
        let dynamics = DynamicsNetwork::new(&mut build, board, size, outputs, design.value_prefix)?;
        let outputs = (design.num_actions, design.value_support.atoms());
        let prediction = PredictionNetwork::new(&mut build, board, size, outputs)?;
        let width = board.cells() * size.channels;
        let consistency = design
            .consistency
            .then(|| ConsistencyNetworks::new(&mut build, width, size.projection))
            .transpose()?;
        let inventory = build.finish();
        Ok(Self { design, layout, representation, dynamics, prediction, consistency, inventory })
    }

    /// The design that the networks were made from.
    #[must_use]
    pub fn design(&self) -> &Design {
        &self.design
    }

    /// Numbers in one sample's latent state, `L`.
    #[must_use]
    pub fn latent_width(&self) -> usize {
        self.representation.board().cells() * self.design.size.channels
    }

    /// Observations `[B, planes, height, width]` as rows of cells `[B·P, planes]`, the layout that the
    /// networks read.
    ///
    /// # Errors
    /// If `observations` is not a whole number of observations.
    pub fn rows(&self, observations: &[f32]) -> Result<Tensor> {
        self.layout.rows(observations, self.device())
    }

    /// h: observations as [rows of cells](Self::rows) to flat latent states `[B, L]`.
    ///
    /// # Errors
    /// If the shape does not fit.
    pub fn represent(&self, rows: &Tensor, mode: ForwardMode) -> Result<Traced> {
        self.flat(&self.representation.forward(rows, mode)?)
    }

    /// Rows of one observation, `P`.
    pub(super) fn rows_per_sample(&self) -> usize {
        self.layout.board.cells()
    }

    /// g: one step from flat latent states `[B, L]` and [encoded](Self::encoded) actions.
    ///
    /// # Errors
    /// If the shapes do not fit.
    pub fn step(
        &self,
        latent: &Traced,
        actions: &Tensor,
        memory: Option<&LstmState<Traced>>,
        mode: ForwardMode,
    ) -> Result<DynamicsOutput<Traced>> {
        let latent = self.advance(latent, actions, mode)?;
        let (reward_logits, memory) = self.reward(&latent, memory, mode)?;
        Ok(DynamicsOutput { latent, reward_logits, memory })
    }

    /// Actions as the dynamics network reads them, `[B, planes]`.
    ///
    /// # Errors
    /// If the device is out of memory.
    pub fn encoded(&self, actions: &[u32]) -> Result<Tensor> {
        let (encoding, num_actions) = (self.design.size.action_encoding, self.design.num_actions);
        let shape = (actions.len(), encoding.planes(num_actions));
        self.device().upload(encoding.encode(actions, num_actions), shape)
    }

    /// The first half of g: the next flat latent states, from flat latent states `[B, L]` and
    /// [encoded](Self::encoded) actions.
    ///
    /// # Errors
    /// If the shapes do not fit.
    pub fn advance(&self, latent: &Traced, actions: &Tensor, mode: ForwardMode) -> Result<Traced> {
        self.flat(&self.dynamics.advance(&self.cells(latent)?, actions, mode)?)
    }

    /// The second half of g: logits `[B, atoms]` of the rewards (or value prefixes) of the steps that led to
    /// flat latent states `[B, L]`, and the LSTM's new state.
    ///
    /// # Errors
    /// If the shapes do not fit, or the networks have an LSTM and `memory` is `None`.
    pub fn reward(
        &self,
        latent: &Traced,
        memory: Option<&LstmState<Traced>>,
        mode: ForwardMode,
    ) -> Result<(Traced, Option<LstmState<Traced>>)> {
        self.dynamics.rewards(&self.cells(latent)?, memory, 1, mode)
    }

    /// Logits `[K·B, atoms]` of the rewards of all steps of an unroll of `samples` samples. `states`
    /// `[K·B, L]` are the flat latent states after the steps, step by step. Value prefixes start again from 0
    /// after every `horizon` steps. A batch normalization takes its moments over all steps together: see
    /// [`PlannerNetworks::predict`].
    ///
    /// # Errors
    /// If the shapes do not fit.
    pub fn rewards(
        &self,
        states: &Traced,
        samples: usize,
        horizon: usize,
        mode: ForwardMode,
    ) -> Result<Traced> {
        let blank = self.blank_memory(samples)?.map(LstmState::constant);
        let (logits, _) =
            self.dynamics.rewards(&self.cells(states)?, blank.as_ref(), horizon, mode)?;
        Ok(logits)
    }

    /// f: flat latent states `[B, L]` to value logits `[B, atoms]` and policy logits `[B, A]`.
    ///
    /// In learning, pass the states of all unrolled steps at once: batch normalizations then take their
    /// moments over all steps. With one call for each step, as in the released code of EfficientZero, each
    /// step's states are normalized by themselves. Acting uses running moments of all steps, and heads that
    /// depend on small differences then predict something else than in learning.
    ///
    /// # Errors
    /// If the shapes do not fit.
    pub fn predict(&self, latent: &Traced, mode: ForwardMode) -> Result<(Traced, Traced)> {
        self.prediction.forward(&self.cells(latent)?, mode)
    }

    /// The values `[B]` of value logits `[B, atoms]`.
    ///
    /// # Errors
    /// If the shape does not fit.
    pub fn values(&self, logits: &Tensor) -> Result<Vec<f32>> {
        self.device().download(&ops::decode(logits, self.design.value_support)?)
    }

    /// The consistency loss's prediction `[B, D]` from unrolled latent states `[B, L]`: projector, then
    /// predictor, with gradients. `None` if the networks have no projector.
    ///
    /// # Errors
    /// If the shapes do not fit.
    pub fn predicted_projection(&self, latent: &Traced) -> Result<Option<Traced>> {
        let Some(consistency) = &self.consistency else { return Ok(None) };
        let projection = consistency.project(latent, ForwardMode::Train)?;
        consistency.predict(&projection, ForwardMode::Train).map(Some)
    }

    /// The target `[B, D]` of [`PlannerNetworks::predicted_projection`]: the projection of the observations
    /// that followed, given as [rows of cells](Self::rows), without gradients. `None` if the networks have no
    /// projector.
    ///
    /// # Errors
    /// If the shape does not fit.
    pub fn target_projection(&self, rows: &Tensor) -> Result<Option<Tensor>> {
        let Some(consistency) = &self.consistency else { return Ok(None) };
        let latent = self.represent(rows, ForwardMode::Target)?;
        Ok(Some(consistency.project(&latent, ForwardMode::Target)?.into_tensor()))
    }

    /// The LSTM's state of zeros at the start of an unroll of `samples` samples; `None` if there is no LSTM.
    ///
    /// # Errors
    /// If the device is out of memory.
    pub fn blank_memory(&self, samples: usize) -> Result<Option<LstmState>> {
        if !self.design.value_prefix {
            return Ok(None);
        }
        let zeros = self.device().zeros((samples, self.design.size.lstm_hidden))?;
        Ok(Some(LstmState { output: zeros.clone(), cell: zeros }))
    }

    /// Rows of cells as flat latent states: one row for each sample, in single precision.
    fn flat(&self, latent: &Traced) -> Result<Traced> {
        Precision::F32.round(latent)?.reshape(((), self.latent_width()))
    }

    /// Flat latent states as rows of cells.
    fn cells(&self, latent: &Traced) -> Result<Traced> {
        latent.reshape(((), self.design.size.channels))
    }
}

impl Network for PlannerNetworks {
    fn inventory(&self) -> &Inventory {
        &self.inventory
    }
}
