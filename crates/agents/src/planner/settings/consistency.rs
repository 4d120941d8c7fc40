//! The settings of the self-supervised consistency loss and its augmentation.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use zerolab_settings::SettingsError;
use zerolab_settings::range::{at_most, not_negative};

/// The largest shift: no image is wider.
const MOST_SHIFT: u32 = 1000;

/// The consistency loss (Ye et al. 2021, section 4.1).
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct Consistency {
    /// Weight of the consistency loss. At 0 there is no projector and no augmentation.
    #[schemars(range(min = 0.0))]
    pub weight: f64,
    /// The augmentation of training images.
    pub augmentation: Augmentation,
}

/// Random augmentation of the images of an update (DrQ, Kostrikov et al. 2021; SPR, Schwarzer et al. 2021).
/// Each sample draws one for its first observation, and another for all targets of the consistency loss.
/// Vectors are not augmented, nor are images in acting and reanalysis.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct Augmentation {
    /// Largest shift of an image in cells, in each direction. Its edge is repeated. EfficientZero: 4.
    #[schemars(range(max = MOST_SHIFT))]
    pub shift: u32,
    /// Standard deviation of the factor that an image is multiplied by; its mean is 1. EfficientZero: 0.05.
    #[schemars(range(min = 0.0))]
    pub intensity: f64,
}

impl Default for Consistency {
    fn default() -> Self {
        Self { weight: 2.0, augmentation: Augmentation::default() }
    }
}

impl Consistency {
    pub(super) fn check(&self) -> Result<(), SettingsError> {
        not_negative("consistency.weight", self.weight)?;
        at_most("consistency.augmentation.shift", self.augmentation.shift, MOST_SHIFT)?;
        not_negative("consistency.augmentation.intensity", self.augmentation.intensity)
    }

    /// The augmentation of observations of this shape; `None` if there is none.
    pub(crate) fn augmentation_of(&self, observation_shape: &[usize]) -> Option<&Augmentation> {
        let Augmentation { shift, intensity } = self.augmentation;
        let on = self.weight > 0.0 && (shift > 0 || intensity > 0.0);
        (on && observation_shape.len() == 3).then_some(&self.augmentation)
    }
}
