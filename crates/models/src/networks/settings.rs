//! How large the networks are.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::device::Precision;
use crate::normalisation::Normalization;
use crate::parameters::Style;

/// Sizes for observations that are vectors and for those that are images; the environment decides which
/// is used.
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

    /// Looks at the ranges.
    ///
    /// # Errors
    /// The key and what is wrong with it.
    pub fn check(&self) -> Result<(), (&'static str, String)> {
        for (size, keys) in [(&self.vector, VECTOR_KEYS), (&self.image, IMAGE_KEYS)] {
            let sizes = [size.channels, size.head_hidden, size.lstm_hidden, size.projection];
            for (value, key) in sizes.into_iter().zip(keys.sizes) {
                if value == 0 {
                    return Err((key, "must be at least 1".to_owned()));
                }
            }
            let momentum = size.normalization_momentum;
            if !(momentum > 0.0 && momentum <= 1.0) {
                let message = format!("must be above 0 and at most 1, not {momentum}");
                return Err((keys.momentum, message));
            }
        }
        if self.vector.downsampling != Downsampling::None {
            let message = "must be `none`: a vector has no rows and columns to leave out";
            return Err(("vector.downsampling", message.to_owned()));
        }
        Ok(())
    }
}

/// What the settings of a size are called.
struct Keys {
    sizes: [&'static str; 4],
    momentum: &'static str,
}

const VECTOR_KEYS: Keys = Keys {
    sizes: ["vector.channels", "vector.head_hidden", "vector.lstm_hidden", "vector.projection"],
    momentum: "vector.normalization_momentum",
};
const IMAGE_KEYS: Keys = Keys {
    sizes: ["image.channels", "image.head_hidden", "image.lstm_hidden", "image.projection"],
    momentum: "image.normalization_momentum",
};

/// How much smaller the latent state's board is than the observation's.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum Downsampling {
    /// As large: for boards of few cells.
    None,
    /// A sixteenth of its height and of its width, rounded up at each of four halvings (MuZero, appendix F): a
    /// convolution with stride 2 to half the channels, a residual block with stride 2 to all of them, and two
    /// average poolings, each halving but the last followed by one residual block (Ye et al. 2021, appendix A).
    Sixteenth,
    /// The three convolutions of DQN (Mnih et al. 2015), which stay on the board: windows of 8×8 with stride 4 to
    /// half the channels, of 4×4 with stride 2 and of 3×3 to all of them. 84×84 cells become 7×7. No window is larger than its board.
    Nature,
}

/// How the dynamics network is told of an action: planes beside those of the latent state.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum ActionEncoding {
    /// A plane for each action: ones in that of the chosen one, zeros in the others.
    OneHot,
    /// One plane, of the action's number as a share of how many there are, `a/|A|` (Ye et al. 2021).
    Share,
}

impl ActionEncoding {
    /// How many planes tell of one of `num_actions` actions.
    pub(crate) fn planes(self, num_actions: usize) -> usize {
        match self {
            Self::OneHot => num_actions,
            Self::Share => 1,
        }
    }

    /// `[B, planes]`: what each of `actions` has in its planes, row after row.
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
    #[schemars(range(min = 1))]
    pub channels: usize,
    /// Residual blocks of each of representation (behind its downsampling), dynamics and prediction.
    pub blocks: usize,
    /// How much smaller the latent state's board is than the observation's.
    pub downsampling: Downsampling,
    /// How the dynamics network is told of an action.
    pub action_encoding: ActionEncoding,
    /// What layers over the cells are normalised by.
    pub normalization: Normalization,
    /// What layers with one row a sample are normalised by: the hidden layers of heads and what the LSTM puts
    /// out. A row's own moments leave in what all rows share: where that is nearly everything, as in the frames of a
    /// video game, heads learn from them how frequent things are and little else. The projector always takes the
    /// batch's, since it is used in learning only.
    pub head_normalization: Normalization,
    /// How much of a batch's moments becomes part of the running ones, by which acting and searching normalise; 1:
    /// they are the last batch's. At 0.1, PyTorch's default, they are those of the weights of about ten batches ago.
    /// Where what all observations share outweighs what differs between them, as in the frames of a video game, the
    /// weights of ten steps ago are another network: it says one thing in learning and another in acting.
    #[schemars(extend("exclusiveMinimum" = 0.0), range(max = 1.0))]
    pub normalization_momentum: f32,
    /// In what precision the products of the trunks are taken; heads compute in single precision.
    pub precision: Precision,
    /// Planes that a head squeezes the latent state into; 0: it takes all of them as they are.
    pub head_channels: usize,
    /// Width of a head's hidden layer.
    #[schemars(range(min = 1))]
    pub head_hidden: usize,
    /// Width of the value prefix's LSTM.
    #[schemars(range(min = 1))]
    pub lstm_hidden: usize,
    /// Width of the consistency projector's layers; the predictor's hidden layer has half of it.
    #[schemars(range(min = 1))]
    pub projection: usize,
}

/// PyTorch's default.
const MOMENTUM: f32 = 0.1;

impl NetworkSize {
    pub(crate) fn style(&self) -> Style {
        Style {
            normalization: self.normalization,
            head_normalization: self.head_normalization,
            momentum: self.normalization_momentum,
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
