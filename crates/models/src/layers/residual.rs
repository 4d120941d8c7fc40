//! Residual blocks (He et al. 2016).

use candle_core::Result;

use super::affine::{Affine, AffineShape};
use super::board::{Board, KernelSize};
use super::builder::Builder;
use super::forward_mode::ForwardMode;
use super::normalized_layer::NormalizedLayer;
use crate::ops::Epilogue;
use crate::traced::Traced;

/// `relu(norm₁(conv₁(relu(norm₀(conv₀(x))))) + s(x))`, with 3×3 convolutions.
///
/// `s` is the identity. In a block that changes the shape it is a convolution with the stride of `conv₀`,
/// without normalization and ReLU.
#[derive(Clone, Debug)]
pub(crate) struct Residual {
    first: NormalizedLayer,
    second: NormalizedLayer,
    /// `s`, unless it is the identity.
    shortcut: Option<Affine>,
}

impl Residual {
    pub(crate) fn new(
        build: &mut Builder<'_>,
        name: &str,
        board: Board,
        channels: usize,
    ) -> Result<Self> {
        Self::with_kernel(build, name, (board, KernelSize::THREE), (channels, channels))
    }

    /// A block with stride 2, from `planes.0` to `planes.1` planes.
    pub(crate) fn halving(
        build: &mut Builder<'_>,
        name: &str,
        board: Board,
        planes: (usize, usize),
    ) -> Result<Self> {
        let kernel = KernelSize::THREE_STRIDE_2;
        let block = Self::with_kernel(build, name, (board, kernel), planes)?;
        let shape = AffineShape::trunk(build, board, kernel, planes);
        let shortcut = Affine::new(build, &format!("{name}.shortcut"), shape)?;
        Ok(Self { shortcut: Some(shortcut), ..block })
    }

    fn with_kernel(
        build: &mut Builder<'_>,
        name: &str,
        (board, kernel): (Board, KernelSize),
        (inputs, outputs): (usize, usize),
    ) -> Result<Self> {
        let first = AffineShape::trunk(build, board, kernel, (inputs, outputs));
        let (board, planes) = (kernel.output_board(board), (outputs, outputs));
        let second = AffineShape::trunk(build, board, KernelSize::THREE, planes);
        Ok(Self {
            first: NormalizedLayer::new(build, &format!("{name}.0"), first)?,
            second: NormalizedLayer::new(build, &format!("{name}.1"), second)?,
            shortcut: None,
        })
    }

    pub(crate) fn forward(&self, x: &Traced, mode: ForwardMode) -> Result<Traced> {
        let inner = self.first.forward(x, Epilogue::Relu, mode)?;
        let shortcut =
            self.shortcut.as_ref().map(|shortcut| shortcut.forward(x, mode)).transpose()?;
        self.second.forward(&inner, Epilogue::AddRelu(shortcut.as_ref().unwrap_or(x)), mode)
    }
}
