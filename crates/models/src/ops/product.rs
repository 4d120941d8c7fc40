//! The product of two matrices, with its backward pass.

use candle_core::{Result, Tensor, bail};

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
        let weight_gradient = correlation(x.tensor(), gradient)?;
        // The first layer's input needs no gradient.
        let x_gradient = x.is_traced().then(|| input_gradient(gradient, weight.tensor()));
        Ok([x_gradient.transpose()?, Some(weight_gradient)])
    }))
}

/// [`product`] without gradient.
pub(crate) fn matrix_product(x: &Tensor, weight: &Tensor) -> Result<Tensor> {
    if x.device().is_cuda() {
        return x.matmul(weight);
    }
    let ((rows, width), (inputs, outputs)) = (x.dims2()?, weight.dims2()?);
    if width != inputs {
        bail!("rows of {width} numbers do not fit a weight of {inputs} rows");
    }
    let multiply = |[x, weight]: [&[f32]; 2]| multiply(x, weight, (width, outputs));
    Ok(on_cpu([x, weight], multiply)?.rounded(x.dtype())?.shaped((rows, outputs)))
}

/// `gradient` `[R, D]` by the transpose of `weight` `[K, D]`: `[R, K]`, the gradient of the rows of [`product`].
fn input_gradient(gradient: &Tensor, weight: &Tensor) -> Result<Tensor> {
    if gradient.device().is_cuda() {
        return gradient.matmul(&weight.t()?);
    }
    let (rows, (width, outputs)) = (gradient.dim(0)?, weight.dims2()?);
    let multiply = |[gradient, weight]: [&[f32]; 2]| {
        multiply(gradient, &transposed(weight, outputs), (outputs, width))
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
