//! The elementwise part of an LSTM step (Hochreiter and Schmidhuber 1997), in two operations: new cell and
//! output. Gates are in PyTorch's order: input, forget, candidate, output.

use std::marker::PhantomData;

use candle_core::{Result, bail};
use pulp::{Simd, WithSimd};

use super::flush_subnormals::flush;
use super::run::{Kernel, run};
use crate::traced::Traced;

/// The new cell `σ(f) c + σ(i) tanh(g)` from `gates` `[B, 4H]` and `cell` `[B, H]`.
///
/// # Errors
/// If the shapes do not fit.
pub fn lstm_cell(gates: &Traced, cell: &Traced) -> Result<Traced> {
    apply::<CellUpdate>(gates, cell)
}

/// The output `σ(o) tanh(c)` from `gates` `[B, 4H]` and the new `cell` `[B, H]`.
///
/// # Errors
/// If the shapes do not fit.
pub fn lstm_output(gates: &Traced, cell: &Traced) -> Result<Traced> {
    apply::<OutputUpdate>(gates, cell)
}

/// The four gates of one unit.
type Gates = [f32; 4];

/// An elementwise operation: one number for each unit, from the unit's gates and cell.
trait Elementwise: 'static {
    /// Names of the kernels, forward and backward.
    const KERNELS: [&'static str; 2];

    fn forward(gates: Gates, cell: f32) -> f32;

    /// The gradients of gates and cell, from the output's gradient.
    fn backward(gates: Gates, cell: f32, gradient: f32) -> (Gates, f32);
}

struct CellUpdate;

impl Elementwise for CellUpdate {
    const KERNELS: [&'static str; 2] = ["lstm_cell", "lstm_cell_backward"];

    #[inline(always)]
    fn forward(gates: Gates, cell: f32) -> f32 {
        sigmoid(gates[1]) * cell + sigmoid(gates[0]) * tanh(gates[2])
    }

    #[inline(always)]
    fn backward(gates: Gates, cell: f32, gradient: f32) -> (Gates, f32) {
        let (input, forget, candidate) = (sigmoid(gates[0]), sigmoid(gates[1]), tanh(gates[2]));
        let gate_gradients = [
            gradient * candidate * input * (1.0 - input),
            gradient * cell * forget * (1.0 - forget),
            gradient * input * (1.0 - candidate * candidate),
            0.0,
        ];
        (gate_gradients, gradient * forget)
    }
}

struct OutputUpdate;

impl Elementwise for OutputUpdate {
    const KERNELS: [&'static str; 2] = ["lstm_output", "lstm_output_backward"];

    #[inline(always)]
    fn forward(gates: Gates, cell: f32) -> f32 {
        sigmoid(gates[3]) * tanh(cell)
    }

    #[inline(always)]
    fn backward(gates: Gates, cell: f32, gradient: f32) -> (Gates, f32) {
        let (output, squashed) = (sigmoid(gates[3]), tanh(cell));
        let output_gate_gradient = gradient * squashed * output * (1.0 - output);
        ([0.0, 0.0, 0.0, output_gate_gradient], gradient * output * (1.0 - squashed * squashed))
    }
}

/// `e^x` to a relative error of 2e-7, from the nearest power of two and a series for the rest. The standard
/// library's is not vectorized and differs between platforms.
#[inline(always)]
fn exp(x: f32) -> f32 {
    /// Adding and subtracting it rounds to the nearest integer.
    const ROUNDING: f32 = 12_582_912.0;
    /// ln 2 in two parts. The first has few bits, so that its multiples are exact.
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

/// The hyperbolic tangent to an error of 1e-7.
#[inline(always)]
fn tanh(x: f32) -> f32 {
    let decay = exp(-2.0 * x.abs());
    ((1.0 - decay) / (1.0 + decay)).copysign(x)
}

fn apply<F: Elementwise>(gates: &Traced, cell: &Traced) -> Result<Traced> {
    let inputs = [gates, cell];
    let [gates, cell] = inputs.map(Traced::tensor);
    let (rows, hidden) = cell.dims2()?;
    if gates.dims2()? != (rows, 4 * hidden) {
        bail!("gates {:?} do not fit a cell {:?}", gates.shape(), cell.shape());
    }
    let count = rows * hidden;
    let all = |[gates, cell]: [&[f32]; 2]| {
        let mut out = vec![0.0; count];
        for row in 0..rows {
            let (state, out) =
                (SampleState::of_row(gates, cell, row, hidden), &mut out[row * hidden..]);
            pulp::Arch::new().dispatch(Forward::<F> { state, out, operation: PhantomData });
        }
        [out]
    };
    let kernel = Kernel::cells(F::KERNELS[0], count).counts(&[hidden]);
    let [output] = run([gates, cell], [count], all, &kernel)?;
    Ok(output.with_backward((rows, hidden), inputs, move |inputs, _, gradient| {
        let [gates, cell] = inputs.map(Traced::tensor);
        let all = |[gates, cell, gradient]: [&[f32]; 3]| {
            let (mut dgates, mut dcell) = (vec![0.0; 4 * count], vec![0.0; count]);
            let slopes = dgates.chunks_exact_mut(4 * hidden).zip(dcell.chunks_exact_mut(hidden));
            for (row, (dgates, dcell)) in slopes.enumerate() {
                let state = SampleState::of_row(gates, cell, row, hidden);
                let gradient = &gradient[row * hidden..];
                let backward =
                    Backward::<F> { state, gradient, dgates, dcell, operation: PhantomData };
                pulp::Arch::new().dispatch(backward);
            }
            [dgates, dcell]
        };
        let kernel = Kernel::cells(F::KERNELS[1], count).counts(&[hidden]);
        let [dgates, dcell] = run([gates, cell, gradient], [4 * count, count], all, &kernel)?;
        Ok([Some(dgates.shaped((rows, 4 * hidden))), Some(dcell.shaped((rows, hidden)))])
    }))
}

/// One sample's gates and cell.
struct SampleState<'a> {
    gates: [&'a [f32]; 4],
    cell: &'a [f32],
}

impl<'a> SampleState<'a> {
    fn of_row(gates: &'a [f32], cell: &'a [f32], row: usize, hidden: usize) -> Self {
        let gate = |gate| &gates[(4 * row + gate) * hidden..][..hidden];
        Self { gates: [0, 1, 2, 3].map(gate), cell: &cell[row * hidden..][..hidden] }
    }

    /// The gates and the cell of each unit.
    #[inline(always)]
    fn numbers(&self) -> impl Iterator<Item = (Gates, f32)> {
        let [input, forget, candidate, output] = self.gates;
        let gates = input.iter().zip(forget).zip(candidate).zip(output);
        gates.zip(self.cell).map(|((((i, f), g), o), cell)| ([*i, *f, *g, *o], *cell))
    }
}

struct Forward<'a, F> {
    state: SampleState<'a>,
    out: &'a mut [f32],
    operation: PhantomData<F>,
}

impl<F: Elementwise> WithSimd for Forward<'_, F> {
    type Output = ();

