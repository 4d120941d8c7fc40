//! Neural networks of the EfficientZero family on [candle](candle_core): networks, supports, losses and
//! optimizers.
//!
//! * [`networks`]: [`PlannerNetworks`](networks::PlannerNetworks) (MuZero, EfficientZero),
//!   [`QNetwork`](networks::QNetwork) (DQN, Rainbow) and [`ActorCritic`](networks::ActorCritic) (PPO,
//!   AlphaZero). The module documents every layer and the names and layouts of weights.
//! * [`Support`] and [`Atoms`]: scalars as distributions.
//! * [`losses`] and [`ops`]: losses and operations with their backward passes, on the CPU and on CUDA.
//! * [`Optimizer`]: SGD and Adam, whose state can be saved.
//! * [`Network::parts`](networks::Network::parts) and [`MacCounter`]: exact numbers of parameters and FLOPs.
//!
//! Activations are matrices `[rows, channels]`: a board of `H × W` cells gives `H·W` rows for each sample.
//! Weights are drawn from a stream that the caller gives, because candle's own generator cannot be seeded on
//! the CPU. In acting on the CPU, a sample's result does not depend on its batch or on the number of threads,
//! to the last bit.
//!
//! Not here: replay buffers, targets and training loops.
//!
//! A network of action values learns two of them:
//!
//! ```
//! use rand_chacha::ChaCha8Rng;
//! use rand_chacha::rand_core::SeedableRng;
//! use zerolab_models::networks::{Network, NetworkSettings, QDesign, QNetwork};
//! use zerolab_models::{Device, ForwardMode, Optimizer, OptimizerSettings, backward, losses};
//!
//! let (device, shape, sizes) = (Device::cpu(), [4], NetworkSettings::default());
//! let design = QDesign { num_actions: 2, atoms: 1, dueling: false, noisy: false };
//! let mut stream = ChaCha8Rng::seed_from_u64(1);
//! let network = QNetwork::new(&shape, design, sizes.size(&shape), &mut stream, &device)?;
//! assert_eq!(network.parts()[0].name, "representation");
//!
//! let mut optimizer = Optimizer::new(OptimizerSettings::default(), network.parameters())?;
//! let observations = [0.1, -0.2, 0.3, 0.4, 0.0, 0.5, -0.6, 0.7]; // [B, features], B = 2
//! let targets = device.upload(vec![1.0f32, -1.0, 0.5, 2.0], (4, 1))?; // [B·A, atoms]
//! let mut errors = Vec::new();
//! for _ in 0..100 {
//!     let values = network.forward(&observations, ForwardMode::Train, None)?;
//!     let values = values.leaf()?;
//!     let loss = losses::pseudo_huber(&(values.tensor() - &targets)?)?.mean_all()?;
//!     optimizer.step(&backward(&loss, [&values])?, 0.0)?;
//!     errors.push(loss.to_scalar::<f32>()?);
//! }
//! assert!(errors[99] < errors[0] / 10.0);
//! # Ok::<(), candle_core::Error>(())
//! ```

// Not among the workspace's lints: tests may unwrap.
#![warn(clippy::unwrap_used)]

mod atoms;
mod device;
mod device_name;
#[cfg(feature = "cuda")]
mod gpu;
mod images;
mod inventory;
mod latents;
mod layers;
pub mod losses;
mod memory;
pub mod networks;
pub mod ops;
mod optimizer;
mod out_of_memory;
mod parameters;
mod parts;
mod peak_flops;
mod precision;
mod recording;
mod support;
mod traced;

pub use atoms::Atoms;
pub use device::Device;
pub use device_name::{DeviceError, DeviceName};
pub use images::{FrameView, Images};
pub use latents::Latents;
pub use layers::{ForwardMode, Normalization};
pub use memory::machine_memory;
pub use optimizer::{Optimizer, OptimizerKind, OptimizerSettings, Schedule};
pub use parameters::{MacCounter, Parameters};
pub use parts::{Layer, Part};
pub use peak_flops::measured_peak_flops;
pub use precision::Precision;
pub use recording::{Inputs, Recorder};
pub use support::{Support, h, h_inverse};
pub use traced::{Leaf, Traced, backward};
