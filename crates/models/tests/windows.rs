//! Convolutions with any window, against candle's.

use candle_core::{Tensor, Var};
use proptest::prelude::*;
use rand::RngExt;
use rand_chacha::ChaCha8Rng;
use rand_chacha::rand_core::SeedableRng;
use zerolab_models::ops::{Convolution, Window};
use zerolab_models::{Device, Traced, backward};

fn draw(stream: &mut ChaCha8Rng, rows: usize, columns: usize) -> Var {
    let numbers = (0..rows * columns).map(|_| stream.random::<f32>() - 0.5).collect();
    Var::from_tensor(&Device::cpu().upload(numbers, (rows, columns)).unwrap()).unwrap()
}

fn close(found: &Tensor, expected: &Tensor) {
    assert_eq!(found.dims(), expected.dims());
    let difference = (found - expected).unwrap().abs().unwrap().max_all().unwrap();
    let largest = expected.abs().unwrap().max_all().unwrap().to_scalar::<f32>().unwrap();
    assert!(difference.to_scalar::<f32>().unwrap() <= 1e-5 * largest.max(1e-3));
}

/// Rows of cells `[S·H·W, C]` as `[S, C, H, W]`.
fn planes(rows: &Tensor, (height, width): (usize, usize)) -> Tensor {
    let channels = rows.dim(1).unwrap();
    let boards = rows.reshape(((), height, width, channels)).unwrap();
    boards.permute((0, 3, 1, 2)).unwrap().contiguous().unwrap()
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::with_cases(64) })]

    #[test]
    fn a_convolution_and_its_gradients_are_candles(
        (side, stride, padding) in (1usize..9, 1usize..5, 0usize..4),
        (more_rows, more_columns) in (0usize..9, 0usize..9),
        (channels, outputs, samples) in (1usize..5, 1usize..7, 1usize..4),
        seed in 0u64..1000,
    ) {
        let window = Window { side, stride, padding };
        // At least one window lies on the padded board.
        let least = side.saturating_sub(2 * padding).max(1);
        let (height, width) = (least + more_rows, least + more_columns);
        let stream = &mut ChaCha8Rng::seed_from_u64(seed);
        let board = draw(stream, samples * height * width, channels);
        let weight = draw(stream, window.cells() * channels, outputs);

        let convolution = Convolution::new(&Device::cpu(), (height, width), window);
        let traced = [&board, &weight].map(Traced::parameter);
        let output = convolution.apply(&traced[0], &traced[1]).unwrap().leaf().unwrap();
        let kernel = weight.reshape((side, side, channels, outputs)).unwrap();
        let kernel = kernel.permute((3, 2, 0, 1)).unwrap().contiguous().unwrap();
        let padded = planes(&board, (height, width));
        let padded = padded.pad_with_zeros(2, padding, padding).unwrap();
        let padded = padded.pad_with_zeros(3, padding, padding).unwrap();
        // Candle's gradient fails if the windows do not cover the last rows or columns.
        let reached = |windows: usize| (windows - 1) * stride + side;
        let (rows, columns) = convolution.output_size();
        let reached = padded.narrow(2, 0, reached(rows)).unwrap().narrow(3, 0, reached(columns)).unwrap();
        let expected = reached.contiguous().unwrap().conv2d(&kernel, 0, stride, 1, 1).unwrap();
        let output_rows = output.tensor();
        close(&planes(output_rows, (rows, columns)), &expected);

        let slope = draw(stream, output_rows.dim(0).unwrap(), outputs);
        let ours = (output_rows * slope.as_tensor()).unwrap().sum_all().unwrap();
        let ours = backward(&ours, [&output]).unwrap();
        let theirs = planes(&slope, (rows, columns));
        let theirs = (expected * theirs).unwrap().sum_all().unwrap().backward().unwrap();
        for variable in [&board, &weight] {
            close(ours.get(variable).unwrap(), theirs.get(variable).unwrap());
        }
    }
}
