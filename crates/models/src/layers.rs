//! The layers that the networks are made of, on matrices `[rows, channels]`.

use candle_core::{Result, Tensor, Var};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::device::{Precision, asked_for};
use crate::ops::{self, Convolution, Following, Then};
use crate::parameters::{Builder, MacCounter, Weight};

/// How fast the running statistics of a normalisation follow the batches: PyTorch's default.
const MOMENTUM: f32 = 0.1;

/// How fast the scale of a vector's features follows the batches.
const SCALE_MOMENTUM: f32 = 0.01;

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
    fn with_gradient(self) -> bool {
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

/// Whether a layer looks at a cell's neighbours.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Reach {
    /// At the cell itself only (a 1×1 convolution, or a linear layer).
    Cell,
    /// At the 3×3 window around it; on a board of one cell that is the cell itself.
    Neighbours,
    /// The same of every second row and column only: the board that comes out is [`Board::halved`].
    EverySecond,
}

impl Reach {
    /// The board that comes out.
    pub(crate) fn of(self, board: Board) -> Board {
        if self == Self::EverySecond { board.halved() } else { board }
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
    weight: Weight,
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
    /// A convolution as trunks have them: without a bias, which the normalisation behind it would take away.
    pub(crate) fn trunk(
        build: &Builder<'_>,
        board: Board,
        reach: Reach,
        (inputs, outputs): (usize, usize),
    ) -> Self {
        let (start, precision) = (Start::Uniform, build.style().precision);
        Self { board, reach, inputs, outputs, bias: false, start, precision }
    }
}

impl Affine {
    pub(crate) fn new(build: &mut Builder<'_>, name: &str, shape: AffineShape) -> Result<Self> {
        let AffineShape { board, reach, inputs, outputs, bias, start, precision } = shape;
        let (outcome, stride) = (reach.of(board), if reach == Reach::EverySecond { 2 } else { 1 });
        let window = (reach != Reach::Cell && board.cells() > 1)
            .then(|| Convolution::new(build.device(), (board.height, board.width), stride));
        let fan_in = inputs * if window.is_some() { 9 } else { 1 };
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
        build.describe(name, outcome.shape(outputs), parameters, macs);
        Ok(Self { weight, bias, window, precision, counter: build.counter() })
    }

    /// A linear layer with a bias, in single precision.
    pub(crate) fn linear(
        build: &mut Builder<'_>,
        name: &str,
        inputs: usize,
        outputs: usize,
        start: Start,
    ) -> Result<Self> {
        let (board, precision) = (Board { height: 1, width: 1 }, Precision::F32);
        let reach = Reach::Cell;
        let shape = AffineShape { board, reach, inputs, outputs, bias: true, start, precision };
        Self::new(build, name, shape)
    }

    /// The convolution that this is, where what stands behind it can be computed along with it.
    fn fused(&self) -> Option<&Convolution> {
        let plain = self.bias.is_none() && self.precision == Precision::F32;
        self.window.as_ref().filter(|convolution| plain && convolution.is_on_cpu())
    }

    /// Counts what a product of so many rows took.
    fn count(&self, product: &Tensor) -> Result<()> {
        let macs = product.dim(0)? * self.weight.tensor(false).elem_count();
        self.counter.add(macs as u64);
        Ok(())
    }

    pub(crate) fn forward(&self, x: &Tensor, mode: Mode) -> Result<Tensor> {
        let weight = self.weight.tensor(mode.with_gradient());
        let (inputs, outputs) = weight.dims2()?;
        let (x, weight) = (self.precision.lower(x)?, self.precision.lower(weight)?);
        let product = match &self.window {
            Some(convolution) => convolution.apply(&x, &weight)?,
            None => ops::product(&x, &weight).map_err(|error| {
                asked_for(error, x.elem_count() / inputs * outputs * size_of::<f32>())
            })?,
        };
        self.count(&product)?;
        let y = self.precision.raise(product)?;
        match &self.bias {
            Some(bias) => ops::add_bias(&y, bias.tensor(mode.with_gradient())),
            None => Ok(y),
        }
    }
}

/// What a layer's outputs are normalised by.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum Normalization {
    /// The batch's moments in learning, running ones in acting (the papers' choice). The two differ by
    /// the noise of a batch, which is large where a batch has few rows.
    Batch,
    /// Each row's own moments, in learning as in acting.
    Layer,
}

/// A normalisation, with a ReLU behind it if wanted.
#[derive(Clone, Debug)]
pub(crate) struct Norm {
    gamma: Weight,
    beta: Weight,
    /// Of a batch normalisation: running means, then running variances.
    running: Option<Var>,
    relu: bool,
}

impl Norm {
    /// A normalisation over the board's cells, of the kind that the networks are made with.
    pub(crate) fn new(
        build: &mut Builder<'_>,
        name: &str,
        channels: usize,
        relu: bool,
    ) -> Result<Self> {
        Self::of_kind(build, name, (channels, relu), build.style().normalization)
    }

    /// A normalisation of a layer with one row a sample, as heads have behind their planes, of the kind that
    /// the networks have there.
    pub(crate) fn of_samples(
        build: &mut Builder<'_>,
        name: &str,
        channels: usize,
        relu: bool,
    ) -> Result<Self> {
        Self::of_kind(build, name, (channels, relu), build.style().head_normalization)
    }

