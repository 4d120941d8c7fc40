//! Operations of our own on candle's tensors, each with its backward pass, for both devices.
//!
//! Activations are matrices `[rows, channels]`: a board of `H × W` cells gives `H·W` rows a sample, so a
//! [`Convolution`] is a matrix product of windows, and one normalisation serves boards and vectors.
//! Candle's own convolutions and broadcasts are several times slower on the CPU, in their backward
//! passes above all, and naive on CUDA; its fused softmax and layer norm give no gradient.
//!
//! `run.rs` computes, by a closure on the CPU and a kernel of `kernels/` on CUDA; `link.rs` joins what comes of
//! it to the graph of gradients.

mod actions;
mod add_relu;
mod average_pool;
mod batch_norm;
mod bias;
mod columns;
mod convolution;
mod cosine;
mod cross_entropy;
#[cfg(feature = "cuda")]
pub(crate) mod cudnn;
mod descent;
#[cfg(test)]
mod emulation;
mod finish;
mod gradient;
#[cfg(feature = "cuda")]
mod launch;
mod layer_norm;
mod link;
mod look;
mod lstm;
mod negligible;
mod normalised;
mod product;
mod products;
mod run;
mod scalars;
mod windows;

pub use actions::append_action;
pub use add_relu::{add, add_relu};
pub use average_pool::average_pool;
pub use batch_norm::{Following, batch_norm, follow, moments, scale_shift};
pub use bias::add_bias;
pub use convolution::Convolution;
pub use cosine::negative_cosine;
pub use cross_entropy::cross_entropy;
#[cfg(test)]
pub(crate) use descent::squares;
pub use descent::{BETAS, Step, adam_step, global_norm, momentum_step};
pub use gradient::scale_gradient;
pub use layer_norm::layer_norm;
pub(crate) use look::{BYTES, look};
pub use lstm::{lstm_cell, lstm_output};
pub use normalised::{Then, normalised};
pub use product::product;
pub(crate) use products::WORTH_SPREADING;
pub use scalars::{decode, encode};
pub use windows::Window;
#[cfg(test)]
pub(crate) use windows::Windows;
