//! The representation network h: an observation to a latent state.

use candle_core::{Result, Tensor};

use super::settings::NetworkSize;
use crate::device::Device;
use crate::layers::{
    Affine, AffineShape, Board, Mode, Norm, Normalization, Reach, Residual, Scale, Start,
};
use crate::parameters::Builder;

/// What an observation is: planes over a board.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Sight {
    pub(crate) board: Board,
    pub(crate) planes: usize,
}

impl Sight {
    /// From `[features]` or `[channels, height, width]`.
    pub(crate) fn new(observation_shape: &[usize]) -> Result<Self> {
        match *observation_shape {
            [planes] => Ok(Self { board: Board { height: 1, width: 1 }, planes }),
            [planes, height, width] => Ok(Self { board: Board { height, width }, planes }),
            _ => candle_core::bail!(
                "an observation has 1 or 3 dimensions, not {observation_shape:?}"
            ),
        }
    }

    /// Observations `[B, planes, height, width]` as rows of cells `[B·P, planes]`.
    pub(crate) fn rows(self, observations: &[f32], device: &Device) -> Result<Tensor> {
        let cells = self.board.cells();
        let samples = observations.len() / (cells * self.planes);
        let mut rows = Vec::with_capacity(observations.len());
        for sample in observations.chunks_exact(cells * self.planes) {
            for cell in 0..cells {
                rows.extend((0..self.planes).map(|plane| sample[plane * cells + cell]));
            }
        }
        device.upload(rows, (samples * cells, self.planes))
    }
}

#[derive(Clone, Debug)]
pub(crate) struct Representation {
    /// Vectors come in any unit: their features are normalised first.
    scale: Option<Scale>,
    stem: Affine,
    stem_norm: Norm,
    blocks: Vec<Residual>,
}

impl Representation {
    pub(crate) fn new(build: &mut Builder<'_>, sight: Sight, size: &NetworkSize) -> Result<Self> {
        build.part("representation");
        let Sight { board, planes } = sight;
        let vector = board.cells() == 1;
        let stem = AffineShape {
            board,
            reach: Reach::Neighbours,
            inputs: planes,
            outputs: size.channels,
            // A layer's own moments take away how long an input is and leave only its direction: a cart at
            // the edge would look like one near the middle. Beside a bias the length still shows.
            bias: build.style().normalization == Normalization::Layer,
            start: Start::Uniform,
            precision: build.style().precision,
        };
        Ok(Self {
            scale: vector.then(|| Scale::new(build, "scale", planes)).transpose()?,
            stem: Affine::new(build, "stem", stem)?,
            stem_norm: Norm::new(build, "stem.norm", size.channels, true)?,
            blocks: (0..size.blocks)
                .map(|block| Residual::new(build, &format!("block{block}"), board, size.channels))
                .collect::<Result<_>>()?,
        })
    }

    /// Rows of cells `[B·P, planes]` to the latent state `[B·P, C]`.
    pub(crate) fn forward(&self, rows: &Tensor, mode: Mode) -> Result<Tensor> {
        let scaled = match &self.scale {
            Some(scale) => &scale.forward(rows, mode)?,
            None => rows,
        };
        let mut x = self.stem_norm.forward(&self.stem.forward(scaled, mode)?, mode)?;
        for block in &self.blocks {
            x = block.forward(&x, mode)?;
        }
        Ok(x)
    }
}
