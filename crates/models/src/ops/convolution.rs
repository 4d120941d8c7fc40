//! The convolution of a board.
//!
//! There are three methods. On the CPU, 3×3 windows with padding 1, the usual kernel, are read in place
//! (`products`). On a GPU, cuDNN computes any convolution if it is installed. Otherwise `windows` copies the
//! windows to a matrix (im2col) and multiplies it.

use candle_core::{DType, Result, Tensor, bail};

use super::epilogue::{Epilogue, FusedEpilogue, check_width, on_cpu_with_epilogue};
use super::product::of_both_factors;
use super::products::{PaddedBoards, SIDE};
use super::run::{Output, on_cpu, read};
use super::sum::{add_to, sum};
use super::windows::{Window, Windows};
use crate::device::Device;
use crate::traced::Traced;

/// A convolution of boards of one size.
#[derive(Clone, Debug)]
pub struct Convolution {
    pub(super) windows: Windows,
    device: Device,
}

impl Convolution {
    /// The convolution of boards of `height` × `width` cells.
    #[must_use]
    pub fn new(device: &Device, (height, width): (usize, usize), window: Window) -> Self {
        let windows = Windows { height, width, window };
        Self { windows, device: device.clone() }
    }

    /// Height and width of the output.
    #[must_use]
    pub fn output_size(&self) -> (usize, usize) {
        self.windows.output_size()
    }

    /// `board` `[B·H·W, C]` to `[B·H'·W', D]`. `weight` is `[cells·C, D]` with rows ordered by row, column
    /// and channel of the window. Both may be bf16; sums are in `f32`.
    ///
    /// # Errors
    /// If the shapes do not fit.
    pub fn apply(&self, board: &Traced, weight: &Traced) -> Result<Traced> {
        let output = self.outputs(board.tensor(), weight.tensor())?;
        let convolution = self.clone();
        let backward =
            move |[board, weight]: [&Traced; 2], _: &_, gradient: &_, earlier: Option<&_>| {
                convolution.gradients(board, weight.tensor(), gradient, earlier)
            };
        Ok(Traced::accumulated(output, [board, weight], backward))
    }

    /// [`Convolution::apply`] without gradient.
    pub(super) fn outputs(&self, board: &Tensor, weight: &Tensor) -> Result<Tensor> {
        let shape = self.output_shape(board, weight)?;
        Ok(self.forward(board, weight)?.shaped(shape))
    }

    /// The gradients of the board, if it needs one, and of the weight. `earlier` is added to that of the board.
    pub(super) fn gradients(
        &self,
        board: &Traced,
        weight: &Tensor,
        gradient: &Tensor,
        earlier: Option<&Tensor>,
    ) -> Result<[Option<Tensor>; 2]> {
        of_both_factors(
            board,
            |board| self.board_gradient(board, weight, gradient, earlier),
            |board| self.weight_gradient(board, gradient),
        )
    }

    /// Whether windows are read in place, so that an [`Epilogue`] can be fused.
    pub(crate) fn is_in_place(&self) -> bool {
        let Window { side, padding, .. } = self.windows.window;
        (side, padding) == (SIDE, 1) && !self.device.is_cuda()
    }

    /// [`Convolution::apply`] in place, then a normalization by given moments (`gamma`, `beta` `[D]`,
    /// `moments` `[2D]`), then `epilogue`. The output has no gradient.
    ///
    /// # Errors
    /// If the shapes do not fit, or the tensors are not on the CPU.
    pub fn infer(
        &self,
        board: &Tensor,
        [weight, gamma, beta]: [&Tensor; 3],
        moments: &Tensor,
        epilogue: Epilogue<&Tensor>,
    ) -> Result<Tensor> {
        let ((rows, outputs), channels) = (self.output_shape(board, weight)?, board.dim(1)?);
        check_width([gamma, beta, moments], outputs)?;
        let (cells, boards) = (self.cells(), PaddedBoards(self.windows));
        let convolve = |[board, weight, norm @ ..]: [&[f32]; 5], epilogue: Epilogue<&[f32]>| {
            let fused = FusedEpilogue::new(norm, epilogue, cells);
            boards.convolve(board, weight, channels, |index, sample| fused.apply(index, sample))
        };
        let inputs = [board, weight, gamma, beta, moments];
        let output = on_cpu_with_epilogue(inputs, (epilogue, rows * outputs), convolve)?;
        Ok(output.shaped((rows, outputs)))
    }

