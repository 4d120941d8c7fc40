//! How large the networks are.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::device::Precision;
use crate::layers::Normalization;
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
            let sizes = [
                size.channels,
                size.head_channels,
                size.head_hidden,
                size.lstm_hidden,
                size.projection,
            ];
            for (value, key) in sizes.into_iter().zip(keys) {
                if value == 0 {
                    return Err((key, "must be at least 1".to_owned()));
                }
            }
        }
        Ok(())
    }
}

const VECTOR_KEYS: [&str; 5] = [
    "vector.channels",
    "vector.head_channels",
    "vector.head_hidden",
    "vector.lstm_hidden",
    "vector.projection",
];
const IMAGE_KEYS: [&str; 5] = [
    "image.channels",
    "image.head_channels",
    "image.head_hidden",
    "image.lstm_hidden",
    "image.projection",
];

/// The size of the networks.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct NetworkSize {
    /// Planes of the latent state; for vectors its width.
    #[schemars(range(min = 1))]
    pub channels: usize,
    /// Residual blocks of each of representation, dynamics and prediction.
    pub blocks: usize,
    /// What layers over the cells are normalised by; those with one row a sample take each row's moments.
    pub normalization: Normalization,
    /// In what precision the products of the trunks are taken; heads compute in single precision.
    pub precision: Precision,
    /// Planes that a head squeezes the latent state into.
    #[schemars(range(min = 1))]
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

impl NetworkSize {
    pub(crate) fn style(&self) -> Style {
        Style { normalization: self.normalization, precision: self.precision }
    }
}

impl Default for NetworkSize {
    fn default() -> Self {
        Self {
            channels: 16,
            blocks: 1,
            normalization: Normalization::Batch,
            precision: Precision::F32,
            head_channels: 8,
            head_hidden: 64,
            lstm_hidden: 64,
            projection: 128,
        }
    }
}
