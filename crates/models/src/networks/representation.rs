//! The representation network h: an observation to a latent state.

use candle_core::{Result, Tensor};

use super::settings::{Downsampling, NetworkSize};
use crate::device::Device;
use crate::layers::{AffineShape, Board, Mode, Reach};
use crate::normalisation::{Normalised, Normalization, Scale};
use crate::ops::{self, Then, Window};
use crate::parameters::Builder;
use crate::residual::Residual;

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
    stem: Normalised,
    stages: Vec<Stage>,
    /// The latent state's.
    board: Board,
}

/// One of the things that a representation does behind its stem.
#[derive(Clone, Debug)]
enum Stage {
    Block(Box<Residual>),
    Layer(Box<Normalised>),
    /// Average pooling of this board.
    Pool(Board),
}

impl Representation {
    pub(crate) fn new(build: &mut Builder<'_>, sight: Sight, size: &NetworkSize) -> Result<Self> {
        build.part("representation");
        let Sight { board, planes } = sight;
        let vector = board.cells() == 1;
        let few = size.channels.div_ceil(2);
        let (reach, outputs) = match size.downsampling {
            Downsampling::None => (Reach::NEIGHBOURS, size.channels),
            Downsampling::Sixteenth => (Reach::EVERY_SECOND, few),
            Downsampling::Nature => (inside(board, 8, 4), few),
        };
        let stem = AffineShape {
            // A layer's own moments take away how long an input is and leave only its direction: a cart at
            // the edge would look like one near the middle. Beside a bias the length still shows.
            bias: build.style().normalization != Normalization::Batch,
            ..AffineShape::trunk(build, board, reach, (planes, outputs))
        };
        let scale = vector.then(|| Scale::new(build, "scale", planes)).transpose()?;
        let stem = Normalised::new(build, "stem", stem)?;
        let (mut stages, mut board) = (Vec::new(), reach.of(board));
        match size.downsampling {
            Downsampling::None => {}
            Downsampling::Sixteenth => {
                (stages, board) = narrowing(build, board, (outputs, size.channels))?;
            }
            Downsampling::Nature => {
                (stages, board) = natures(build, board, (outputs, size.channels))?;
            }
        }
        for block in 0..size.blocks {
            let block = Residual::new(build, &format!("block{block}"), board, size.channels)?;
            stages.push(Stage::Block(Box::new(block)));
        }
        Ok(Self { scale, stem, stages, board })
    }

    /// The latent state's board.
    pub(crate) fn board(&self) -> Board {
        self.board
    }

    /// Rows of cells `[B·P, planes]` to the latent state `[B·P', C]`.
    pub(crate) fn forward(&self, rows: &Tensor, mode: Mode) -> Result<Tensor> {
        let scaled = match &self.scale {
            Some(scale) => &scale.forward(rows, mode)?,
            None => rows,
        };
        let mut x = self.stem.forward(scaled, Then::Relu, mode)?;
        for stage in &self.stages {
            x = match stage {
                Stage::Block(block) => block.forward(&x, mode)?,
                Stage::Layer(layer) => layer.forward(&x, Then::Relu, mode)?,
                Stage::Pool(board) => ops::average_pool(&x, (board.height, board.width))?,
            };
        }
        Ok(x)
    }
}

/// From half the board's side, where the stem leaves it, to a sixteenth: the stages, and the board they end on.
fn narrowing(
    build: &mut Builder<'_>,
    half: Board,
    (few, channels): (usize, usize),
) -> Result<(Vec<Stage>, Board)> {
    let (quarter, eighth) = (half.halved(), half.halved().halved());
    let block = |build: &mut Builder<'_>, name: &str, board, planes| {
        Residual::new(build, name, board, planes).map(Box::new).map(Stage::Block)
    };
    let pool = |build: &mut Builder<'_>, name: &str, board: Board| {
        build.describe(name, board.halved().shape(channels), 0, 0);
        Stage::Pool(board)
    };
    let stages = vec![
        block(build, "down0", half, few)?,
        Stage::Block(Box::new(Residual::halving(build, "down1", half, (few, channels))?)),
        block(build, "down2", quarter, channels)?,
        pool(build, "pool0", quarter),
        block(build, "down3", eighth, channels)?,
        pool(build, "pool1", eighth),
    ];
    Ok((stages, eighth.halved()))
}

/// At the windows of a layer of DQN's network that lie on the board; where they are larger than it, at all of it.
fn inside(board: Board, side: usize, stride: usize) -> Reach {
    Reach::Window(Window::inside(side.min(board.height).min(board.width), stride))
}

/// The second and the third layer of DQN's network (Mnih et al. 2015), and the board they end on.
fn natures(
    build: &mut Builder<'_>,
    mut board: Board,
    (few, channels): (usize, usize),
) -> Result<(Vec<Stage>, Board)> {
    let mut stages = Vec::new();
    for (name, side, stride, inputs) in [("down0", 4, 2, few), ("down1", 3, 1, channels)] {
        let reach = inside(board, side, stride);
        let shape = AffineShape::trunk(build, board, reach, (inputs, channels));
        stages.push(Stage::Layer(Box::new(Normalised::new(build, name, shape)?)));
        board = reach.of(board);
    }
    Ok((stages, board))
}
