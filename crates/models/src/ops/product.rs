//! The product of two matrices, with its backward pass.

use candle_core::{DType, Result, Tensor, bail};

use super::bias::{add_bias, add_row, column_sum};
use super::products::{correlate, multiply, transposed};
use super::run::on_cpu;
use crate::traced::Traced;

/// `x` `[R, K]` by `weight` `[K, D]`: `[R, D]`. Both may be bf16; sums are in `f32`. On the CPU a row of the
/// result does not depend on other rows, to the last bit.
///
/// # Errors
/// If the shapes do not fit, or the device is out of memory.
pub fn product(x: &Traced, weight: &Traced) -> Result<Traced> {
    let output = matrix_product(x.tensor(), weight.tensor())?;
    Ok(Traced::computed(output, [x, weight], |[x, weight], _, gradient| {
        gradients(x, weight, gradient)
    }))
}

/// [`product`] and a bias `[D]`, in single precision.
///
/// # Errors
/// If the shapes do not fit, or the device is out of memory.
pub fn linear(x: &Traced, weight: &Traced, bias: &Traced) -> Result<Traced> {
    let inputs = [x, weight, bias];
    let [rows, factors, addend] = inputs.map(Traced::tensor);
    // A product in bf16 is rounded before the bias is added.
    if rows.device().is_cuda() || rows.dtype() != DType::F32 {
        return add_bias(&product(x, weight)?, bias);
    }
    let sizes = checked_sizes(rows, factors)?;
    if addend.dims1()? != sizes.1 {
        bail!("a bias of {} numbers for {} outputs", addend.dims1()?, sizes.1);
    }
    let multiply =
        |[x, weight, bias]: [&[f32]; 3]| multiply(x, weight, sizes, |rows| add_row(rows, bias));
    let output = on_cpu([rows, factors, addend], multiply)?.shaped((rows.dim(0)?, sizes.1));
    Ok(Traced::computed(output, inputs, |[x, weight, _], _, gradient| {
        let [x_gradient, weight_gradient] = gradients(x, weight, gradient)?;
        Ok([x_gradient, weight_gradient, Some(column_sum(gradient)?)])
    }))
}

/// The gradients of both factors of a product.
fn gradients(x: &Traced, weight: &Traced, gradient: &Tensor) -> Result<[Option<Tensor>; 2]> {
    of_both_factors(x, |_| input_gradient(gradient, weight.tensor()), |x| correlation(x, gradient))
}

/// The gradients of both factors of a product: of its rows `x`, if they need one, and of its weight. Neither
/// waits for the other, so two threads compute them at once.
pub(super) fn of_both_factors(
    x: &Traced,
    of_rows: impl FnOnce(&Tensor) -> Result<Tensor> + Send,
    of_weight: impl FnOnce(&Tensor) -> Result<Tensor> + Send,
) -> Result<[Option<Tensor>; 2]> {
    let (needed, x) = (x.is_traced(), x.tensor());
    // The first layer's input needs no gradient.
    let of_rows = || needed.then(|| of_rows(x)).transpose();
    let of_weight = || of_weight(x);
    // A GPU gets the work of one thread in order.
    let (of_rows, of_weight) = if x.device().is_cuda() || rayon::current_num_threads() == 1 {
        (of_rows(), of_weight())
    } else {
        rayon::join(of_rows, of_weight)
    };
    Ok([of_rows?, Some(of_weight?)])
}

/// The width of the rows of `x`, and the number of outputs.
fn checked_sizes(x: &Tensor, weight: &Tensor) -> Result<(usize, usize)> {
    let (width, (inputs, outputs)) = (x.dims2()?.1, weight.dims2()?);
    if width != inputs {
        bail!("rows of {width} numbers do not fit a weight of {inputs} rows");
    }
    Ok((width, outputs))
}

