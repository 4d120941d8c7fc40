//! The two halves of an LSTM step (Hochreiter and Schmidhuber 1997), after its matrix products.
//! Gates stand in PyTorch's order: input, forget, candidate, output.

use candle_core::{Result, Tensor, bail};

use super::run::{Kernel, run};

/// The new cell `σ(f) c + σ(i) tanh(g)` from `gates` `[B, 4H]` and `cell` `[B, H]`.
///
/// # Errors
/// If the shapes do not fit.
pub fn lstm_cell(gates: &Tensor, cell: &Tensor) -> Result<Tensor> {
    let half = Half {
        kernels: ["lstm_cell", "lstm_cell_backward"],
        forward: |gates, cell| sigmoid(gates[1]) * cell + sigmoid(gates[0]) * tanh(gates[2]),
        backward: |gates, cell, gradient| {
            let (input, forget, candidate) = (sigmoid(gates[0]), sigmoid(gates[1]), tanh(gates[2]));
            let of_gates = [
                gradient * candidate * input * (1.0 - input),
                gradient * cell * forget * (1.0 - forget),
                gradient * input * (1.0 - candidate * candidate),
                0.0,
            ];
            (of_gates, gradient * forget)
        },
    };
    half.apply(gates, cell)
}

/// The output `σ(o) tanh(c)` from `gates` `[B, 4H]` and the new `cell` `[B, H]`.
///
/// # Errors
/// If the shapes do not fit.
pub fn lstm_output(gates: &Tensor, cell: &Tensor) -> Result<Tensor> {
    let half = Half {
        kernels: ["lstm_output", "lstm_output_backward"],
        forward: |gates, cell| sigmoid(gates[3]) * tanh(cell),
        backward: |gates, cell, gradient| {
            let (output, squashed) = (sigmoid(gates[3]), tanh(cell));
            let of_gate = gradient * squashed * output * (1.0 - output);
            ([0.0, 0.0, 0.0, of_gate], gradient * output * (1.0 - squashed * squashed))
        },
    };
    half.apply(gates, cell)
}

/// `e^x` from the power of two next to it and the series of the rest (to 2e-7 of it): a library's is no vector
/// operation, and differs from library to library.
#[inline(always)]
fn exp(x: f32) -> f32 {
    /// Adding it leaves the nearest whole number in a float's last bits.
    const ROUNDING: f32 = 12_582_912.0;
    /// ln 2 in two parts, the first of so few bits that its multiples are exact.
    const LN2: (f32, f32) = (0.693_359_4, -2.121_944_4e-4);
    let x = x.clamp(-87.0, 88.0);
    let power = x * std::f32::consts::LOG2_E + ROUNDING - ROUNDING;
    let rest = x - power * LN2.0 - power * LN2.1;
    let series = [1.0 / 720.0, 1.0 / 120.0, 1.0 / 24.0, 1.0 / 6.0, 0.5, 1.0, 1.0];
    let series = series.into_iter().reduce(|sum, term| sum * rest + term).unwrap_or(1.0);
    series * f32::from_bits(((power as i32 + 127) << 23) as u32)
}

#[inline(always)]
fn sigmoid(x: f32) -> f32 {
    1.0 / (1.0 + exp(-x))
}

/// The hyperbolic tangent, as exact as the gates need (to 1e-7).
#[inline(always)]
fn tanh(x: f32) -> f32 {
    let decay = exp(-2.0 * x.abs());
    ((1.0 - decay) / (1.0 + decay)).copysign(x)
}

/// The four gates of one number of the state.
type Gates = [f32; 4];

/// One half of a step: a number for each of the state's, from its gates and its cell.
#[derive(Clone, Copy)]
struct Half {
    kernels: [&'static str; 2],
    forward: fn(Gates, f32) -> f32,
    /// From the gates, the cell and the number's gradient: the gradients of gates and cell.
    backward: fn(Gates, f32, f32) -> (Gates, f32),
}

impl Half {
    fn apply(self, gates: &Tensor, cell: &Tensor) -> Result<Tensor> {
        let (rows, hidden) = cell.dims2()?;
        if gates.dims2()? != (rows, 4 * hidden) {
            bail!("gates {:?} do not fit a cell {:?}", gates.shape(), cell.shape());
        }
        let count = rows * hidden;
        let gates_of = move |gates: &[f32], at: usize| -> Gates {
            let first = at / hidden * 4 * hidden + at % hidden;
            [0, 1, 2, 3].map(|gate| gates[first + gate * hidden])
        };
        let all = |[gates, cell]: [&[f32]; 2]| {
            [cell
                .iter()
                .enumerate()
                .map(|(at, &c)| (self.forward)(gates_of(gates, at), c))
                .collect()]
        };
        let kernel = Kernel::cells(self.kernels[0], count).counts(&[hidden]);
        let [output] = run([gates, cell], [count], all, &kernel)?;
        output.linked2((rows, hidden), [gates, cell], move |[gates, cell], _, gradient| {
            let all = |[gates, cell, gradient]: [&[f32]; 3]| {
                let (mut dgates, mut dcell) = (vec![0.0; 4 * count], vec![0.0; count]);
                for (at, dcell) in dcell.iter_mut().enumerate() {
                    let (of_gates, of_cell) =
                        (self.backward)(gates_of(gates, at), cell[at], gradient[at]);
                    let first = at / hidden * 4 * hidden + at % hidden;
                    for (gate, slope) in of_gates.into_iter().enumerate() {
                        dgates[first + gate * hidden] = slope;
                    }
                    *dcell = of_cell;
                }
                [dgates, dcell]
            };
            let kernel = Kernel::cells(self.kernels[1], count).counts(&[hidden]);
            let [dgates, dcell] = run([gates, cell, gradient], [4 * count, count], all, &kernel)?;
            Ok([Some(dgates.shaped((rows, 4 * hidden))), Some(dcell.shaped((rows, hidden)))])
        })
    }
}
