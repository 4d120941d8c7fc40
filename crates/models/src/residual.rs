//! Residual blocks (He et al. 2016, post-activation).

use candle_core::{Result, Tensor};

use crate::layers::{Affine, AffineShape, Board, Mode, Norm, Reach};
use crate::parameters::Builder;

/// Two normalised layers around which the input is added.
#[derive(Clone, Debug)]
pub(crate) struct Residual {
    first: Affine,
    first_norm: Norm,
    second: Affine,
    second_norm: Norm,
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
        Self::through(build, name, (board, Reach::Neighbours), (channels, channels))
    }

    /// From `board` to every second of its rows and columns, with other planes.
    pub(crate) fn halving(
        build: &mut Builder<'_>,
        name: &str,
        board: Board,
        planes: (usize, usize),
    ) -> Result<Self> {
        let block = Self::through(build, name, (board, Reach::EverySecond), planes)?;
        let shape = AffineShape::trunk(build, board, Reach::EverySecond, planes);
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
        let second = AffineShape::trunk(build, board, Reach::Neighbours, planes);
        Ok(Self {
            first: Affine::new(build, &format!("{name}.0"), first)?,
            first_norm: Norm::new(build, &format!("{name}.0.norm"), outputs, true)?,
            second: Affine::new(build, &format!("{name}.1"), second)?,
            second_norm: Norm::new(build, &format!("{name}.1.norm"), outputs, false)?,
            shortcut: None,
        })
    }

    pub(crate) fn forward(&self, x: &Tensor, mode: Mode) -> Result<Tensor> {
        let inner = self.first_norm.forward(&self.first.forward(x, mode)?, mode)?;
        let inner = self.second_norm.forward(&self.second.forward(&inner, mode)?, mode)?;
        match &self.shortcut {
            Some(shortcut) => (inner + shortcut.forward(x, mode)?)?.relu(),
            None => (inner + x)?.relu(),
        }
    }
}
