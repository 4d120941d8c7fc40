//! The networks of the EfficientZero family and of the value-based baselines.
//!
//! One architecture serves images and vectors: a vector is a board of one cell, where a 3×3 convolution
//! is a linear layer (Ye et al. 2021, appendix A; `reference sizes` come with the Atari presets).

mod consistency;
mod dynamics;
mod head;
mod planner;
mod prediction;
mod q_network;
mod representation;
mod settings;

pub use dynamics::{Memory, Next};
pub use planner::{Design, PlannerNetworks};
pub use q_network::QNetwork;
pub use settings::{ActionEncoding, Downsampling, NetworkSettings, NetworkSize};
