//! The settings that all layers of a network share.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::precision::Precision;

/// How a layer's outputs are normalized.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum Normalization {
    /// Batch normalization, as in the papers: by the batch's moments in learning, by running moments in
    /// acting. The two differ by the noise of a batch, which is large for batches of few rows, and because
    /// the weights have changed since.
    Batch,
    /// Layer normalization: each row by its own moments, in learning and in acting.
    Layer,
    /// No normalization. The layer has a bias instead.
    None,
}

/// The settings that all layers of a network share.
#[derive(Clone, Copy, Debug)]
pub(crate) struct LayerSettings {
    /// Of layers that compute a row for each cell.
    pub(crate) normalization: Normalization,
    /// Of layers that compute one row for each sample.
    pub(crate) head_normalization: Normalization,
    /// Weight of a batch's moments in the running moments.
    pub(crate) momentum: f32,
    /// Of the products of trunks, of the LSTM, and of projector and predictor.
    pub(crate) precision: Precision,
}