/// [`product`] without gradient.
pub(crate) fn matrix_product(x: &Tensor, weight: &Tensor) -> Result<Tensor> {
    if x.device().is_cuda() {
        return x.matmul(weight);
    }
    let sizes = checked_sizes(x, weight)?;
    let multiply = |[x, weight]: [&[f32]; 2]| multiply(x, weight, sizes, |_| ());
    Ok(on_cpu([x, weight], multiply)?.rounded(x.dtype())?.shaped((x.dim(0)?, sizes.1)))
}

/// `gradient` `[R, D]` by the transpose of `weight` `[K, D]`: `[R, K]`, the gradient of the rows of [`product`].
fn input_gradient(gradient: &Tensor, weight: &Tensor) -> Result<Tensor> {
    if gradient.device().is_cuda() {
        return gradient.matmul(&weight.t()?);
    }
    let (rows, (width, outputs)) = (gradient.dim(0)?, weight.dims2()?);
    let multiply = |[gradient, weight]: [&[f32]; 2]| {
        multiply(gradient, &transposed(weight, outputs), (outputs, width), |_| ())
    };
    Ok(on_cpu([gradient, weight], multiply)?.rounded(weight.dtype())?.shaped((rows, width)))
}

/// `xᵀ` `[K, R]` by `gradient` `[R, D]`: `[K, D]`, the gradient of the weight of [`product`].
pub(super) fn correlation(x: &Tensor, gradient: &Tensor) -> Result<Tensor> {
    if x.device().is_cuda() {
        return x.t()?.matmul(gradient);
    }
    let sizes = (x.dim(1)?, gradient.dim(1)?);
    let weight_gradient = |[x, gradient]: [&[f32]; 2]| correlate(x, gradient, sizes);
    Ok(on_cpu([x, gradient], weight_gradient)?.rounded(x.dtype())?.shaped(sizes))
}

#[cfg(test)]
mod tests {
    use candle_core::{Device, Var};
    use proptest::prelude::*;
    use rand::RngExt;
    use rand_chacha::ChaCha8Rng;
    use rand_chacha::rand_core::SeedableRng;

    use super::*;
    use crate::backward;
    use crate::ops::{Convolution, Window};

    fn close(found: &Tensor, expected: &Tensor) {
        let difference = (found - expected).unwrap().abs().unwrap().max_all().unwrap();
        let largest = expected.abs().unwrap().max_all().unwrap().to_scalar::<f32>().unwrap();
        let difference = difference.to_scalar::<f32>().unwrap();
        assert!(difference <= 1e-5 * largest, "{difference} of {largest}");
    }

    fn draw(rows: usize, columns: usize, stream: &mut ChaCha8Rng) -> Var {
        let numbers = (0..rows * columns).map(|_| stream.random::<f32>() - 0.5).collect();
        Var::from_tensor(&Tensor::from_vec(numbers, (rows, columns), &Device::Cpu).unwrap())
            .unwrap()
    }

    /// The product and the gradients of both factors.
    fn all([x, weight, gradient]: [&Var; 3]) -> [Tensor; 3] {
        let output =
            product(&Traced::parameter(x), &Traced::parameter(weight)).unwrap().leaf().unwrap();
        let loss = (output.tensor() * gradient.as_tensor()).unwrap().sum_all().unwrap();
        let gradients = backward(&loss, [&output]).unwrap();
        let of = |tensor: &Tensor| gradients.get(tensor).unwrap().clone();
        [output.tensor().detach(), of(x), of(weight)]
    }

