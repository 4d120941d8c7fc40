//! All networks of a planner: representation h, dynamics g, prediction f, and those of the consistency loss.

use candle_core::{Result, Tensor};
use rand_chacha::ChaCha8Rng;

use super::consistency::Consistency;
use super::dynamics::{Dynamics, Memory, Next};
use super::network::{Inventory, Network};
use super::prediction::Prediction;
use super::representation::{Representation, Sight};
use super::settings::NetworkSize;
use crate::device::{Device, Precision};
use crate::layers::Mode;
use crate::ops;
use crate::parameters::Builder;
use crate::support::Support;

/// What a planner's networks must be.
#[derive(Clone, Debug)]
pub struct Design {
    /// `[features]` or `[channels, height, width]`.
    pub observation_shape: Vec<usize>,
    /// How many actions there are.
    pub num_actions: usize,
    /// The sizes.
    pub size: NetworkSize,
    /// Atoms of values.
    pub value_support: Support,
    /// Atoms of rewards or value prefixes.
    pub reward_support: Support,
    /// Whether rewards are predicted as value prefixes by an LSTM.
    pub value_prefix: bool,
    /// Whether there is a projector and a predictor.
    pub consistency: bool,
}

/// The networks of a planner.
#[derive(Clone, Debug)]
pub struct PlannerNetworks {
    design: Design,
    sight: Sight,
    representation: Representation,
    dynamics: Dynamics,
    prediction: Prediction,
    consistency: Option<Consistency>,
    inventory: Inventory,
}

impl PlannerNetworks {
    /// Networks with weights drawn from `stream`.
    ///
    /// # Errors
    /// If the observation's shape is none that the networks can see.
    pub fn new(design: Design, stream: &mut ChaCha8Rng, device: &Device) -> Result<Self> {
        let sight = Sight::new(&design.observation_shape)?;
        let mut build = Builder::new(stream, design.size.style(), device);
        let size = &design.size;
        let representation = Representation::new(&mut build, sight, size)?;
        let board = representation.board();
        let outputs = (design.num_actions, design.reward_support.atoms());
        let dynamics = Dynamics::new(&mut build, board, size, outputs, design.value_prefix)?;
        let outputs = (design.num_actions, design.value_support.atoms());
        let prediction = Prediction::new(&mut build, board, size, outputs)?;
        let width = board.cells() * size.channels;
        let consistency = design
            .consistency
            .then(|| Consistency::new(&mut build, width, size.projection))
            .transpose()?;
        let inventory = build.finish();
        Ok(Self { design, sight, representation, dynamics, prediction, consistency, inventory })
    }

    /// What they were made to be.
    #[must_use]
    pub fn design(&self) -> &Design {
        &self.design
    }

    /// Numbers in one sample's latent state.
    #[must_use]
    pub fn latent_width(&self) -> usize {
        self.representation.board().cells() * self.design.size.channels
    }

    /// Observations `[B, planes, height, width]` as rows of cells `[B·P, planes]`, which is how the networks look at
    /// them.
    ///
    /// # Errors
    /// If the numbers are no observations.
    pub fn rows(&self, observations: &[f32]) -> Result<Tensor> {
        self.sight.rows(observations, self.device())
    }

    /// h: observations as [rows of cells](Self::rows) to flat latent states `[B, L]`.
    ///
    /// # Errors
    /// If the shape does not fit.
    pub fn represent(&self, rows: &Tensor, mode: Mode) -> Result<Tensor> {
        self.flat(&self.representation.forward(rows, mode)?)
    }

    /// Rows of one observation.
    pub(super) fn rows_of_one(&self) -> usize {
        self.sight.board.cells()
    }

    /// g: one step from flat latent states `[B, L]` by [encoded](Self::encoded) actions.
    ///
    /// # Errors
    /// If the shapes do not fit.
    pub fn step(
        &self,
        latent: &Tensor,
        actions: &Tensor,
        memory: Option<&Memory>,
        mode: Mode,
    ) -> Result<Next> {
        let latent = self.advance(latent, actions, mode)?;
        let (reward_logits, memory) = self.reward(&latent, memory, mode)?;
        Ok(Next { latent, reward_logits, memory })
    }

    /// Actions as the dynamics network takes them, `[B, planes]`.
    ///
    /// # Errors
    /// If the memory does not suffice.
    pub fn encoded(&self, actions: &[u32]) -> Result<Tensor> {
        let (encoding, num_actions) = (self.design.size.action_encoding, self.design.num_actions);
        let shape = (actions.len(), encoding.planes(num_actions));
        self.device().upload(encoding.encode(actions, num_actions), shape)
    }

