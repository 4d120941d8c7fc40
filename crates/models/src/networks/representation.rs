//! The representation network h: an observation to a latent state.

use candle_core::{Result, Tensor};

use super::settings::{Downsampling, NetworkSize};
use crate::device::Device;
use crate::layers::{
    AffineShape, Board, Builder, FeatureScale, ForwardMode, KernelSize, Normalization,
    NormalizedLayer, Residual,
};
use crate::ops::{self, Epilogue, Window};
use crate::traced::Traced;

/// An observation as planes over a board.
#[derive(Clone, Copy, Debug)]
pub(crate) struct ObservationLayout {
    pub(crate) board: Board,
    pub(crate) planes: usize,
}

impl ObservationLayout {
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
pub(crate) struct RepresentationNetwork {
    /// Scales the features of vectors, which can be in any unit.
    scale: Option<FeatureScale>,
    stem: NormalizedLayer,
    stages: Vec<Stage>,
    /// The latent state's board.
    board: Board,
}

/// A stage after the stem.
#[derive(Clone, Debug)]
enum Stage {
    Block(Box<Residual>),
    Layer(Box<NormalizedLayer>),
    /// Average pooling of this board.
    Pool(Board),
}

impl RepresentationNetwork {
    pub(crate) fn new(
        build: &mut Builder<'_>,
        layout: ObservationLayout,
        size: &NetworkSize,
    ) -> Result<Self> {
        build.part("representation");
        let ObservationLayout { board, planes } = layout;
        let is_vector = board.cells() == 1;
        let half_channels = size.channels.div_ceil(2);
        let (kernel, outputs) = match size.downsampling {
            Downsampling::None => (KernelSize::THREE, size.channels),
            Downsampling::Sixteenth => (KernelSize::THREE_STRIDE_2, half_channels),
            Downsampling::Nature => (unpadded(board, 8, 4), half_channels),
        };
        let stem = AffineShape {
            // Without a bias, layer normalization would remove the length of the input and keep its
            // direction: a cart at the edge would look like one near the middle.
            bias: build.settings().normalization != Normalization::Batch,
            ..AffineShape::trunk(build, board, kernel, (planes, outputs))
        };
        let scale = is_vector.then(|| FeatureScale::new(build, "scale", planes)).transpose()?;
        let stem = NormalizedLayer::new(build, "stem", stem)?;
        let (mut stages, mut board) = (Vec::new(), kernel.output_board(board));
        match size.downsampling {
            Downsampling::None => {}
            Downsampling::Sixteenth => {
                (stages, board) = sixteenth(build, board, (outputs, size.channels))?;
            }
            Downsampling::Nature => {
                (stages, board) = nature(build, board, (outputs, size.channels))?;
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
    pub(crate) fn forward(&self, rows: &Tensor, mode: ForwardMode) -> Result<Traced> {
        let scaled = match &self.scale {
            Some(scale) => scale.forward(rows, mode)?,
            None => rows.clone(),
        };
        let mut x = self.stem.forward(&Traced::constant(scaled), Epilogue::Relu, mode)?;
        for stage in &self.stages {
            x = match stage {
                Stage::Block(block) => block.forward(&x, mode)?,
                Stage::Layer(layer) => layer.forward(&x, Epilogue::Relu, mode)?,
                Stage::Pool(board) => ops::average_pool(&x, (board.height, board.width))?,
            };
        }
        Ok(x)
    }
}

/// The stages of [`Downsampling::Sixteenth`] after the stem, and the board of the result. `half` is the
/// stem's board.
fn sixteenth(
    build: &mut Builder<'_>,
    half: Board,
    (half_channels, channels): (usize, usize),
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
        block(build, "down0", half, half_channels)?,
        Stage::Block(Box::new(Residual::halving(build, "down1", half, (half_channels, channels))?)),
        block(build, "down2", quarter, channels)?,
        pool(build, "pool0", quarter),
        block(build, "down3", eighth, channels)?,
        pool(build, "pool1", eighth),
    ];
    Ok((stages, eighth.halved()))
}

/// A window of a layer of DQN's network, without padding, not larger than the board.
fn unpadded(board: Board, side: usize, stride: usize) -> KernelSize {
    KernelSize::Window(Window::inside(side.min(board.height).min(board.width), stride))
}

/// The second and the third layer of DQN's network (Mnih et al. 2015), and the board of the result.
fn nature(
    build: &mut Builder<'_>,
    mut board: Board,
    (half_channels, channels): (usize, usize),
) -> Result<(Vec<Stage>, Board)> {
    let mut stages = Vec::new();
    for (name, side, stride, inputs) in [("down0", 4, 2, half_channels), ("down1", 3, 1, channels)]
    {
        let kernel = unpadded(board, side, stride);
        let shape = AffineShape::trunk(build, board, kernel, (inputs, channels));
        stages.push(Stage::Layer(Box::new(NormalizedLayer::new(build, name, shape)?)));
        board = kernel.output_board(board);
    }
    Ok((stages, board))
}
