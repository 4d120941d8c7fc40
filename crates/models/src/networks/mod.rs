//! The networks of the EfficientZero family and of the model-free baselines.
//!
//! One architecture serves images and vectors: a vector is a board of one cell, where a 3×3 convolution
//! is a linear layer (Ye et al. 2021, appendix A). [`NetworkSize`] says how large it is and in what the
//! networks of a paper differ from it: the presets `atari/…` have the published ones.
//!
//! # Weights
//!
//! [`Parameters::save`](crate::Parameters::save) writes safetensors of single precision. Names are
//! `PART.LAYER.TENSOR`; the layers of each part, in the order of the forward pass:
//!
//! | part | layers |
//! | --- | --- |
//! | `representation` | `scale` (of vectors only), `stem`, `down0` to `down3` (with downsampling; `down1` is the block with stride 2, the poolings stand before and behind `down3`; of DQN's network `down0` and `down1`, its last convolutions), `block0`, … |
//! | `dynamics` | `stem` (of the latent state's planes, then the action's), `block0`, …, the head `reward`; with a value prefix `reward.lstm` stands between `reward.squeeze` and `reward.hidden` |
//! | `prediction` | `block0`, …, the heads `value` and `policy` |
//! | `projector` | `layer0`, `layer1`, `layer2` |
//! | `predictor` | `layer0`, `layer1` |
//! | `values` (of a [`QNetwork`], behind its `representation`) | the head `action` |
//!
//! A block has `0`, `1` and, where it changes the shape, `shortcut`. A head has `squeeze` (1×1), `hidden` and
//! `output`. A normalisation is called like the layer that it stands behind, with `.norm`. The tensors of
//! a layer:
//!
//! | tensor | shape | is |
//! | --- | --- | --- |
//! | `X.weight` | `[inputs, outputs]` | of a linear layer or a 1×1 convolution |
//! | `X.weight` | `[cells · inputs, outputs]` | of a convolution with so many cells in its window, 9 of most: rows ordered row, column, input plane of the window |
//! | `X.bias` | `[outputs]` | where the layer has one |
//! | `X.norm.weight`, `X.norm.bias` | `[C]` | γ and β |
//! | `X.norm.running` | `[2C]` | of a batch normalisation: running means, then running variances |
//! | `reward.lstm.input.weight`, `….bias` | `[I, 4H]`, `[4H]` | gates in the order input, forget, candidate, output, of the squeezed latent state |
//! | `reward.lstm.hidden.weight`, `….bias` | `[H, 4H]`, `[4H]` | the same, of the last output |
//! | `scale.running` | `[2F + 1]` | means and variances of the features, and how many batches they come from |
//!
//! Where a board becomes one row a sample (behind `squeeze`, before `projector.layer0`), its cells follow each
//! other row by row, and the planes of a cell stand side by side. PyTorch's weight of a linear layer is the
//! transpose; that of a convolution, `[outputs, inputs, 3, 3]`, is `weight.reshape(3, 3, inputs,
//! outputs).permute(3, 2, 0, 1)`.

mod action_values;
mod actor_critic;
mod consistency;
mod dynamics;
mod head;
mod inference;
mod network;
mod noisy;
mod planner;
mod prediction;
mod q_network;
mod representation;
mod settings;

pub use actor_critic::ActorCritic;
pub use dynamics::{Memory, Next};
pub use inference::Judgement;
pub use network::{Inventory, Network};
pub use planner::{Design, PlannerNetworks};
pub use q_network::{QDesign, QNetwork};
pub use settings::{ActionEncoding, Downsampling, NetworkSettings, NetworkSize};
