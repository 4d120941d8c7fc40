//! What an image of a game is.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// Images that are seen at once.
pub(super) const STACK: usize = 4;

/// What an image is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub enum Image {
    /// 96 × 96 pixels in red, green and blue, as EfficientZero's.
    Rgb96,
    /// 84 × 84 pixels in ALE's grey, as DQN's.
    Grey84,
}

impl Image {
    /// Rows, and columns.
    pub(super) fn side(self) -> usize {
        match self {
            Self::Rgb96 => 96,
            Self::Grey84 => 84,
        }
    }

    /// Which numbers of a palette's colour (red, green, blue, grey) are its channels.
    pub(super) fn channels(self) -> &'static [usize] {
        match self {
            Self::Rgb96 => &[0, 1, 2],
            Self::Grey84 => &[3],
        }
    }

    /// `[C, H, W]` of what is seen at once.
    pub(super) fn observation_shape(self) -> [usize; 3] {
        [STACK * self.channels().len(), self.side(), self.side()]
    }
}
