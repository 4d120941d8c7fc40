//! A convolution, its normalisation by the batch's moments and the end of a residual block, on the CPU, as one node
//! of the graph of gradients.
//!
//! Candle adds each gradient that comes to a node to zeros that it makes for it first: with three nodes a layer that
//! was a tenth of an update.

use candle_core::{Result, Tensor, bail};

use super::add_relu::passed_by_relu;
use super::batch_norm::{check_width, gradients, moments};
use super::convolution::Convolution;
use super::finish::Finish;
use super::run::{Output, on_cpu, read};

/// What comes after a normalisation.
#[derive(Clone, Copy, Debug)]
pub enum Then<T> {
    /// Nothing.
    Nothing,
    /// A ReLU.
    Relu,
    /// The sum with something of the same shape, and a ReLU.
    AddRelu(T),
}

impl<T> Then<T> {
    /// A ReLU or nothing.
    #[must_use]
    pub fn relu_if(relu: bool) -> Self {
        if relu { Self::Relu } else { Self::Nothing }
    }
}

/// [`on_cpu`] of `inputs` and of what `then` adds, which has to have `count` numbers.
pub(super) fn on_cpu_then<const N: usize>(
    inputs: [&Tensor; N],
    (then, count): (Then<&Tensor>, usize),
    compute: impl FnOnce([&[f32]; N], Then<&[f32]>) -> Vec<f32>,
) -> Result<Output> {
    match then {
        Then::Nothing => on_cpu(inputs, |all| compute(all, Then::Nothing)),
        Then::Relu => on_cpu(inputs, |all| compute(all, Then::Relu)),
        Then::AddRelu(beside) if beside.elem_count() == count => {
            read([beside], |[beside]| on_cpu(inputs, |all| compute(all, Then::AddRelu(beside))))?
        }
        Then::AddRelu(beside) => bail!("{:?} is not added to {count} numbers", beside.shape()),
    }
}

/// [`Convolution::apply`], then [`super::batch_norm()`] with `gamma` and `beta` `[D]`, then `then`. Returns the
/// batch's moments `[2D]` too.
///
/// # Errors
/// If the shapes do not fit, or a tensor is not on the CPU.
pub fn normalised(
    convolution: &Convolution,
    board: &Tensor,
    [weight, gamma, beta]: [&Tensor; 3],
    then: Then<&Tensor>,
) -> Result<(Tensor, Tensor)> {
    let y = convolution.apply(&board.detach(), &weight.detach())?;
    let (moments, (rows, outputs)) = (moments(&y)?, y.dims2()?);
    let cells = convolution.cells();
    check_width([gamma, beta, &moments], outputs)?;
    let finish = |[y, of_norm @ ..]: [&[f32]; 4], then: Then<&[f32]>| {
        let (finish, mut out) = (Finish::new(of_norm, then, cells), y.to_vec());
        let samples = out.chunks_mut(cells * outputs).enumerate();
        samples.for_each(|(index, sample)| finish.apply(index, sample));
        out
    };
    let output = on_cpu_then([&y, gamma, beta, &moments], (then, rows * outputs), finish)?;
    // A node has at most three inputs.
    let parameters = Tensor::cat(&[&weight.flatten_all()?, gamma, beta], 0)?;
    let node = Node {
        convolution: convolution.clone(),
        y,
        weight: weight.detach(),
        gamma: gamma.detach(),
        moments: moments.clone(),
        relu: matches!(then, Then::Relu),
    };
    let output = match then {
        Then::Nothing | Then::Relu => {
            let inputs = [board, &parameters];
            output.linked2((rows, outputs), inputs, move |[board, _], out, gradient| {
                node.backward(board, out, gradient)
            })?
        }
        Then::AddRelu(beside) => {
            let inputs = [board, &parameters, beside];
            output.linked3((rows, outputs), inputs, move |[board, ..], out, gradient| {
                let passed = passed_by_relu(out, gradient)?;
                let [of_board, of_parameters] = node.backward(board, out, &passed)?;
                Ok([of_board, of_parameters, Some(passed)])
            })?
        }
    };
    Ok((output, moments))
}

/// What the way back needs.
struct Node {
    convolution: Convolution,
    /// What the convolution left.
    y: Tensor,
    weight: Tensor,
    gamma: Tensor,
    moments: Tensor,
    relu: bool,
}

impl Node {
    /// The gradients of the board and of the parameters, from that of the normalisation's output.
    fn backward(
        &self,
        board: &Tensor,
        out: &Tensor,
        gradient: &Tensor,
    ) -> Result<[Option<Tensor>; 2]> {
        let Self { convolution, y, weight, gamma, moments, relu } = self;
        let [of_y, of_gamma, of_beta] = gradients(y, gamma, out, gradient, moments, *relu)?;
        let (of_board, of_weight) = convolution.gradients(board, weight, &of_y)?;
        let of_parameters = Tensor::cat(&[&of_weight.flatten_all()?, &of_gamma, &of_beta], 0)?;
        Ok([of_board, Some(of_parameters)])
    }
}

#[cfg(test)]
mod tests {
    use candle_core::Var;
    use rand::RngExt;
    use rand_chacha::ChaCha8Rng;
    use rand_chacha::rand_core::SeedableRng;

    use super::*;
    use crate::device::Device;
    use crate::ops::Window;
    use crate::ops::{add_relu, batch_norm};

    /// Outputs and gradients are the same bits.
    #[test]
    fn it_is_what_its_parts_are_one_after_the_other() {
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
            let beside = draw(&[rows, outputs]);
            let (weight, gamma, beta) =
                (draw(&[9 * channels, outputs]), draw(&[outputs]), draw(&[outputs]));
            let inputs = [&board, &weight, &gamma, &beta, &beside];
            let wanted = draw(&[rows, outputs]);
            let outcome = |output: &Tensor, moments: &Tensor| {
                let numbers = |tensor: &Tensor| -> Vec<f32> {
                    tensor.flatten_all().unwrap().to_vec1().unwrap()
                };
                let loss = (output * wanted.as_tensor()).unwrap().sum_all().unwrap();
                let gradients = loss.backward().unwrap();
                let gradients = inputs.map(|input| gradients.get(input).map(numbers));
                (numbers(output), numbers(moments), gradients)
            };
            for then in [Then::Nothing, Then::Relu, Then::AddRelu(beside.as_tensor())] {
                let (found, moments) =
                    normalised(&convolution, &board, [&weight, &gamma, &beta], then).unwrap();
                let found = outcome(&found, &moments);
                let relu = matches!(then, Then::Relu);
                let y = convolution.apply(&board, &weight).unwrap();
                let (mut y, moments) = batch_norm(&y, &gamma, &beta, relu).unwrap();
                if let Then::AddRelu(beside) = then {
                    y = add_relu(&y, beside).unwrap();
                }
                assert_eq!(found, outcome(&y, &moments), "{then:?}, stride {stride}");
            }
        }
    }

    #[test]
    fn what_is_added_has_the_shape_of_the_output() {
        let convolution = Convolution::new(&Device::cpu(), (2, 2), Window::around(1));
        let of = |shape: &[usize]| Device::cpu().zeros(shape).unwrap();
        let parameters = [&of(&[9, 3]), &of(&[3]), &of(&[3])];
        let error = normalised(&convolution, &of(&[4, 1]), parameters, Then::AddRelu(&of(&[4, 2])));
        assert!(error.unwrap_err().to_string().contains("is not added to 12 numbers"));
    }
}
