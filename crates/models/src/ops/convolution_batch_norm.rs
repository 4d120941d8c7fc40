//! A convolution, batch normalization and an epilogue as one operation, on the CPU.

use candle_core::{Result, Tensor};

use super::add_relu::relu_gradient;
use super::batch_norm::{gradients, moments};
use super::convolution::Convolution;
use super::epilogue::{Epilogue, FusedEpilogue, check_width, on_cpu_with_epilogue};
use super::pieces::changed;
use crate::traced::Traced;

/// [`Convolution::apply`], then [`super::batch_norm()`] with `gamma` and `beta` `[D]`, then `epilogue`.
/// Returns the batch's moments `[2D]` too.
///
/// # Errors
/// If the shapes do not fit, or a tensor is not on the CPU.
pub fn convolution_batch_norm(
    convolution: &Convolution,
    board: &Traced,
    parameters: [&Traced; 3],
    epilogue: Epilogue<&Traced>,
) -> Result<(Traced, Tensor)> {
    let [weight, gamma, beta] = parameters.map(Traced::tensor);
    let y = convolution.outputs(board.tensor(), weight)?;
    let (moments, (rows, outputs)) = (moments(&y)?, y.dims2()?);
    let cells = convolution.cells();
    check_width([gamma, beta, &moments], outputs)?;
    let normalize = |[y, norm @ ..]: [&[f32]; 4], epilogue: Epilogue<&[f32]>| {
        let fused = FusedEpilogue::new(norm, epilogue, cells);
        changed(y, cells * outputs, |index, sample| fused.apply(index, sample))
    };
    let output = on_cpu_with_epilogue(
        [&y, gamma, beta, &moments],
        (epilogue.map(Traced::tensor), rows * outputs),
        normalize,
    )?;
    let node = FusedNode {
        convolution: convolution.clone(),
        y,
        moments: moments.clone(),
        relu: matches!(epilogue, Epilogue::Relu),
    };
    let [weight, gamma, beta] = parameters;
    let output = output.shaped((rows, outputs));
    let output = match epilogue {
        Epilogue::Nothing | Epilogue::Relu => {
            let inputs = [board, weight, gamma, beta];
            Traced::accumulated(output, inputs, move |inputs, out, gradient, earlier| {
                node.backward(inputs, out, gradient, earlier)
            })
        }
        Epilogue::AddRelu(addend) => {
            let inputs = [board, weight, gamma, beta, addend];
            Traced::accumulated(output, inputs, move |[inputs @ .., _], out, gradient, earlier| {
                let passed = relu_gradient(out, gradient)?;
                let [board, weight, gamma, beta] = node.backward(inputs, out, &passed, earlier)?;
                Ok([board, weight, gamma, beta, Some(passed)])
            })
        }
    };
    Ok((output, moments))
}

/// The tensors that the backward pass needs.
struct FusedNode {
    convolution: Convolution,
    /// The convolution's output.
    y: Tensor,
    moments: Tensor,
    relu: bool,
}

impl FusedNode {
    /// The gradients of board, weight, gamma and beta, from the gradient of the normalization's output. `earlier`
    /// is added to that of the board.
    fn backward(
        &self,
        [board, weight, gamma, _]: [&Traced; 4],
        out: &Tensor,
        gradient: &Tensor,
        earlier: Option<&Tensor>,
    ) -> Result<[Option<Tensor>; 4]> {
        let Self { convolution, y, moments, relu } = self;
        let [y_gradient, gamma_gradient, beta_gradient] =
            gradients(y, gamma.tensor(), out, gradient, moments, *relu)?;
        let [board_gradient, weight_gradient] =
            convolution.gradients(board, weight.tensor(), &y_gradient, earlier)?;
        Ok([board_gradient, weight_gradient, Some(gamma_gradient), Some(beta_gradient)])
    }
}

#[cfg(test)]
mod tests {
    use candle_core::Var;
    use rand::RngExt;
    use rand_chacha::ChaCha8Rng;
    use rand_chacha::rand_core::SeedableRng;

    use super::*;
    use crate::backward;
    use crate::device::Device;
    use crate::ops::Window;
    use crate::ops::{add_relu, batch_norm};

    /// Outputs and gradients are equal to the last bit.
    #[test]
    fn the_fused_node_equals_the_separate_operations() {
        let (height, width, samples, channels, outputs) = (4, 5, 3, 6, 7);
        for stride in [1, 2] {
            let mut stream = ChaCha8Rng::seed_from_u64(5);
            let mut draw = |shape: &[usize]| {
                let numbers = (0..shape.iter().product()).map(|_| stream.random::<f32>() - 0.5);
                let tensor = Device::cpu().upload(numbers.collect(), shape).unwrap();
                Var::from_tensor(&tensor).unwrap()
            };
            let convolution =
                Convolution::new(&Device::cpu(), (height, width), Window::around(stride));
            let board = draw(&[samples * height * width, channels]);
            let rows = samples * convolution.cells();
            let addend = draw(&[rows, outputs]);
            let (weight, gamma, beta) =
                (draw(&[9 * channels, outputs]), draw(&[outputs]), draw(&[outputs]));
            let inputs = [&board, &weight, &gamma, &beta, &addend];
            let traced = inputs.map(Traced::parameter);
            let [board, weight, gamma, beta, addend] = &traced;
            let coefficients = draw(&[rows, outputs]);
            let results = |output: &Traced, moments: &Tensor| {
                let leaf = output.leaf().unwrap();
                let output = leaf.tensor();
                let numbers = |tensor: &Tensor| -> Vec<f32> {
                    tensor.flatten_all().unwrap().to_vec1().unwrap()
                };
                let loss = (output * coefficients.as_tensor()).unwrap().sum_all().unwrap();
                let gradients = backward(&loss, [&leaf]).unwrap();
                let gradients = inputs.map(|input| gradients.get(input).map(numbers));
                (numbers(output), numbers(moments), gradients)
            };
            for epilogue in [Epilogue::Nothing, Epilogue::Relu, Epilogue::AddRelu(addend)] {
                let (found, moments) =
                    convolution_batch_norm(&convolution, board, [weight, gamma, beta], epilogue)
                        .unwrap();
                let found = results(&found, &moments);
                let relu = matches!(epilogue, Epilogue::Relu);
                let y = convolution.apply(board, weight).unwrap();
                let (mut y, moments) = batch_norm(&y, gamma, beta, relu).unwrap();
                if let Epilogue::AddRelu(addend) = epilogue {
                    y = add_relu(&y, addend).unwrap();
                }
                assert_eq!(found, results(&y, &moments), "{epilogue:?}, stride {stride}");
            }
        }
    }

    #[test]
    fn the_addend_must_have_the_shape_of_the_output() {
        let convolution = Convolution::new(&Device::cpu(), (2, 2), Window::around(1));
        let of = |shape: &[usize]| Traced::constant(Device::cpu().zeros(shape).unwrap());
        let parameters = [&of(&[9, 3]), &of(&[3]), &of(&[3])];
        let error = convolution_batch_norm(
            &convolution,
            &of(&[4, 1]),
            parameters,
            Epilogue::AddRelu(&of(&[4, 2])),
        );
        assert!(error.unwrap_err().to_string().contains("to 12 numbers"));
    }
}
