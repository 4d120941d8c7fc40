//! The layers that the networks are made of, on matrices `[rows, channels]`.

use candle_core::{Result, Tensor};

use crate::device::{Precision, asked_for};
use crate::normalisation::Normalization;
use crate::ops::{self, Convolution, Window};
use crate::parameters::{Builder, MacCounter, Weight};

/// What a forward pass is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Mode {
    /// Learning: gradients flow; normalisations use the batch's moments and learn from them.
    Train,
    /// The branch of a loss that is only a target: as [`Mode::Train`], without gradients.
    Target,
    /// Acting and searching: no gradients; normalisations use what they learnt.
    Infer,
}

impl Mode {
    pub(crate) fn with_gradient(self) -> bool {
        self == Self::Train
    }
}

/// A board of cells; a vector is a board of one cell.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Board {
    pub(crate) height: usize,
    pub(crate) width: usize,
}

impl Board {
    pub(crate) fn cells(self) -> usize {
        self.height * self.width
    }

    /// Every second row and column of it.
    pub(crate) fn halved(self) -> Self {
        Self { height: self.height.div_ceil(2), width: self.width.div_ceil(2) }
    }

    /// Shape of `channels` planes of it; a board of one cell is a vector.
    pub(crate) fn shape(self, channels: usize) -> Vec<usize> {
        if self.cells() == 1 { vec![channels] } else { vec![channels, self.height, self.width] }
    }
}

/// What a layer looks at.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Reach {
    /// At the cell itself only (a 1×1 convolution, or a linear layer).
    Cell,
    /// At a window; on a board of one cell that is the cell itself.
    Window(Window),
}

impl Reach {
    /// At the cell and its neighbours.
    pub(crate) const NEIGHBOURS: Self = Self::Window(Window::around(1));
    /// The same of every second row and column only: the board that comes out is [`Board::halved`].
    pub(crate) const EVERY_SECOND: Self = Self::Window(Window::around(2));

    /// The window that it looks at on such a board.
    fn window(self, board: Board) -> Option<Window> {
        match self {
            Self::Window(window) if board.cells() > 1 => Some(window),
            _ => None,
        }
    }

    /// The board that comes out.
    pub(crate) fn of(self, board: Board) -> Board {
        let Some(window) = self.window(board) else { return board };
        let (height, width) = window.output_size((board.height, board.width));
        Board { height, width }
    }
}

/// How the weights of an [`Affine`] begin.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) enum Start {
    /// PyTorch's default.
    Uniform,
    /// At zero: a head's last layer, so that values begin at 0 and policies uniform.
    Zero,
    /// Everywhere at this multiple of `1/√inputs`: deviations of noisy weights.
    Level(f64),
}

/// A convolution or a linear layer.
#[derive(Clone, Debug)]
pub(crate) struct Affine {
    pub(crate) weight: Weight,
    bias: Option<Weight>,
    window: Option<Convolution>,
    precision: Precision,
    counter: MacCounter,
}

/// Size and kind of an [`Affine`] layer.
#[derive(Clone, Copy, Debug)]
pub(crate) struct AffineShape {
    pub(crate) board: Board,
    pub(crate) reach: Reach,
    pub(crate) inputs: usize,
    pub(crate) outputs: usize,
    pub(crate) bias: bool,
    pub(crate) start: Start,
    pub(crate) precision: Precision,
}

impl AffineShape {
    /// A convolution as trunks have them: without a bias, which a normalisation behind it would take away.
    pub(crate) fn trunk(
        build: &Builder<'_>,
        board: Board,
        reach: Reach,
        (inputs, outputs): (usize, usize),
    ) -> Self {
        let (start, precision) = (Start::Uniform, build.style().precision);
        let bias = build.style().normalization == Normalization::None;
        Self { board, reach, inputs, outputs, bias, start, precision }
    }
}

