//! The layers of which the networks consist, on matrices `[rows, channels]`.

mod affine;
mod board;
mod builder;
mod forward_mode;
mod lstm;
mod normalization;
mod normalized_layer;
mod residual;
mod settings;

pub(crate) use affine::{Affine, AffineShape, Init};
pub(crate) use board::{Board, KernelSize};
pub(crate) use builder::Builder;
pub use forward_mode::ForwardMode;
pub(crate) use lstm::Lstm;
pub(crate) use normalization::{FeatureScale, Norm};
pub(crate) use normalized_layer::NormalizedLayer;
pub(crate) use residual::Residual;
pub(crate) use settings::LayerSettings;
pub use settings::Normalization;
