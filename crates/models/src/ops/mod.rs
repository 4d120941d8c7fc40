//! Candle operations of our own, each with its backward pass.
//!
//! Activations are matrices `[rows, channels]`: a board of `H × W` cells gives `H·W` rows a sample, so a
//! [`convolution`] is a matrix product of windows, and one normalisation serves boards and vectors.
//! Candle's own convolutions and broadcasts are several times slower on the CPU, in their backward
//! passes above all; its fused softmax and layer norm give no gradient.

mod actions;
mod batch_norm;
mod bias;
mod convolution;
mod cosine;
mod cross_entropy;
mod gradient;
mod layer_norm;
mod lstm;
mod slices;

pub use actions::append_action;
pub use batch_norm::{Moments, batch_norm, scale_shift};
pub use bias::add_bias;
pub use convolution::convolution;
pub use cosine::negative_cosine;
pub use cross_entropy::cross_entropy;
pub use gradient::scale_gradient;
pub use layer_norm::layer_norm;
pub use lstm::{lstm_cell, lstm_output};

pub(crate) use slices::{read, write};