impl Affine {
    pub(crate) fn new(build: &mut Builder<'_>, name: &str, shape: AffineShape) -> Result<Self> {
        let AffineShape { board, reach, inputs, outputs, bias, start, precision } = shape;
        let (outcome, window) = (reach.of(board), reach.window(board));
        let fan_in = inputs * window.map_or(1, Window::cells);
        let unit = 1.0 / (fan_in as f64).sqrt();
        let mut weights = |name: &str, shape: &[usize]| match start {
            Start::Uniform => build.uniform(name, shape, unit),
            Start::Zero => build.uniform(name, shape, 0.0),
            Start::Level(level) => build.constant(name, shape, (level * unit) as f32),
        };
        let weight = weights(&format!("{name}.weight"), &[fan_in, outputs])?;
        let bias = bias.then(|| weights(&format!("{name}.bias"), &[outputs])).transpose()?;
        let parameters = fan_in * outputs + if bias.is_some() { outputs } else { 0 };
        let macs = outcome.cells() * fan_in * outputs;
        let window = window
            .map(|window| Convolution::new(build.device(), (board.height, board.width), window));
        build.describe(name, outcome.shape(outputs), parameters, macs);
        Ok(Self { weight, bias, window, precision, counter: build.counter() })
    }

    /// A linear layer with a bias.
    pub(crate) fn linear(
        build: &mut Builder<'_>,
        name: &str,
        (inputs, outputs): (usize, usize),
        start: Start,
        precision: Precision,
    ) -> Result<Self> {
        let (board, reach) = (Board { height: 1, width: 1 }, Reach::Cell);
        let shape = AffineShape { board, reach, inputs, outputs, bias: true, start, precision };
        Self::new(build, name, shape)
    }

    /// The convolution that this is, where what stands behind it can be computed along with it.
    pub(crate) fn fused(&self) -> Option<&Convolution> {
        let plain = self.bias.is_none() && self.precision == Precision::F32;
        self.window.as_ref().filter(|convolution| plain && convolution.is_in_place())
    }

    /// Counts what a product of so many rows took.
    pub(crate) fn count(&self, product: &Tensor) -> Result<()> {
        let macs = product.dim(0)? * self.weight.tensor(false).elem_count();
        self.counter.add(macs as u64);
        Ok(())
    }

    /// In single precision where there is a bias, in the layer's own where there is none.
    pub(crate) fn forward(&self, x: &Tensor, mode: Mode) -> Result<Tensor> {
        let weight = self.weight.tensor(mode.with_gradient());
        let (inputs, outputs) = weight.dims2()?;
        let (x, weight) = (self.precision.of(x)?, self.precision.of(weight)?);
        let product = match &self.window {
            Some(convolution) => convolution.apply(&x, &weight)?,
            None => ops::product(&x, &weight).map_err(|error| {
                asked_for(error, x.elem_count() / inputs * outputs * size_of::<f32>())
            })?,
        };
        self.count(&product)?;
        match &self.bias {
            Some(bias) => ops::add_bias(&product, bias.tensor(mode.with_gradient())),
            None => Ok(product),
        }
    }
}

/// A long short-term memory of one layer, with PyTorch's two bias vectors.
#[derive(Clone, Debug)]
pub(crate) struct Lstm {
    input: Affine,
    hidden: Affine,
}

impl Lstm {
    pub(crate) fn new(
        build: &mut Builder<'_>,
        name: &str,
        inputs: usize,
        hidden: usize,
    ) -> Result<Self> {
        // PyTorch draws all four tensors from ±1/√hidden.
        let mut gates = |gate: &str, inputs: usize| {
            let bound = 1.0 / (hidden as f64).sqrt();
            let weight =
                build.uniform(&format!("{name}.{gate}.weight"), &[inputs, 4 * hidden], bound)?;
            let bias = build.uniform(&format!("{name}.{gate}.bias"), &[4 * hidden], bound)?;
            let macs = inputs * 4 * hidden;
            build.describe(&format!("{name}.{gate}"), vec![4 * hidden], macs + 4 * hidden, macs);
            Ok::<_, candle_core::Error>(Affine {
                weight,
                bias: Some(bias),
                window: None,
                precision: build.style().precision,
                counter: build.counter(),
            })
        };
        Ok(Self { input: gates("input", inputs)?, hidden: gates("hidden", hidden)? })
    }

    /// One step: `x` `[B, I]` and the state (output, cell), each `[B, H]`, to the new state.
    pub(crate) fn forward(
        &self,
        x: &Tensor,
        state: (&Tensor, &Tensor),
        mode: Mode,
    ) -> Result<(Tensor, Tensor)> {
        let gates = ops::add(&self.input.forward(x, mode)?, &self.hidden.forward(state.0, mode)?)?;
        let cell = ops::lstm_cell(&gates, state.1)?;
        let output = ops::lstm_output(&gates, &cell)?;
        Ok((output, cell))
    }
}
