//! The precision of a network's products.

use candle_core::{DType, Result};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::traced::Traced;

/// The precision of matrix products and convolutions in trunks, in the LSTM, in projector and predictor, and
/// of the activations between a trunk's layers. Weights, heads, losses and statistics are in single
/// precision.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum Precision {
    /// Single precision.
    #[default]
    F32,
    /// Factors and results are rounded to bfloat16; sums are in single precision.
    Bf16,
}

impl Precision {
    pub(crate) fn dtype(self) -> DType {
        match self {
            Self::F32 => DType::F32,
            Self::Bf16 => DType::BF16,
        }
    }

    /// Rounds `numbers` to this precision.
    pub(crate) fn round(self, numbers: &Traced) -> Result<Traced> {
        numbers.to_dtype(self.dtype())
    }
}