    fn bits(tensor: &Tensor) -> Vec<Vec<f32>> {
        tensor.to_vec2().unwrap()
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(48))]

        /// The product and both gradients equal candle's. A row is the same to the last bit alone and among
        /// others.
        #[test]
        fn a_product_equals_candles(
            (rows, width, outputs) in (1usize..300, 1usize..90, 1usize..150),
            seed in 0u64..1000,
        ) {
            let stream = &mut ChaCha8Rng::seed_from_u64(seed);
            let (x, weight) = (draw(rows, width, stream), draw(width, outputs, stream));
            let gradient = draw(rows, outputs, stream);
            let [output, x_gradient, weight_gradient] = all([&x, &weight, &gradient]);
            close(&output, &x.matmul(&weight).unwrap());
            close(&x_gradient, &gradient.matmul(&weight.t().unwrap()).unwrap());
            close(&weight_gradient, &x.t().unwrap().matmul(&gradient).unwrap());
            let last = matrix_product(&x.narrow(0, rows - 1, 1).unwrap(), &weight).unwrap();
            prop_assert_eq!(bits(&last), bits(&output.narrow(0, rows - 1, 1).unwrap()));
        }
    }

    /// In both precisions, to the last bit.
    #[test]
    fn a_linear_layer_is_a_product_and_a_bias() {
        let stream = &mut ChaCha8Rng::seed_from_u64(3);
        for (rows, width, outputs) in [(1, 3, 5), (300, 20, 70), (70, 64, 33)] {
            let given = [draw(rows, width, stream), draw(width, outputs, stream)];
            let [bias, slope] = [draw(1, outputs, stream), draw(rows, outputs, stream)];
            for dtype in [DType::F32, DType::BF16] {
                let [x, weight] = given.each_ref().map(|var| {
                    Var::from_tensor(&var.as_tensor().to_dtype(dtype).unwrap()).unwrap()
                });
                let bias = Var::from_tensor(&bias.flatten_all().unwrap()).unwrap();
                let traced = [&x, &weight, &bias].map(Traced::parameter);
                let all = |output: Traced| {
                    let output = output.leaf().unwrap();
                    let loss = (output.tensor() * slope.as_tensor()).unwrap().sum_all().unwrap();
                    let gradients = backward(&loss, [&output]).unwrap();
                    let of = |var| gradients.get(var).unwrap().to_dtype(DType::F32).unwrap();
                    let bias = of(&bias).to_vec1::<f32>().unwrap();
                    ([output.tensor().clone(), of(&x), of(&weight)].each_ref().map(bits), bias)
                };
                let in_steps = add_bias(&product(&traced[0], &traced[1]).unwrap(), &traced[2]);
                let at_once = linear(&traced[0], &traced[1], &traced[2]).unwrap();
                assert_eq!(all(at_once), all(in_steps.unwrap()), "{rows} {width} {outputs}");
            }
        }
    }

    #[test]
    fn the_number_of_threads_changes_no_bit_of_a_product() {
        let stream = &mut ChaCha8Rng::seed_from_u64(1);
        // Large enough for several threads.
        let (rows, width, outputs) = (1100, 131, 150);
        let (x, weight) = (draw(rows, width, stream), draw(width, outputs, stream));
        let gradient = draw(rows, outputs, stream);
        let with = |threads: usize| {
            let pool = rayon::ThreadPoolBuilder::new().num_threads(threads).build().unwrap();
            pool.install(|| all([&x, &weight, &gradient])).each_ref().map(bits)
        };
        assert_eq!(with(1), with(3));
    }

    #[test]
    fn the_number_of_threads_changes_no_bit_of_a_convolution() {
        let stream = &mut ChaCha8Rng::seed_from_u64(2);
        let (samples, channels, outputs) = (90, 16, 17);
        let convolution = Convolution::new(&crate::Device::cpu(), (10, 10), Window::around(1));
        let (board, weight) =
            (draw(samples * 100, channels, stream), draw(9 * channels, outputs, stream));
        let with = |threads: usize| {
            let pool = rayon::ThreadPoolBuilder::new().num_threads(threads).build().unwrap();
            pool.install(|| {
                let traced = [&board, &weight].map(Traced::parameter);
                let leaf = convolution.apply(&traced[0], &traced[1]).unwrap().leaf().unwrap();
                let output = leaf.tensor();
                let loss = output.sqr().unwrap().sum_all().unwrap();
                let gradients = backward(&loss, [&leaf]).unwrap();
                let of = |tensor: &Tensor| bits(gradients.get(tensor).unwrap());
                [bits(output), of(&board), of(&weight)]
            })
        };
        assert_eq!(with(1), with(3));
    }
}
