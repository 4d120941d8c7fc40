//! Residual blocks (He et al. 2016, post-activation).

use candle_core::{Result, Tensor};

use crate::layers::{Affine, AffineShape, Board, Mode, Reach};
use crate::normalisation::Normalised;
use crate::ops::Then;
use crate::parameters::Builder;

/// Two normalised layers around which the input is added.
#[derive(Clone, Debug)]
pub(crate) struct Residual {
    first: Normalised,
    second: Normalised,
    /// What is added instead of the input, where that has another shape: a bare convolution.
    shortcut: Option<Affine>,
}

impl Residual {
    pub(crate) fn new(
        build: &mut Builder<'_>,
        name: &str,
        board: Board,
        channels: usize,
    ) -> Result<Self> {
        Self::through(build, name, (board, Reach::NEIGHBOURS), (channels, channels))
    }

    /// From `board` to every second of its rows and columns, with other planes.
    pub(crate) fn halving(
        build: &mut Builder<'_>,
        name: &str,
        board: Board,
        planes: (usize, usize),
    ) -> Result<Self> {
        let block = Self::through(build, name, (board, Reach::EVERY_SECOND), planes)?;
        let shape = AffineShape::trunk(build, board, Reach::EVERY_SECOND, planes);
        let shortcut = Affine::new(build, &format!("{name}.shortcut"), shape)?;
        Ok(Self { shortcut: Some(shortcut), ..block })
    }

    fn through(
        build: &mut Builder<'_>,
        name: &str,
        (board, reach): (Board, Reach),
        (inputs, outputs): (usize, usize),
    ) -> Result<Self> {
        let first = AffineShape::trunk(build, board, reach, (inputs, outputs));
        let (board, planes) = (reach.of(board), (outputs, outputs));
        let second = AffineShape::trunk(build, board, Reach::NEIGHBOURS, planes);
        Ok(Self {
            first: Normalised::new(build, &format!("{name}.0"), first)?,
            second: Normalised::new(build, &format!("{name}.1"), second)?,
            shortcut: None,
        })
    }

    pub(crate) fn forward(&self, x: &Tensor, mode: Mode) -> Result<Tensor> {
        let inner = self.first.forward(x, Then::Relu, mode)?;
        let shortcut =
            self.shortcut.as_ref().map(|shortcut| shortcut.forward(x, mode)).transpose()?;
        self.second.forward(&inner, Then::AddRelu(shortcut.as_ref().unwrap_or(x)), mode)
    }
}
