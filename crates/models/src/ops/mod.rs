//! Operations on candle's tensors with their backward passes, for the CPU and CUDA.
//!
//! Activations are matrices `[rows, channels]`: a board of `H × W` cells gives `H·W` rows for each sample. So
//! a [`Convolution`] is a matrix product of windows, and one normalization serves boards and vectors.
//! Candle's own convolutions and broadcasts are several times slower on the CPU, above all in their backward
//! passes, and naive on CUDA. Its fused softmax and layer norm have no backward pass.
//!
//! `run.rs` computes an operation: by a closure on the CPU, by a kernel of `kernels/` on CUDA. The
//! layers of networks are differentiated by `traced.rs`; losses are nodes of candle's graph (`autograd.rs`).

mod actions;
mod add_relu;
mod autograd;
mod average_pool;
mod batch_norm;
mod bias;
mod column_sums;
mod convolution;
mod convolution_batch_norm;
mod cosine;
mod cross_entropy;
#[cfg(feature = "cuda")]
pub(crate) mod cudnn;
#[cfg(test)]
mod emulation;
mod epilogue;
mod flush_subnormals;
mod frame_view;
mod gradient;
#[cfg(feature = "cuda")]
mod launch;
mod layer_norm;
mod lstm;
mod optimizer_steps;
mod pieces;
mod product;
mod products;
mod run;
mod scalars;
mod sum;
mod windows;

pub use actions::append_action;
pub use add_relu::add_relu;
pub use average_pool::average_pool;
pub use batch_norm::{RunningUpdate, batch_norm, moments, scale_shift, update_running};
pub use bias::add_bias;
pub use convolution::Convolution;
pub use convolution_batch_norm::convolution_batch_norm;
pub use cosine::negative_cosine;
pub use cross_entropy::cross_entropy;
pub use epilogue::Epilogue;
pub(crate) use frame_view::{BYTES, frame_views};
pub use gradient::scale_gradient;
pub use layer_norm::layer_norm;
pub use lstm::{lstm_cell, lstm_output};
#[cfg(test)]
pub(crate) use optimizer_steps::squares;
pub use optimizer_steps::{BETAS, StepFactors, adam_step, global_norm, momentum_step};
pub(crate) use product::matrix_product;
pub use product::{linear, product};
pub(crate) use products::PARALLEL_THRESHOLD;
pub use scalars::{decode, encode};
pub use sum::add;
pub(crate) use sum::sum;
pub use windows::Window;
#[cfg(test)]
pub(crate) use windows::Windows;