    pub(crate) fn of_kind(
        build: &mut Builder<'_>,
        name: &str,
        (channels, relu): (usize, bool),
        kind: Normalization,
    ) -> Result<Self> {
        let gamma = build.constant(&format!("{name}.weight"), &[channels], 1.0)?;
        let beta = build.constant(&format!("{name}.bias"), &[channels], 0.0)?;
        let running =
            if kind == Normalization::Batch { Some(running(build, name, channels)?) } else { None };
        build.describe(name, vec![channels], 2 * channels, 0);
        Ok(Self { gamma, beta, running, relu })
    }

    pub(crate) fn forward(&self, x: &Tensor, mode: Mode) -> Result<Tensor> {
        self.and_relu(x, self.relu, mode)
    }

    fn and_relu(&self, x: &Tensor, relu: bool, mode: Mode) -> Result<Tensor> {
        let (gamma, beta) =
            (self.gamma.tensor(mode.with_gradient()), self.beta.tensor(mode.with_gradient()));
        match &self.running {
            None => ops::layer_norm(x, gamma, beta, relu),
            Some(running) if mode == Mode::Infer => {
                ops::scale_shift(x, gamma, beta, running.as_tensor(), relu)
            }
            Some(running) => {
                let (y, moments) = ops::batch_norm(x, gamma, beta, relu)?;
                follow(running, &moments, x.dim(0)?)?;
                Ok(y)
            }
        }
    }
}

/// A layer with its normalisation behind it.
#[derive(Clone, Debug)]
pub(crate) struct Normalised {
    affine: Affine,
    norm: Norm,
}

impl Normalised {
    /// A layer of a trunk called `name`.
    pub(crate) fn new(build: &mut Builder<'_>, name: &str, shape: AffineShape) -> Result<Self> {
        let affine = Affine::new(build, name, shape)?;
        let norm = Norm::new(build, &format!("{name}.norm"), shape.outputs, false)?;
        Ok(Self { affine, norm })
    }

    /// What the layer makes of `x`, normalised, and what `then` makes of that.
    pub(crate) fn forward(&self, x: &Tensor, then: Then<&Tensor>, mode: Mode) -> Result<Tensor> {
        let Self { affine, norm } = self;
        if let (Some(convolution), Some(running)) = (affine.fused(), &norm.running) {
            let parameters = [&affine.weight, &norm.gamma, &norm.beta];
            let parameters = parameters.map(|weight| weight.tensor(mode.with_gradient()));
            let y = if mode == Mode::Infer {
                convolution.infer(x, parameters, running, then)?
            } else {
                let (y, moments) = ops::normalised(convolution, x, parameters, then)?;
                follow(running, &moments, y.dim(0)?)?;
                y
            };
            affine.count(&y)?;
            return Ok(y);
        }
        let y = affine.forward(x, mode)?;
        match then {
            Then::Nothing => norm.forward(&y, mode),
            Then::Relu => norm.and_relu(&y, true, mode),
            Then::AddRelu(beside) => ops::add_relu(&norm.forward(&y, mode)?, beside),
        }
    }
}

/// Running moments take a batch's, of so many rows, into account.
fn follow(running: &Var, moments: &Tensor, rows: usize) -> Result<()> {
    // The running variance takes the unbiased one.
    let variance_factor = rows as f32 / rows.saturating_sub(1).max(1) as f32;
    let how = Following { share: MOMENTUM, variance_factor, counted: false };
    running.set(&ops::follow(running, moments, how)?)
}

fn running(build: &mut Builder<'_>, name: &str, channels: usize) -> Result<Var> {
    let start = [vec![0.0; channels], vec![1.0; channels]].concat();
    build.statistic(&format!("{name}.running"), start)
}

/// Brings the features of a vector, which come in any unit, to mean 0 and deviation 1, by running
/// statistics in every mode. It trains nothing.
#[derive(Clone, Debug)]
pub(crate) struct Scale {
    /// Means, variances, and the number of batches they come from.
    running: Var,
    ones: Tensor,
    zeros: Tensor,
}

impl Scale {
    pub(crate) fn new(build: &mut Builder<'_>, name: &str, features: usize) -> Result<Self> {
        let start = [vec![0.0; features], vec![1.0; features], vec![0.0]].concat();
        build.describe(name, vec![features], 0, 0);
        Ok(Self {
            running: build.statistic(&format!("{name}.running"), start)?,
            ones: build.device().upload(vec![1f32; features], features)?,
            zeros: build.device().zeros(features)?,
        })
    }

    /// `x` `[B, features]`. In learning the batch first joins the statistics: with equal weight at the
    /// start, with [`SCALE_MOMENTUM`] later.
    pub(crate) fn forward(&self, x: &Tensor, mode: Mode) -> Result<Tensor> {
        if mode == Mode::Train {
            let how = Following { share: SCALE_MOMENTUM, variance_factor: 1.0, counted: true };
            self.running.set(&ops::follow(&self.running, &ops::moments(x)?, how)?)?;
        }
        let moments = self.running.narrow(0, 0, 2 * x.dim(1)?)?;
        ops::scale_shift(x, &self.ones, &self.zeros, &moments, false)
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
                precision: Precision::F32,
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
