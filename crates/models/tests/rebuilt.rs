//! The forward pass of whole networks, rebuilt in plain loops from what `docs/networks.md` says and from the names
//! in a safetensors file. Nothing of the crate is used. PyTorch computed the expected numbers
//! (`golden/pytorch.py`, double precision).

use std::collections::HashMap;
use std::path::Path;

const SAMPLES: usize = 8;
const UNROLL: usize = 2;
const ACTIONS: usize = 3;

/// Relative to the largest number of a tensor. The files hold single precision.
const TOLERANCE: f64 = 1e-5;

/// Added to a variance before its square root is taken.
const EPSILON: f64 = 1e-5;

/// A tensor by its shape and its numbers, last dimension fastest.
struct Stored {
    shape: Vec<usize>,
    numbers: Vec<f64>,
}

/// One sample: `rows[row * width + column]` holds the planes of a cell. A vector is a board of one cell.
#[derive(Clone)]
struct Board {
    height: usize,
    width: usize,
    rows: Vec<Vec<f64>>,
}

impl Board {
    fn from_observation(shape: &[usize], numbers: &[f64]) -> Self {
        let (planes, height, width) = match *shape {
            [features] => (features, 1, 1),
            [planes, height, width] => (planes, height, width),
            _ => panic!("an observation of shape {shape:?}"),
        };
        let cells = height * width;
        let row = |cell: usize| (0..planes).map(|plane| numbers[plane * cells + cell]).collect();
        Self { height, width, rows: (0..cells).map(row).collect() }
    }

    /// Applies `change` to each cell's planes.
    fn map(&self, change: impl Fn(&[f64]) -> Vec<f64>) -> Self {
        Self { rows: self.rows.iter().map(|row| change(row)).collect(), ..*self }
    }

    fn relu(&self) -> Self {
        self.map(|row| row.iter().map(|x| x.max(0.0)).collect())
    }

    fn plus(&self, other: &Self) -> Self {
        let pairs = self.rows.iter().zip(&other.rows);
        let rows = pairs.map(|(a, b)| a.iter().zip(b).map(|(a, b)| a + b).collect()).collect();
        Self { rows, ..*self }
    }

    /// The 3×3 window around each `stride`-th cell. A cell beyond the edge is `None`.
    fn windows(&self, stride: usize, mut of: impl FnMut(&[Option<&[f64]>]) -> Vec<f64>) -> Self {
        let (height, width) = (self.height.div_ceil(stride), self.width.div_ceil(stride));
        let cell = |y: isize, x: isize| {
            let inside =
                (0..self.height as isize).contains(&y) && (0..self.width as isize).contains(&x);
            inside.then(|| self.rows[y as usize * self.width + x as usize].as_slice())
        };
        let mut rows = Vec::new();
        for (y, x) in (0..height).flat_map(|y| (0..width).map(move |x| (y, x))) {
            let (y, x) = ((y * stride) as isize, (x * stride) as isize);
            let window: Vec<_> = (-1..=1)
                .flat_map(|dy| (-1..=1).map(move |dx| (dy, dx)))
                .map(|(dy, dx)| cell(y + dy, x + dx))
                .collect();
            rows.push(of(&window));
        }
        Self { height, width, rows }
    }

    fn average_pool(&self) -> Self {
        let planes = self.rows[0].len();
        self.windows(2, |window| {
            let mean =
                |plane: usize| window.iter().flatten().map(|row| row[plane]).sum::<f64>() / 9.0;
            (0..planes).map(mean).collect()
        })
    }

    fn flat(&self) -> Vec<f64> {
        self.rows.concat()
    }
}

/// A file of weights, inputs and expected outputs.
struct File(HashMap<String, Stored>);

