//! The sizes of the networks.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use zerolab_settings::range::{MOST_UNITS, at_most, count, positive};
use zerolab_settings::{SettingsError, within};

use crate::layers::{LayerSettings, Normalization};
use crate::precision::Precision;

/// Sizes for observations that are vectors and for those that are images. The environment decides which is
/// used.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct NetworkSettings {
    /// For observations of shape `[features]`.
    pub vector: NetworkSize,
    /// For observations of shape `[channels, height, width]`.
    pub image: NetworkSize,
}

impl Default for NetworkSettings {
    fn default() -> Self {
        Self {
            vector: NetworkSize {
                channels: 64,
                normalization: Normalization::Layer,
                head_channels: 32,
                head_hidden: 32,
                lstm_hidden: 32,
                ..NetworkSize::default()
            },
            image: NetworkSize::default(),
        }
    }
}

impl NetworkSettings {
    /// The size for observations of this shape.
    #[must_use]
    pub fn size(&self, observation_shape: &[usize]) -> &NetworkSize {
        if observation_shape.len() == 1 { &self.vector } else { &self.image }
    }

    /// Checks the ranges of the settings.
    ///
    /// # Errors
    /// The first setting that is out of range.
    pub fn check(&self) -> Result<(), SettingsError> {
        within("vector", self.vector.check())?;
        within("image", self.image.check())?;
        if self.vector.downsampling != Downsampling::None {
            let message = "must be `none`: a vector has no rows and columns to leave out";
            return Err(SettingsError::new("vector.downsampling", message));
        }
        Ok(())
    }
}

/// Reduction of the board from the observation to the latent state.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum Downsampling {
    /// None: for small boards.
    None,
    /// A sixteenth of height and width, in four halvings that each round up (MuZero, appendix F): a
    /// convolution with stride 2 to half the channels, a residual block with stride 2 to all channels, and
    /// two average poolings. One residual block follows each halving but the last (Ye et al. 2021, appendix
    /// A).
    Sixteenth,
    /// The three convolutions of DQN without padding (Mnih et al. 2015): 8×8 with stride 4 to half the
    /// channels, then 4×4 with stride 2 and 3×3 to all channels. 84×84 cells become 7×7. No window is larger
    /// than its board.
    Nature,
}

/// The encoding of an action for the dynamics network, as planes after those of the latent state.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum ActionEncoding {
    /// One plane for each action: ones in the plane of the chosen action, zeros in the others.
    OneHot,
    /// One plane of `a/|A|`, the action's number divided by the number of actions (Ye et al. 2021).
    Share,
}

impl ActionEncoding {
    /// Number of planes that encode one of `num_actions` actions.
    pub(crate) fn planes(self, num_actions: usize) -> usize {
        match self {
            Self::OneHot => num_actions,
            Self::Share => 1,
        }
    }

    /// The number in each plane for each of `actions`: `[B, planes]`.
    pub(crate) fn encode(self, actions: &[u32], num_actions: usize) -> Vec<f32> {
        match self {
            Self::OneHot => {
                let mut rows = vec![0.0; actions.len() * num_actions];
                for (row, &action) in rows.chunks_exact_mut(num_actions).zip(actions) {
                    row[action as usize] = 1.0;
                }
                rows
            }
            Self::Share => {
                actions.iter().map(|&action| action as f32 / num_actions as f32).collect()
            }
        }
    }
}

/// The size of the networks.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct NetworkSize {
    /// Planes of the latent state; for vectors its width.
    #[schemars(range(min = 1, max = MOST_UNITS))]
    pub channels: usize,
    /// Number of residual blocks in each of representation (after its downsampling), dynamics and prediction.
    #[schemars(range(max = MOST_BLOCKS))]
    pub blocks: usize,
    /// Reduction of the board from the observation to the latent state.
    pub downsampling: Downsampling,
    /// The encoding of an action for the dynamics network.
    pub action_encoding: ActionEncoding,
    /// Normalization of layers that compute a row for each cell.
    pub normalization: Normalization,
    /// Normalization of layers that compute one row for each sample: the hidden layers of heads and the
    /// LSTM's output. Layer normalization does not remove what all rows have in common. In the frames of a
    /// video game that is nearly everything, and heads then learn frequencies and little else. The projector
    /// always has batch normalization, since it is used in learning only.
    pub head_normalization: Normalization,
    /// Weight of a batch's moments in the running moments, which acting and searching use. With 1 the running
    /// moments are the last batch's. With 0.1, PyTorch's default, they belong to the weights of about ten
    /// batches ago. If observations differ little from each other, as the frames of a video game do, these
    /// old moments make the network predict something else in acting than in learning.
    #[schemars(extend("exclusiveMinimum" = 0.0), range(max = 1.0))]
    pub normalization_momentum: f64,
    /// Precision of the products in trunks. Heads compute in single precision.
    pub precision: Precision,
    /// Planes of a head's 1×1 convolution. With 0 a head has none and reads the latent state itself.
    #[schemars(range(max = MOST_UNITS))]
    pub head_channels: usize,
    /// Width of a head's hidden layer.
    #[schemars(range(min = 1, max = MOST_UNITS))]
    pub head_hidden: usize,
    /// Width of the value prefix's LSTM.
    #[schemars(range(min = 1, max = MOST_UNITS))]
    pub lstm_hidden: usize,
    /// Width of the consistency projector's layers. The predictor's hidden layer has half of it.
    #[schemars(range(min = 1, max = MOST_UNITS))]
    pub projection: usize,
}

/// The most residual blocks of a network.
const MOST_BLOCKS: u64 = 1000;

/// PyTorch's default.
const MOMENTUM: f64 = 0.1;

impl NetworkSize {
    fn check(&self) -> Result<(), SettingsError> {
        count("channels", self.channels as u64, MOST_UNITS)?;
        count("head_hidden", self.head_hidden as u64, MOST_UNITS)?;
        count("lstm_hidden", self.lstm_hidden as u64, MOST_UNITS)?;
        count("projection", self.projection as u64, MOST_UNITS)?;
        at_most("head_channels", self.head_channels as u64, MOST_UNITS)?;
        at_most("blocks", self.blocks as u64, MOST_BLOCKS)?;
        let momentum = self.normalization_momentum;
        positive("normalization_momentum", momentum)?;
        if momentum <= 1.0 {
            return Ok(());
        }
        let message = format!("must be above 0 and at most 1, not {momentum}");
        Err(SettingsError::new("normalization_momentum", message))
    }

    pub(crate) fn layer_settings(&self) -> LayerSettings {
        LayerSettings {
            normalization: self.normalization,
            head_normalization: self.head_normalization,
            momentum: self.normalization_momentum as f32,
            precision: self.precision,
        }
    }
}

impl Default for NetworkSize {
    fn default() -> Self {
        Self {
            channels: 16,
            blocks: 1,
            downsampling: Downsampling::None,
            action_encoding: ActionEncoding::OneHot,
            normalization: Normalization::Batch,
            head_normalization: Normalization::Layer,
            normalization_momentum: MOMENTUM,
            precision: Precision::F32,
            head_channels: 8,
            head_hidden: 64,
            lstm_hidden: 64,
            projection: 128,
        }
    }
}
