//! The convolution of a board.
//!
//! On the CPU one with 3×3 windows around cells, which most are, is computed in place (`products`); on a GPU cuDNN
//! computes it. Elsewhere it is a product of windows laid out.

use candle_core::{Result, Tensor, bail};

use super::batch_norm::check_width;
use super::finish::Finish;
use super::normalised::{Then, on_cpu_then};
use super::products::Boards;
use super::products::SIDE;
use super::run::{Output, on_cpu};
use super::windows::{Window, Windows};
use crate::device::Device;

/// A convolution of boards of one size.
#[derive(Clone, Debug)]
pub struct Convolution {
    pub(super) windows: Windows,
    device: Device,
}

impl Convolution {
    /// Of boards of `height` × `width` cells.
    #[must_use]
    pub fn new(device: &Device, (height, width): (usize, usize), window: Window) -> Self {
        let windows = Windows { height, width, window };
        Self { windows, device: device.clone() }
    }

    /// Height and width of what comes out.
    #[must_use]
    pub fn output_size(&self) -> (usize, usize) {
        self.windows.output_size()
    }

    /// `board` `[B·H·W, C]` with `weight` `[cells·C, D]` of the window's cells (rows ordered row, column, channel of the window):
    /// `[B·H'·W', D]`. Both may be bf16; the sums are `f32` all the same.
    ///
    /// # Errors
    /// If the shapes do not fit.
    pub fn apply(&self, board: &Tensor, weight: &Tensor) -> Result<Tensor> {
        let shape = self.shape_of(board, weight)?;
        let output = self.forward(&board.detach(), &weight.detach())?;
        let convolution = self.clone();
        output.linked2(shape, [board, weight], move |[board, weight], _, gradient| {
            let (of_board, of_weight) = convolution.gradients(board, &weight.detach(), gradient)?;
            Ok([of_board, Some(of_weight)])
        })
    }

    /// The gradients of the board, where it has one, and of the weight.
    pub(super) fn gradients(
        &self,
        board: &Tensor,
        weight: &Tensor,
        gradient: &Tensor,
    ) -> Result<(Option<Tensor>, Tensor)> {
        let of_weight = self.of_weight(&board.detach(), gradient)?;
        // The first layer's input has no gradient to pass on.
        let of_board = board.track_op().then(|| self.of_board(board, weight, gradient));
        Ok((of_board.transpose()?, of_weight))
    }

    /// Whether it is computed in place, so that what stands behind it can be computed along with it.
    pub(crate) fn is_in_place(&self) -> bool {
        let Window { side, padding, .. } = self.windows.window;
        (side, padding) == (SIDE, 1) && !self.device.is_cuda()
    }

    /// [`Convolution::apply`] in place in acting, with what stands behind it: a normalisation by running moments
    /// (`gamma`, `beta` `[D]`, moments `[2D]`), and `then`. No gradient comes back through it.
    ///
    /// # Errors
    /// If the shapes do not fit, or the tensors are not on the CPU.
    pub fn infer(
        &self,
        board: &Tensor,
        [weight, gamma, beta]: [&Tensor; 3],
        moments: &Tensor,
        then: Then<&Tensor>,
    ) -> Result<Tensor> {
        let ((rows, outputs), channels) = (self.shape_of(board, weight)?, board.dim(1)?);
        check_width([gamma, beta, moments], outputs)?;
        let (cells, boards) = (self.cells(), Boards(self.windows));
        let convolve = |[board, weight, norm @ ..]: [&[f32]; 5], then: Then<&[f32]>| {
            let finish = Finish::new(norm, then, cells);
            boards.convolve(board, weight, channels, |index, sample| finish.apply(index, sample))
        };
        let inputs = [board, weight, gamma, beta, moments];
        let output = on_cpu_then(inputs, (then, rows * outputs), convolve)?;
        Ok(output.shaped((rows, outputs)))
    }

    /// Of what comes out.
    pub(super) fn cells(&self) -> usize {
        self.output_size().0 * self.output_size().1
    }