    /// Cells of the output's board.
    pub(super) fn cells(&self) -> usize {
        self.output_size().0 * self.output_size().1
    }

    /// The shape of the output.
    fn output_shape(&self, board: &Tensor, weight: &Tensor) -> Result<(usize, usize)> {
        let ((rows, channels), (inputs, outputs)) = (board.dims2()?, weight.dims2()?);
        let Windows { height, width, window } = self.windows;
        if rows % (height * width) != 0 || inputs != window.cells() * channels {
            bail!(
                "boards {rows}×{channels} of {height}×{width} cells do not fit a weight of {inputs} rows"
            );
        }
        Ok((rows / (height * width) * self.cells(), outputs))
    }

    fn forward(&self, board: &Tensor, weight: &Tensor) -> Result<Output> {
        #[cfg(feature = "cuda")]
        if let Some(cudnn) = self.device.cudnn() {
            return cudnn.forward(&self.windows, board, weight);
        }
        if !self.is_in_place() {
            return Output::copied(&self.windows.forward(board, weight)?);
        }
        let (boards, channels) = (PaddedBoards(self.windows), board.dim(1)?);
        let convolve =
            |[board, weight]: [&[f32]; 2]| boards.convolve(board, weight, channels, |_, _| ());
        on_cpu([board, weight], convolve)?.rounded(board.dtype())
    }

    /// The gradient of the weight, `[cells·C, D]`.
    fn weight_gradient(&self, board: &Tensor, gradient: &Tensor) -> Result<Tensor> {
        #[cfg(feature = "cuda")]
        if let Some(cudnn) = self.device.cudnn() {
            return cudnn.weight_gradient(&self.windows, board, gradient);
        }
        if !self.is_in_place() {
            return self.windows.weight_gradient(board, gradient);
        }
        let (boards, (channels, outputs)) =
            (PaddedBoards(self.windows), (board.dim(1)?, gradient.dim(1)?));
        let weight_gradient =
            |[board, gradient]: [&[f32]; 2]| boards.weight_gradient(board, gradient, channels);
        let weight_gradient = on_cpu([board, gradient], weight_gradient)?.rounded(board.dtype())?;
        Ok(weight_gradient.shaped((self.windows.window.cells() * channels, outputs)))
    }

    /// The gradient of the board, of the shape of `board`, and `earlier`.
    fn board_gradient(
        &self,
        board: &Tensor,
        weight: &Tensor,
        gradient: &Tensor,
        earlier: Option<&Tensor>,
    ) -> Result<Tensor> {
        let added = |gradient: Tensor| earlier.map_or(Ok(gradient.clone()), |e| sum(e, &gradient));
        #[cfg(feature = "cuda")]
        if let Some(cudnn) = self.device.cudnn() {
            return added(cudnn.board_gradient(&self.windows, board, weight, gradient)?);
        }
        if !self.is_in_place() {
            return added(self.windows.board_gradient(board, weight, gradient)?);
        }
        let (boards, channels) = (PaddedBoards(self.windows), board.dim(1)?);
        let convolve = |[gradient, weight]: [&[f32]; 2], earlier: &[f32]| {
            boards.board_gradient(gradient, weight, channels, |sample, out| {
                // Without an earlier gradient this adds nothing.
                add_to(out, earlier.get(sample * out.len()..).unwrap_or_default());
            })
        };
        let gradients = [gradient, weight];
        let output = match earlier {
            // A gradient in bf16 is rounded before it is added.
            Some(earlier) if board.dtype() == DType::F32 => {
                read([earlier], |[earlier]| on_cpu(gradients, |all| convolve(all, earlier)))??
            }
            _ => {
                let output = on_cpu(gradients, |all| convolve(all, &[]))?.rounded(board.dtype())?;
                return added(output.shaped(board.shape()));
            }
        };
        Ok(output.shaped(board.shape()))
    }
}