    /// The first half of g: from flat latent states `[B, L]` to the next ones, by
    /// [encoded](Self::encoded) actions.
    ///
    /// # Errors
    /// If the shapes do not fit.
    pub fn advance(&self, latent: &Tensor, actions: &Tensor, mode: Mode) -> Result<Tensor> {
        self.flat(&self.dynamics.advance(&self.cells(latent)?, actions, mode)?)
    }

    /// The second half of g: what the step to flat latent states `[B, L]` brought, as logits of the reward
    /// (or value prefix) `[B, atoms]`, and the LSTM's new state.
    ///
    /// # Errors
    /// If the shapes do not fit, or there is no memory where there is an LSTM.
    pub fn reward(
        &self,
        latent: &Tensor,
        memory: Option<&Memory>,
        mode: Mode,
    ) -> Result<(Tensor, Option<Memory>)> {
        self.dynamics.rewards(&self.cells(latent)?, memory, 1, mode)
    }

    /// What all steps of an unroll of `samples` samples brought, to flat latent states `[K·B, L]`, step after step:
    /// logits of rewards (or value prefixes, which start anew after every `horizon` steps) `[K·B, atoms]`. Behind the
    /// LSTM and before it, where batches are normalised, the batch is all of them: see [`PlannerNetworks::predict`].
    ///
    /// # Errors
    /// If the shapes do not fit.
    pub fn rewards(
        &self,
        states: &Tensor,
        samples: usize,
        horizon: usize,
        mode: Mode,
    ) -> Result<Tensor> {
        let blank = self.blank_memory(samples)?;
        let (logits, _) =
            self.dynamics.rewards(&self.cells(states)?, blank.as_ref(), horizon, mode)?;
        Ok(logits)
    }

    /// f: flat latent states `[B, L]` to value logits `[B, atoms]` and policy logits `[B, A]`.
    ///
    /// Where batches are normalised, what is learnt from must be one batch of all states of an unroll. With a batch
    /// for each step, as in the released code, each step's states would be brought to mean 0 and deviation 1 by
    /// themselves; in acting no state is, and heads that read small differences say something else there.
    ///
    /// # Errors
    /// If the shapes do not fit.
    pub fn predict(&self, latent: &Tensor, mode: Mode) -> Result<(Tensor, Tensor)> {
        self.prediction.forward(&self.cells(latent)?, mode)
    }

    /// The values behind value logits `[B, atoms]`: `[B]`.
    ///
    /// # Errors
    /// If the shape does not fit.
    pub fn values(&self, logits: &Tensor) -> Result<Vec<f32>> {
        self.device().download(&ops::decode(logits, self.design.value_support)?)
    }

    /// What the unrolled latent states `[B, L]` say that will be seen, as a projection `[B, D]`: projector,
    /// then predictor, with gradients. `None` where the networks have no projector.
    ///
    /// # Errors
    /// If the shapes do not fit.
    pub fn foresee(&self, latent: &Tensor) -> Result<Option<Tensor>> {
        let Some(consistency) = &self.consistency else { return Ok(None) };
        let projection = consistency.project(latent, Mode::Train)?;
        consistency.predict(&projection, Mode::Train).map(Some)
    }

    /// The projection `[B, D]` of what was really seen, as [rows of cells](Self::rows): the target of
    /// [`PlannerNetworks::foresee`], without gradients. `None` where the networks have no projector.
    ///
    /// # Errors
    /// If the shape does not fit.
    pub fn hindsight(&self, rows: &Tensor) -> Result<Option<Tensor>> {
        let Some(consistency) = &self.consistency else { return Ok(None) };
        let latent = self.represent(rows, Mode::Target)?;
        consistency.project(&latent, Mode::Target).map(Some)
    }

    /// The LSTM's state at the start of an unroll, for `samples` samples; `None` where there is no LSTM.
    ///
    /// # Errors
    /// If there is not memory enough.
    pub fn blank_memory(&self, samples: usize) -> Result<Option<Memory>> {
        if !self.design.value_prefix {
            return Ok(None);
        }
        let zeros = self.device().zeros((samples, self.design.size.lstm_hidden))?;
        Ok(Some(Memory { output: zeros.clone(), cell: zeros }))
    }

    /// As latent states are kept and learnt from: a row each, in single precision.
    fn flat(&self, latent: &Tensor) -> Result<Tensor> {
        Precision::F32.of(latent)?.reshape(((), self.latent_width()))
    }

    fn cells(&self, latent: &Tensor) -> Result<Tensor> {
        latent.reshape(((), self.design.size.channels))
    }
}

impl Network for PlannerNetworks {
    fn inventory(&self) -> &Inventory {
        &self.inventory
    }
}
