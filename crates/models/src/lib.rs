//! Candle networks of the EfficientZero family, their supports, losses and optimisers, with exact
//! parameter and FLOP counts read off the layers.
//!
//! Activations are matrices `[rows, channels]` (see [`ops`]); weights are drawn from a stream that the
//! caller gives, never from candle's own generator, which cannot be seeded.

// Not among the workspace's lints: tests may unwrap.
#![warn(clippy::unwrap_used)]

mod atoms;
mod describe;
mod device;
#[cfg(feature = "cuda")]
mod gpu;
mod images;
mod latents;
mod layers;
pub mod losses;
pub mod networks;
mod normalisation;
pub mod ops;
mod optimizer;
mod parameters;
mod peak;
mod recording;
mod residual;
mod support;

pub use atoms::Atoms;
pub use describe::{Layer, Part};
pub use device::{Device, DeviceError, DeviceName, Precision};
pub use images::{Images, Look};
pub use latents::Latents;
pub use layers::Mode;
pub use normalisation::Normalization;
pub use optimizer::{Optimizer, OptimizerKind, OptimizerSettings, Schedule};
pub use parameters::{MacCounter, Parameters};
pub use peak::measured_peak;
pub use recording::{Inputs, Recorder};
pub use support::{Support, h, h_inverse};