#[cfg(test)]
mod tests {
    use candle_core::Var;
    use proptest::prelude::*;
    use rand::RngExt;
    use rand_chacha::ChaCha8Rng;
    use rand_chacha::rand_core::SeedableRng;

    use super::*;
    use crate::backward;
    use crate::ops::{add_relu, scale_shift};

    fn close(found: &Tensor, expected: &Tensor) {
        let (found, expected) = (found.flatten_all().unwrap(), expected.flatten_all().unwrap());
        let (found, expected) =
            (found.to_vec1::<f32>().unwrap(), expected.to_vec1::<f32>().unwrap());
        assert_eq!(found.len(), expected.len());
        let largest = expected.iter().fold(0f32, |largest, x| largest.max(x.abs()));
        for (found, expected) in found.iter().zip(&expected) {
            assert!((found - expected).abs() <= 1e-5 * largest, "{found} {expected}");
        }
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(48))]

        /// Outputs and both gradients equal those of im2col. A sample's output is the same to the last bit
        /// alone and in a batch.
        #[test]
        fn a_convolution_in_place_equals_im2col(
            (height, width, stride) in (1usize..8, 1usize..8, 1usize..3),
            (channels, outputs, samples) in (1usize..24, 1usize..40, 1usize..4),
            seed in 0u64..1000,
        ) {
            let mut stream = ChaCha8Rng::seed_from_u64(seed);
            let mut draw = |rows: usize, columns: usize| {
                let numbers: Vec<f32> =
                    (0..rows * columns).map(|_| stream.random::<f32>() - 0.5).collect();
                Var::from_tensor(&Device::cpu().upload(numbers, (rows, columns)).unwrap()).unwrap()
            };
            let convolution = Convolution::new(&Device::cpu(), (height, width), Window::around(stride));
            let (board, weight) =
                (draw(samples * height * width, channels), draw(9 * channels, outputs));
            let traced = [&board, &weight].map(Traced::parameter);
            let leaf = convolution.apply(&traced[0], &traced[1]).unwrap().leaf().unwrap();
            let output = leaf.tensor();
            close(output, &convolution.windows.forward(&board, &weight).unwrap());
            let gradient = draw(output.dim(0).unwrap(), outputs);
            let sum = (output * gradient.as_tensor()).unwrap().sum_all().unwrap();
            let gradients = backward(&sum, [&leaf]).unwrap();
            let weight_gradient = convolution.windows.weight_gradient(&board, &gradient).unwrap();
            close(gradients.get(&weight).unwrap(), &weight_gradient);
            let board_gradient = convolution.windows.board_gradient(&board, &weight, &gradient).unwrap();
            close(gradients.get(&board).unwrap(), &board_gradient);

            let [gamma, beta] = [0, 1].map(|_| draw(1, outputs).flatten_all().unwrap());
            let moments = draw(1, 2 * outputs).abs().unwrap().flatten_all().unwrap();
            let inferred = convolution
                .infer(&board, [&weight, &gamma, &beta], &moments, Epilogue::AddRelu(&gradient))
                .unwrap();
            let normalized = scale_shift(output, &gamma, &beta, &moments, Epilogue::Nothing).unwrap();
            let addend = Traced::constant(gradient.as_tensor().clone());
            let in_steps = add_relu(&Traced::constant(normalized), &addend).unwrap().into_tensor();
            prop_assert_eq!(inferred.to_vec2::<f32>().unwrap(), in_steps.to_vec2::<f32>().unwrap());

            let cells = output.dim(0).unwrap() / samples;
            let alone = board.narrow(0, (samples - 1) * height * width, height * width).unwrap();
            let alone = convolution.apply(&Traced::constant(alone), &traced[1]).unwrap();
            let alone = alone.tensor().to_vec2::<f32>().unwrap();
            let last = output.narrow(0, (samples - 1) * cells, cells).unwrap();
            prop_assert_eq!(alone, last.to_vec2::<f32>().unwrap());
        }
    }
}