    /// Rows and columns of what comes of them.
    fn shape_of(&self, board: &Tensor, weight: &Tensor) -> Result<(usize, usize)> {
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
        let (boards, channels) = (Boards(self.windows), board.dim(1)?);
        let convolve =
            |[board, weight]: [&[f32]; 2]| boards.convolve(board, weight, channels, |_, _| ());
        on_cpu([board, weight], convolve)?.rounded(board.dtype())
    }

    /// The gradient of the weight, `[cells·C, D]`.
    fn of_weight(&self, board: &Tensor, gradient: &Tensor) -> Result<Tensor> {
        #[cfg(feature = "cuda")]
        if let Some(cudnn) = self.device.cudnn() {
            return cudnn.of_weight(&self.windows, board, gradient);
        }
        if !self.is_in_place() {
            return self.windows.of_weight(board, gradient);
        }
        let (boards, (channels, outputs)) =
            (Boards(self.windows), (board.dim(1)?, gradient.dim(1)?));
        let of_weights =
            |[board, gradient]: [&[f32]; 2]| boards.of_weights(board, gradient, channels);
        let of_weight = on_cpu([board, gradient], of_weights)?.rounded(board.dtype())?;
        Ok(of_weight.shaped((self.windows.window.cells() * channels, outputs)))
    }

    /// The gradient of the board, of the shape of `board`.
    fn of_board(&self, board: &Tensor, weight: &Tensor, gradient: &Tensor) -> Result<Tensor> {
        #[cfg(feature = "cuda")]
        if let Some(cudnn) = self.device.cudnn() {
            return cudnn.of_board(&self.windows, board, weight, gradient);
        }
        if !self.is_in_place() {
            return self.windows.of_board(board, weight, gradient);
        }
        let (boards, channels) = (Boards(self.windows), board.dim(1)?);
        let of_boards =
            |[gradient, weight]: [&[f32]; 2]| boards.of_boards(gradient, weight, channels);
        let of_board = on_cpu([gradient, weight], of_boards)?.rounded(board.dtype())?;
        Ok(of_board.shaped(board.shape()))
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

        /// Outputs and both gradients are those of the windows laid out; and each sample's are the same bits
        /// alone as in the batch.
        #[test]
        fn it_is_the_product_of_the_windows(
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
            let output = convolution.apply(&board, &weight).unwrap();
            close(&output, &convolution.windows.forward(&board, &weight).unwrap());
            let gradient = draw(output.dim(0).unwrap(), outputs);
            let gradients = (&output * gradient.as_tensor()).unwrap().sum_all().unwrap().backward().unwrap();
            let of_weight = convolution.windows.of_weight(&board, &gradient).unwrap();
            close(gradients.get(&weight).unwrap(), &of_weight);
            let of_board = convolution.windows.of_board(&board, &weight, &gradient).unwrap();
            close(gradients.get(&board).unwrap(), &of_board);

            let [gamma, beta] = [0, 1].map(|_| draw(1, outputs).flatten_all().unwrap());
            let moments = draw(1, 2 * outputs).abs().unwrap().flatten_all().unwrap();
            let inferred = convolution
                .infer(&board, [&weight, &gamma, &beta], &moments, Then::AddRelu(&gradient))
                .unwrap();
            let normalised = scale_shift(&output, &gamma, &beta, &moments, Then::Nothing).unwrap();
            let in_steps = add_relu(&normalised, &gradient).unwrap();
            prop_assert_eq!(inferred.to_vec2::<f32>().unwrap(), in_steps.to_vec2::<f32>().unwrap());

            let cells = output.dim(0).unwrap() / samples;
            let alone = board.narrow(0, (samples - 1) * height * width, height * width).unwrap();
            let alone = convolution.apply(&alone, &weight).unwrap().to_vec2::<f32>().unwrap();
            let last = output.narrow(0, (samples - 1) * cells, cells).unwrap();
            prop_assert_eq!(alone, last.to_vec2::<f32>().unwrap());
        }
    }
}