impl File {
    fn open(name: &str) -> Self {
        let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/golden");
        let bytes = std::fs::read(folder.join(format!("{name}.safetensors"))).unwrap();
        let tensors = safetensors::SafeTensors::deserialize(&bytes).unwrap();
        let stored = |view: safetensors::tensor::TensorView<'_>| {
            let numbers = match view.dtype() {
                safetensors::Dtype::F32 => {
                    let words = view.data().as_chunks::<4>().0.iter();
                    words.map(|word| f64::from(f32::from_le_bytes(*word))).collect()
                }
                safetensors::Dtype::U32 => {
                    let words = view.data().as_chunks::<4>().0.iter();
                    words.map(|word| f64::from(u32::from_le_bytes(*word))).collect()
                }
                other => panic!("{other:?}"),
            };
            Stored { shape: view.shape().to_vec(), numbers }
        };
        Self(tensors.iter().map(|(name, view)| (name.to_owned(), stored(view))).collect())
    }

    fn has(&self, name: &str) -> bool {
        self.0.contains_key(name)
    }

    fn get(&self, name: &str) -> &Stored {
        self.0.get(name).unwrap_or_else(|| panic!("no tensor {name}"))
    }

    /// Row `row` of a tensor whose first dimensions are flattened into rows.
    fn row(&self, name: &str, row: usize) -> &[f64] {
        let stored = self.get(name);
        let width = stored.shape.last().unwrap();
        &stored.numbers[row * width..][..*width]
    }

    /// `x · weight + bias`, the bias where there is one.
    fn linear(&self, name: &str, x: &[f64]) -> Vec<f64> {
        let weight = self.get(&format!("{name}.weight"));
        let (inputs, outputs) = (weight.shape[0], weight.shape[1]);
        assert_eq!(x.len(), inputs, "{name}");
        let bias = self.0.get(&format!("{name}.bias"));
        let output = |output: usize| {
            let product: f64 =
                (0..inputs).map(|i| x[i] * weight.numbers[i * outputs + output]).sum();
            product + bias.map_or(0.0, |bias| bias.numbers[output])
        };
        (0..outputs).map(output).collect()
    }

    /// The normalisation behind the layer `name`: by running statistics, by the row's own, or none.
    fn norm(&self, name: &str, x: &[f64]) -> Vec<f64> {
        let Some(gamma) = self.0.get(&format!("{name}.norm.weight")) else { return x.to_vec() };
        let beta = self.get(&format!("{name}.norm.bias"));
        let width = x.len();
        let (means, variances) = match self.0.get(&format!("{name}.norm.running")) {
            Some(running) => running.numbers.split_at(width),
            None => {
                let mean = x.iter().sum::<f64>() / width as f64;
                let variance = x.iter().map(|x| (x - mean).powi(2)).sum::<f64>() / width as f64;
                (&*vec![mean; width].leak(), &*vec![variance; width].leak())
            }
        };
        let normalised = |i: usize| {
            (x[i] - means[i]) / (variances[i] + EPSILON).sqrt() * gamma.numbers[i] + beta.numbers[i]
        };
        (0..width).map(normalised).collect()
    }

    /// A 3×3 convolution; on a board of one cell a linear layer.
    fn convolution(&self, name: &str, board: &Board, stride: usize) -> Board {
        if board.rows.len() == 1 {
            return board.map(|row| self.linear(name, row));
        }
        let planes = board.rows[0].len();
        board.windows(stride, |window| {
            let beyond = vec![0.0; planes];
            let x: Vec<f64> =
                window.iter().flat_map(|cell| cell.unwrap_or(&beyond).to_vec()).collect();
            self.linear(name, &x)
        })
    }

    /// A convolution and its normalisation.
    fn layer(&self, name: &str, board: &Board, stride: usize) -> Board {
        self.convolution(name, board, stride).map(|row| self.norm(name, row))
    }

    fn block(&self, name: &str, board: &Board) -> Board {
        let shortcut = format!("{name}.shortcut");
        let (stride, added) = if self.has(&format!("{shortcut}.weight")) {
            (2, self.convolution(&shortcut, board, 2))
        } else {
            (1, board.clone())
        };
        let inner = self.layer(&format!("{name}.0"), board, stride).relu();
        self.layer(&format!("{name}.1"), &inner, 1).plus(&added).relu()
    }

    fn blocks(&self, part: &str, mut board: Board) -> Board {
        for index in 0.. {
            let name = format!("{part}.block{index}");
            if !self.has(&format!("{name}.0.weight")) {
                break;
            }
            board = self.block(&name, &board);
        }
        board
    }

    fn represent(&self, observation: &Board) -> Board {
        let scaled = match self.0.get("representation.scale.running") {
            None => observation.clone(),
            Some(running) => observation.map(|row| {
                let features = row.len();
                let scaled = |i: usize| {
                    (row[i] - running.numbers[i]) / (running.numbers[features + i] + EPSILON).sqrt()
                };
                (0..features).map(scaled).collect()
            }),
        };
        let narrows = self.has("representation.down0.0.weight");
        let stride = if narrows { 2 } else { 1 };
        let mut x = self.layer("representation.stem", &scaled, stride).relu();
        if narrows {
            for block in ["down0", "down1", "down2"] {
                x = self.block(&format!("representation.{block}"), &x);
            }
            x = self.block("representation.down3", &x.average_pool()).average_pool();
        }
        self.blocks("representation", x)
    }

    /// `action` is what its planes hold.
    fn advance(&self, latent: &Board, action: &[f64]) -> Board {
        let both = latent.map(|row| [row, action].concat());
        let next = self.layer("dynamics.stem", &both, 1).plus(latent).relu();
        self.blocks("dynamics", next)
    }

    /// The first half of a head: one row a sample.
    fn squeeze(&self, head: &str, latent: &Board) -> Vec<f64> {
        let name = format!("{head}.squeeze");
        latent.map(|row| self.norm(&name, &self.linear(&name, row))).relu().flat()
    }

    /// The second half of a head.
    fn perceptron(&self, head: &str, features: &[f64]) -> Vec<f64> {
        let name = format!("{head}.hidden");
        let hidden = self.norm(&name, &self.linear(&name, features));
        self.linear(&format!("{head}.output"), &relu(&hidden))
    }

    fn head(&self, head: &str, latent: &Board) -> Vec<f64> {
        self.perceptron(head, &self.squeeze(head, latent))
    }

    /// Reward logits; `memory` is the LSTM's output and cell.
    fn reward(&self, latent: &Board, memory: &mut (Vec<f64>, Vec<f64>)) -> Vec<f64> {
        let mut features = self.squeeze("dynamics.reward", latent);
        if self.has("dynamics.reward.lstm.input.weight") {
            let input = self.linear("dynamics.reward.lstm.input", &features);
            let hidden = self.linear("dynamics.reward.lstm.hidden", &memory.0);
            let width = memory.1.len();
            let gate = |gate: usize, i: usize| input[gate * width + i] + hidden[gate * width + i];
            for i in 0..width {
                memory.1[i] =
                    sigmoid(gate(1, i)) * memory.1[i] + sigmoid(gate(0, i)) * gate(2, i).tanh();
            }
            memory.0 = (0..width).map(|i| sigmoid(gate(3, i)) * memory.1[i].tanh()).collect();
            features = relu(&self.norm("dynamics.reward.lstm", &memory.0));
        }
        self.perceptron("dynamics.reward", &features)
    }

    fn compare(&self, name: &str, sample: usize, found: &[f64]) {
        let largest = self.get(name).numbers.iter().fold(0f64, |largest, x| largest.max(x.abs()));
        let expected = self.row(name, sample);
        assert_eq!(expected.len(), found.len(), "{name}");
        for (expected, found) in expected.iter().zip(found) {
            let off = (expected - found).abs();
            assert!(off <= TOLERANCE * largest, "{name}, sample {sample}: {found}, not {expected}");
        }
    }

    fn observation(&self, sample: usize) -> Board {
        let observations = self.get("input/observations");
        let (shape, size) = (&observations.shape[1..], observations.numbers.len() / SAMPLES);
        Board::from_observation(shape, &observations.numbers[sample * size..][..size])
    }
}