    #[inline(always)]
    fn with_simd<S: Simd>(self, _: S) {
        for ((gates, cell), out) in self.state.numbers().zip(self.out) {
            *out = F::forward(gates, cell);
        }
    }
}

struct Backward<'a, F> {
    state: SampleState<'a>,
    gradient: &'a [f32],
    dgates: &'a mut [f32],
    dcell: &'a mut [f32],
    operation: PhantomData<F>,
}

impl<F: Elementwise> WithSimd for Backward<'_, F> {
    type Output = ();

    #[inline(always)]
    fn with_simd<S: Simd>(self, _: S) {
        let hidden = self.dcell.len();
        let (first, last) = self.dgates.split_at_mut(2 * hidden);
        let ((di, df), (dg, r#do)) = (first.split_at_mut(hidden), last.split_at_mut(hidden));
        let slopes = di.iter_mut().zip(df).zip(dg).zip(r#do).zip(self.dcell);
        let numbers = self.state.numbers().zip(self.gradient);
        for (((gates, cell), gradient), ((((di, df), dg), r#do), dcell)) in numbers.zip(slopes) {
            let (gate_gradients, cell_gradient) = F::backward(gates, cell, *gradient);
            [*di, *df, *dg, *r#do] = gate_gradients.map(flush);
            *dcell = flush(cell_gradient);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn exponentials_are_those_of_the_library() {
        for at in -8700..=8800 {
            let x = at as f32 / 100.0;
            let (found, expected) = (f64::from(exp(x)), f64::from(x).exp());
            assert!((found / expected - 1.0).abs() < 3e-7, "e^{x} is {found}, not {expected}");
        }
        assert!(sigmoid(-1e9) < 1e-37);
        assert_eq!([sigmoid(1e9), tanh(-1e9), tanh(1e9)], [1.0, -1.0, 1.0]);
    }
}
