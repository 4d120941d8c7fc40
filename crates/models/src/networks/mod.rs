//! The networks of the EfficientZero family and of the model-free baselines, and how to rebuild them.
//!
//! One architecture serves images and vectors: a vector is a board of one cell, where a 3×3 convolution is a
//! linear layer (Ye et al. 2021, appendix A). [`NetworkSize`] has the sizes and the differences between the
//! papers' networks; the presets `atari/…` have the published ones.
//!
//! # Layers
//!
//! Defaults, unless a section below says otherwise:
//!
//! * Convolutions are 3×3 with stride 1 and padding 1. On a board of one cell they are linear layers of the
//!   cell.
//! * Every normalization computes `γ (x - mean) / √(variance + ε) + β` with `ε = 1e-5` and the biased
//!   variance. `batch` takes the moments of a channel over all cells of all samples in learning, and the
//!   running moments in acting. `layer` takes the moments of the `C` planes of each cell alone, in learning
//!   and in acting. `none` has neither `γ` nor `β`.
//! * `normalization` is that of trunks and of each head's `squeeze.norm`. `head_normalization` is that of
//!   `hidden.norm` and `reward.lstm.norm`. Projector and predictor always have `batch`.
//! * A trunk's convolution has no bias, except with `normalization = "none"`. `representation.stem` also has
//!   one with `layer`. Convolutions and linear layers of heads, LSTM, projector and predictor have one.
//! * After learning on a batch of `n` rows, running moments are `m + momentum (batch - m)`, where the batch's
//!   variance is the unbiased one, `n/(n-1)` times the biased one. `momentum` is `normalization_momentum`.
//!
//! **Block** (He et al. 2016): `relu(norm₁(conv₁(relu(norm₀(conv₀(x))))) + x)`. The layers are called `0`,
//! `0.norm`, `1`, `1.norm`. In a block that halves the board, `conv₀` has stride 2, and `x` in the sum is
//! `shortcut(x)`: a 3×3 convolution with stride 2, without normalization and ReLU, with a bias only where
//! trunks have one.
//!
//! **Head**: `squeeze` (1×1 convolution), `squeeze.norm`, ReLU; all cells of a sample become one row;
//! `hidden` (linear), `hidden.norm`, ReLU; `output` (linear). With `head_channels = 0` there is no `squeeze`:
//! the latent state itself becomes the row.
//!
//! **`representation`**: `stem` (a convolution), `stem.norm`, ReLU, the downsampling, then blocks `block0`,
//! …. The features of a vector are first scaled: `(x - mean) / √(variance + ε)` with the running moments of
//! `scale`, in learning and acting. In learning (except for targets) the batch first updates them:
//! `m + share (batch - m)`, where `share` is the larger of `1/(n+1)` and `0.01` after `n` batches, and the
//! variance is the biased one.
//!
//! * `downsampling = "none"`: `stem` to `channels` planes.
//! * `"sixteenth"`: `stem` with stride 2 to `⌈channels/2⌉` planes; block `down0`; block `down1` with stride 2 to
//!   `channels` planes; block `down2`; pooling; block `down3`; pooling. A pooling is the mean of 3×3 windows
//!   with stride 2 and padding 1. Padding counts as zeros: each sum is divided by 9. Each halving rounds up.
//! * `"nature"`: `stem` 8×8 with stride 4 to `⌈channels/2⌉` planes; `down0` 4×4 with stride 2 and `down1` 3×3,
//!   both to `channels` planes, each followed by its norm and a ReLU. There is no padding. A window larger than
//!   the board in height or width is as large as the smaller of the two.
//!
//! **`dynamics`**: the planes of the latent state, then those of the action, which are equal in all cells
//! ([`ActionEncoding`]); `stem`, `stem.norm`; the latent state is added, then a ReLU; blocks `block0`, …. The
//! result is the next latent state. The head `reward` reads it. With a value prefix `reward.lstm`,
//! `reward.lstm.norm` and a ReLU are between the row of `reward.squeeze` and `reward.hidden`. The norm and
//! the ReLU apply to the LSTM's output only after it was kept as the state.
//!
//! **`prediction`**: blocks `block0`, …, then the heads `value` and `policy`.
//!
//! **`projector`** reads a latent state as one row: `layer0`, `layer0.norm`, ReLU, `layer1`, `layer1.norm`,
//! ReLU, `layer2`, `layer2.norm`, all of width `projection`. **`predictor`**: `layer0` of width
//! `⌈projection/2⌉`, `layer0.norm`, ReLU, `layer1` of width `projection`.
//!
//! **[`QNetwork`]**: `representation`, then the part `values` with the head `action` of `A · atoms` outputs,
//! action by action. A dueling network also has `state.hidden`, `state.hidden.norm` and `state.output` of
//! `atoms` outputs, which read the same row of `action.squeeze`. Its outputs are
//! `state + action - mean over actions of action`, for each atom. One atom is the value itself; more are the
//! logits of a distribution over [`Atoms`](crate::Atoms), and the value is its mean. A noisy layer `X` adds
//! `f(ε_out) ∘ (X.noise(f(ε_in) ∘ x))` to its output with `f(ε) = sign(ε) √|ε|` and standard normal `ε` for
//! each sample; noise off leaves it out.
//!
//! **[`ActorCritic`]**: `representation`, then the part `actor` with the head `policy` and the part `critic`
//! with the head `value` of one output. The output is the value itself in PPO; in AlphaZero it is
//! [`h`](crate::h) of the value.
//!
//! **Values and rewards of planners** are the heads' logits over the [`Support`](crate::Support): the atoms
//! are the integers from `-limit` to `limit`, and the scalar is [`h_inverse`](crate::h_inverse) of the
//! softmax's mean. A value prefix is the sum of rewards since the LSTM's state was last zero.
//!
//! # Weights
//!
//! [`Parameters::save`](crate::Parameters::save) writes safetensors in single precision. Names are
//! `PART.LAYER.TENSOR`, for example `prediction.value.hidden.norm.weight`.
//!
//! | tensor | shape | content |
//! | --- | --- | --- |
//! | `X.weight` | `[inputs, outputs]` | of a linear layer or a 1×1 convolution |
//! | `X.weight` | `[k · k · inputs, outputs]` | of a k×k convolution: rows ordered by row, column and input plane of the window |
//! | `X.bias` | `[outputs]` | if the layer has one |
//! | `X.norm.weight`, `X.norm.bias` | `[C]` | γ and β |
//! | `X.norm.running` | `[2C]` | of a batch normalization: running means, then running variances |
//! | `X.noise.weight`, `X.noise.bias` | as `X.weight`, `X.bias` | deviations of a noisy layer |
//! | `reward.lstm.input.weight`, `….bias` | `[I, 4H]`, `[4H]` | gates in the order input, forget, candidate, output, of the row of `reward.squeeze` |
//! | `reward.lstm.hidden.weight`, `….bias` | `[H, 4H]`, `[4H]` | the same, of the LSTM's last output |
//! | `scale.running` | `[2F + 1]` | means and variances of the features, then the number of batches |
//!
//! Where a board becomes one row (after `squeeze.norm`, before `projector.layer0`), the cells follow each
//! other row by row, and the planes of a cell are adjacent. PyTorch's weight of a linear layer is the
//! transpose; that of a convolution, `[outputs, inputs, k, k]`, is
//! `weight.reshape(k, k, inputs, outputs).permute(3, 2, 0, 1)`.

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

pub use action_values::QDesign;
pub use actor_critic::ActorCritic;
pub use dynamics::{DynamicsOutput, LstmState};
pub use inference::Prediction;
pub use network::Network;
pub use planner::{Design, PlannerNetworks};
pub use q_network::QNetwork;
pub use settings::{ActionEncoding, Downsampling, NetworkSettings, NetworkSize};

pub use crate::inventory::Inventory;