fn relu(x: &[f64]) -> Vec<f64> {
    x.iter().map(|x| x.max(0.0)).collect()
}

fn sigmoid(x: f64) -> f64 {
    1.0 / (1.0 + (-x).exp())
}

/// `a / |A|` in one plane, or a plane an action.
fn encoded(action: usize, planes: usize) -> Vec<f64> {
    if planes == 1 {
        return vec![action as f64 / ACTIONS as f64];
    }
    (0..planes).map(|plane| if plane == action { 1.0 } else { 0.0 }).collect()
}

fn planner(name: &str) {
    let file = File::open(name);
    for sample in 0..SAMPLES {
        let mut latent = file.represent(&file.observation(sample));
        let lstm = file.0.get("dynamics.reward.lstm.hidden.weight").map_or(0, |w| w.shape[0]);
        let mut memory = (vec![0.0; lstm], vec![0.0; lstm]);
        for k in 0..=UNROLL {
            if k > 0 {
                let (cells, channels) = (latent.rows.len(), latent.rows[0].len());
                let window = if cells > 1 { 9 } else { 1 };
                let planes = file.get("dynamics.stem.weight").shape[0] / window - channels;
                let action = file.get("input/actions").numbers[(k - 1) * SAMPLES + sample] as usize;
                latent = file.advance(&latent, &encoded(action, planes));
                let rewards = file.reward(&latent, &mut memory);
                file.compare(&format!("infer/{k}/rewards"), sample, &rewards);
            }
            let predicted = file.blocks("prediction", latent.clone());
            file.compare(&format!("infer/{k}/latent"), sample, &latent.flat());
            let values = file.head("prediction.value", &predicted);
            file.compare(&format!("infer/{k}/values"), sample, &values);
            let policies = file.head("prediction.policy", &predicted);
            file.compare(&format!("infer/{k}/policies"), sample, &policies);
        }
    }
}

fn q_network(name: &str) {
    let file = File::open(name);
    for sample in 0..SAMPLES {
        let latent = file.represent(&file.observation(sample));
        file.compare("infer/values", sample, &file.head("values.action", &latent));
    }
}

#[test]
fn planners_of_vectors() {
    planner("vector");
    planner("vector_batch");
}

#[test]
fn planners_of_images() {
    planner("image");
    planner("image_layer");
}

#[test]
fn a_planner_that_downsamples() {
    planner("downsampling");
}

#[test]
fn q_networks() {
    q_network("q_vector");
    q_network("q_downsampling");
}
