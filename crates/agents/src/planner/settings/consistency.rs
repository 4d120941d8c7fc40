//! The settings of the self-supervised consistency loss and its augmentation.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::checks::{Wrong, not_negative};

/// The consistency loss (Ye et al. 2021, section 4.1).
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct Consistency {
    /// Its weight; at 0 there is no projector, and no augmentation.
    #[schemars(range(min = 0.0))]
    pub weight: f64,
    /// What is done to images that are learnt from.
    pub augmentation: Augmentation,
}

/// Changes to the images of an update that must not matter (DrQ, Kostrikov et al. 2021; SPR, Schwarzer et al.
/// 2021): one for what the model starts from, another, the same for all its steps, for what it should foresee.
/// None in acting and reanalysis, and none of vectors.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct Augmentation {
    /// Cells that an image is shifted at most, either way on each axis; what moves in repeats the edge.
    /// EfficientZero: 4.
    pub shift: u32,
    /// Standard deviation of the factor around 1 that an image is multiplied by. EfficientZero: 0.05.
    #[schemars(range(min = 0.0))]
    pub intensity: f64,
}

impl Default for Consistency {
    fn default() -> Self {
        Self { weight: 2.0, augmentation: Augmentation::default() }
    }
}

impl Consistency {
    pub(super) fn check(&self) -> Result<(), Wrong> {
        not_negative("consistency.weight", self.weight)?;
        not_negative("consistency.augmentation.intensity", self.augmentation.intensity)
    }

    /// How observations of this shape are changed, where they are.
    pub(crate) fn augmentation_of(&self, observation_shape: &[usize]) -> Option<&Augmentation> {
        let Augmentation { shift, intensity } = self.augmentation;
        let on = self.weight > 0.0 && (shift > 0 || intensity > 0.0);
        (on && observation_shape.len() == 3).then_some(&self.augmentation)
    }
}
