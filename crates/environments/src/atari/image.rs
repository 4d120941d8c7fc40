//! The kinds of images in observations.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// Number of images in an observation.
pub(super) const STACK: usize = 4;

/// Size and colours of an image.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub enum Image {
    /// 96 × 96 pixels in red, green and blue, as in EfficientZero.
    Rgb96,
    /// 84 × 84 pixels in ALE's grey, as in DQN.
    Grey84,
}

impl Image {
    /// Number of rows, and of columns.
    pub(super) fn side(self) -> usize {
        match self {
            Self::Rgb96 => 96,
            Self::Grey84 => 84,
        }
    }

    /// The channels of an image, as indices into a palette's colour (red, green, blue, grey).
    pub(super) fn channels(self) -> &'static [usize] {
        match self {
            Self::Rgb96 => &[0, 1, 2],
            Self::Grey84 => &[3],
        }
    }

    /// The shape of an observation, `[C, H, W]`.
    pub(super) fn observation_shape(self) -> [usize; 3] {
        [STACK * self.channels().len(), self.side(), self.side()]
    }
}
