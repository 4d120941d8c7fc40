//! The networks of the EfficientZero family and of the model-free baselines.
//!
//! One architecture serves images and vectors: a vector is a board of one cell, where a 3×3 convolution
//! is a linear layer (Ye et al. 2021, appendix A; `reference sizes` come with the Atari presets).

mod action_values;
mod actor_critic;
mod consistency;
mod dynamics;
mod head;
mod noisy;
mod planner;
mod prediction;
mod q_network;
mod representation;
mod settings;

pub use actor_critic::ActorCritic;
pub use dynamics::{Memory, Next};
pub use planner::{Design, PlannerNetworks};
pub use q_network::{QDesign, QNetwork};
pub use settings::{ActionEncoding, Downsampling, NetworkSettings, NetworkSize};
