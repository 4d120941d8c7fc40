//! Every operation's backward pass against finite differences, and the convolution against candle's.

use candle_core::backprop::GradStore;
use candle_core::{Device, Result, Tensor, Var};
use rand::RngExt;
use rand_chacha::ChaCha8Rng;
use rand_chacha::rand_core::SeedableRng;
use zerolab_models::{Leaf, Traced, backward, losses, ops};

fn random(shape: &[usize], stream: &mut ChaCha8Rng) -> Tensor {
    let values: Vec<f32> =
        (0..shape.iter().product()).map(|_| stream.random::<f32>() * 2.0 - 1.0).collect();
    Tensor::from_vec(values, shape, &Device::Cpu).unwrap()
}

/// `Σ c · f(x)` for fixed random `c`, in f64.
fn objective(outputs: &Tensor, coefficients: &[f32]) -> f64 {
    let outputs = outputs.flatten_all().unwrap().to_vec1::<f32>().unwrap();
    outputs.iter().zip(coefficients).map(|(y, c)| f64::from(*y) * f64::from(*c)).sum()
}

/// [`check`] of an operation of networks.
fn check_traced(inputs: &[Tensor], checked: &[usize], f: impl Fn(&[Traced]) -> Result<Traced>) {
    let variables = |inputs: &[Tensor]| -> (Vec<Var>, Vec<Traced>) {
        let var = |x: &Tensor| Var::from_tensor(x).unwrap();
        inputs.iter().map(var).map(|var| (var.clone(), Traced::parameter(&var))).unzip()
    };
    let (vars, traced) = variables(inputs);
    let leaf = f(&traced).unwrap().leaf().unwrap();
    let coefficients = coefficients(leaf.tensor());
    let sum = (leaf.tensor() * &coefficients).unwrap().sum_all().unwrap();
    let gradients = backward(&sum, [&leaf]).unwrap();
    let f = |inputs: &[Tensor]| f(&variables(inputs).1).unwrap().into_tensor();
    compare((inputs, &vars), checked, &gradients, &coefficients, f);
}

/// Compares the gradient of every input in `checked` with central differences.
fn check(inputs: &[Tensor], checked: &[usize], f: impl Fn(&[Tensor]) -> Result<Tensor>) {
    let vars: Vec<Var> = inputs.iter().map(|x| Var::from_tensor(x).unwrap()).collect();
    let tensors: Vec<Tensor> = vars.iter().map(|var| var.as_tensor().clone()).collect();
    let outputs = f(&tensors).unwrap();
    let coefficients = coefficients(&outputs);
    let sum = (&outputs * &coefficients).unwrap().sum_all().unwrap();
    let gradients = sum.backward().unwrap();
    compare((inputs, &vars), checked, &gradients, &coefficients, |inputs| f(inputs).unwrap());
}

fn coefficients(outputs: &Tensor) -> Tensor {
    random(outputs.dims(), &mut ChaCha8Rng::seed_from_u64(99))
}

fn compare(
    (inputs, vars): (&[Tensor], &[Var]),
    checked: &[usize],
    gradients: &GradStore,
    coefficients: &Tensor,
    f: impl Fn(&[Tensor]) -> Tensor,
) {
    let coefficients = coefficients.flatten_all().unwrap().to_vec1::<f32>().unwrap();
    let step = 1e-2f32;
    for &index in checked {
        let gradient =
            gradients.get(&vars[index]).unwrap().flatten_all().unwrap().to_vec1::<f32>().unwrap();
        let values = inputs[index].flatten_all().unwrap().to_vec1::<f32>().unwrap();
        for at in 0..values.len() {
            let moved = |by: f32| {
                let mut values = values.clone();
                values[at] += by;
                let mut moved = inputs.to_vec();
                moved[index] =
                    Tensor::from_vec(values, inputs[index].dims(), &Device::Cpu).unwrap();
                objective(&f(&moved), &coefficients)
            };
            let slope = (moved(step) - moved(-step)) / (2.0 * f64::from(step));
            let error = (slope - f64::from(gradient[at])).abs();
            assert!(
                error < 2e-3 * (1.0 + slope.abs()),
                "input {index}[{at}]: {} but {slope}",
                gradient[at]
            );
        }
    }
}

fn inputs<const N: usize>(shapes: [&[usize]; N]) -> Vec<Tensor> {
    let mut stream = ChaCha8Rng::seed_from_u64(7);
    shapes.iter().map(|shape| random(shape, &mut stream)).collect()
}

fn board(height: usize, width: usize) -> ops::Convolution {
    ops::Convolution::new(&zerolab_models::Device::cpu(), (height, width), ops::Window::around(1))
}

#[test]
fn convolution() {
    let inputs = inputs([&[2 * 3 * 4, 2], &[18, 3]]);
    check_traced(&inputs, &[0, 1], |x| board(3, 4).apply(&x[0], &x[1]));
}

#[test]
fn convolution_is_candles() {
    let (boards, height, width, channels, outputs) = (3, 5, 4, 2, 6);
    let inputs = inputs([&[boards * height * width, channels], &[9 * channels, outputs]]);
    let [image, weight] = [0, 1].map(|index: usize| Traced::constant(inputs[index].clone()));
    let ours = board(height, width).apply(&image, &weight).unwrap().into_tensor();
    let image = inputs[0]
        .reshape((boards, height, width, channels))
        .unwrap()
        .permute((0, 3, 1, 2))
        .unwrap();
    let kernel =
        inputs[1].reshape((3, 3, channels, outputs)).unwrap().permute((3, 2, 0, 1)).unwrap();
    let theirs =
        image.contiguous().unwrap().conv2d(&kernel.contiguous().unwrap(), 1, 1, 1, 1).unwrap();
    let theirs = theirs.permute((0, 2, 3, 1)).unwrap().contiguous().unwrap().flatten_all().unwrap();
    let ours = ours.flatten_all().unwrap().to_vec1::<f32>().unwrap();
    for (ours, theirs) in ours.iter().zip(theirs.to_vec1::<f32>().unwrap()) {
        assert!((ours - theirs).abs() < 1e-5, "{ours} {theirs}");
    }
}

#[test]
fn average_pool() {
    for (height, width) in [(3, 4), (5, 1), (2, 2)] {
        let inputs = inputs([&[2 * height * width, 2]]);
        check_traced(&inputs, &[0], |x| ops::average_pool(&x[0], (height, width)));
    }
}

/// Padding counts as zeros: a window at an edge has six cells of the board, at a corner four.
#[test]
fn average_pool_counts_the_padding() {
    let ones = Tensor::ones((16, 1), candle_core::DType::F32, &Device::Cpu).unwrap();
    let means = ops::average_pool(&Traced::constant(ones), (4, 4)).unwrap();
    let means = means.tensor().flatten_all().unwrap();
    for (mean, cells) in means.to_vec1::<f32>().unwrap().iter().zip([4f32, 6.0, 6.0, 9.0]) {
        assert!((mean - cells / 9.0).abs() < 1e-6, "{mean} for {cells} cells");
    }
}

#[test]
fn batch_norm() {
    let inputs = inputs([&[8, 3], &[3], &[3]]);
    check_traced(&inputs, &[0, 1, 2], |x| Ok(ops::batch_norm(&x[0], &x[1], &x[2], false)?.0));
}

#[test]
fn batch_norm_with_relu_passes_gradient_where_it_is_above_zero() {
    let inputs = inputs([&[8, 3], &[3], &[3]]);
    let vars: Vec<Var> = inputs.iter().map(|x| Var::from_tensor(x).unwrap()).collect();
    let x: Vec<Traced> = vars.iter().map(Traced::parameter).collect();
    let normalized = |relu| ops::batch_norm(&x[0], &x[1], &x[2], relu).unwrap().0.leaf().unwrap();
    let (fused, plain) = (normalized(true), normalized(false));
    let above = plain.tensor().relu().unwrap();
    assert_eq!(fused.tensor().to_vec2::<f32>().unwrap(), above.to_vec2::<f32>().unwrap());
    let of_squares =
        |y: &Tensor, leaf: &Leaf| backward(&y.sqr().unwrap().sum_all().unwrap(), [leaf]).unwrap();
    let of_fused = of_squares(fused.tensor(), &fused);
    let of_plain = of_squares(&above, &plain);
    for var in &vars {
        let fused = of_fused.get(var).unwrap().flatten_all().unwrap().to_vec1::<f32>().unwrap();
        let plain = of_plain.get(var).unwrap().flatten_all().unwrap().to_vec1::<f32>().unwrap();
        for (fused, plain) in fused.iter().zip(&plain) {
            assert!((fused - plain).abs() < 1e-4, "{fused} {plain}");
        }
    }
}

#[test]
fn batch_norm_is_its_formula() {
    let inputs = inputs([&[50, 2], &[2], &[2]]);
    let [x, gamma, beta] = [0, 1, 2].map(|index: usize| Traced::constant(inputs[index].clone()));
    let (y, moments) = ops::batch_norm(&x, &gamma, &beta, false).unwrap();
    let moments = moments.to_vec1::<f32>().unwrap();
    let (x, y) = (inputs[0].to_vec2::<f32>().unwrap(), y.tensor().to_vec2::<f32>().unwrap());
    let (gamma, beta) = (inputs[1].to_vec1::<f32>().unwrap(), inputs[2].to_vec1::<f32>().unwrap());
    for channel in 0..2 {
        let mean: f32 = x.iter().map(|row| row[channel]).sum::<f32>() / 50.0;
        let variance: f32 = x.iter().map(|row| (row[channel] - mean).powi(2)).sum::<f32>() / 50.0;
        assert!((moments[channel] - mean).abs() < 1e-6);
        assert!((moments[2 + channel] - variance).abs() < 1e-6);
        for (x, y) in x.iter().zip(&y) {
            let expected =
                (x[channel] - mean) / (variance + 1e-5).sqrt() * gamma[channel] + beta[channel];
            assert!((y[channel] - expected).abs() < 1e-5);
        }
    }
}

#[test]
fn layer_norm() {
    let inputs = inputs([&[4, 6], &[6], &[6]]);
    check_traced(&inputs, &[0, 1, 2], |x| ops::layer_norm(&x[0], &x[1], &x[2], false));
    let given =
        [inputs[0].clone(), inputs[1].ones_like().unwrap(), inputs[2].zeros_like().unwrap()];
    let [x, gamma, beta] = given.map(Traced::constant);
    let y = ops::layer_norm(&x, &gamma, &beta, false).unwrap();
    for row in y.tensor().to_vec2::<f32>().unwrap() {
        let mean = row.iter().sum::<f32>() / 6.0;
        let variance = row.iter().map(|y| (y - mean).powi(2)).sum::<f32>() / 6.0;
        assert!(mean.abs() < 1e-6 && (variance - 1.0).abs() < 1e-3, "{row:?}");
    }
}

#[test]
fn bias() {
    let inputs = inputs([&[4, 3], &[3]]);
    check_traced(&inputs, &[0, 1], |x| ops::add_bias(&x[0], &x[1]));
}

#[test]
fn actions_are_appended_to_every_cell() {
    let inputs = inputs([&[2 * 3, 2], &[2, 3]]);
    check_traced(&inputs, &[0], |x| ops::append_action(&x[0], x[1].tensor()));
    let board = Traced::constant(inputs[0].clone());
    let rows = ops::append_action(&board, &inputs[1]).unwrap();
    let rows = rows.tensor().to_vec2::<f32>().unwrap();
    let planes = inputs[1].to_vec2::<f32>().unwrap();
    for (row, cells) in rows.iter().enumerate() {
        assert_eq!(cells[2..], planes[row / 3]);
    }
}

#[test]
fn cosine() {
    let inputs = inputs([&[3, 5], &[3, 5]]);
    check(&inputs, &[0], |x| ops::negative_cosine(&x[0], &x[1]));
    let same = ops::negative_cosine(&inputs[0], &inputs[0]).unwrap().to_vec1::<f32>().unwrap();
    assert!(same.iter().all(|loss| (loss + 1.0).abs() < 1e-6));
}

#[test]
fn cross_entropy() {
    let inputs = inputs([&[3, 5], &[3, 5]]);
    check(&inputs, &[0], |x| ops::cross_entropy(&x[0], &x[1]));
    let uniform = Tensor::zeros((1, 4), candle_core::DType::F32, &Device::Cpu).unwrap();
    let certain = Tensor::new(&[[0f32, 1.0, 0.0, 0.0]], &Device::Cpu).unwrap();
    let loss = ops::cross_entropy(&uniform, &certain).unwrap().to_vec1::<f32>().unwrap();
    assert!((loss[0] - 4f32.ln()).abs() < 1e-6);
    let nothing = ops::cross_entropy(&inputs[0], &inputs[1].zeros_like().unwrap()).unwrap();
    assert_eq!(nothing.to_vec1::<f32>().unwrap(), [0.0; 3]);
}

#[test]
fn lstm() {
    let inputs = inputs([&[2, 12], &[2, 3]]);
    check_traced(&inputs, &[0, 1], |x| ops::lstm_cell(&x[0], &x[1]));
    check_traced(&inputs, &[0, 1], |x| ops::lstm_output(&x[0], &x[1]));
}

#[test]
fn scale_gradient_changes_only_gradients() {
    let x = Var::from_tensor(&inputs([&[2, 3]])[0]).unwrap();
    let scaled = ops::scale_gradient(&x, 0.5).unwrap();
    assert_eq!(scaled.to_vec2::<f32>().unwrap(), x.to_vec2::<f32>().unwrap());
    let gradients = scaled.sum_all().unwrap().backward().unwrap();
    assert_eq!(gradients.get(&x).unwrap().to_vec2::<f32>().unwrap(), [[0.5; 3]; 2]);
    let scaled = Traced::parameter(&x).scale_gradient(0.5).leaf().unwrap();
    assert_eq!(scaled.tensor().to_vec2::<f32>().unwrap(), x.to_vec2::<f32>().unwrap());
    let gradients = backward(&scaled.tensor().sum_all().unwrap(), [&scaled]).unwrap();
    assert_eq!(gradients.get(&x).unwrap().to_vec2::<f32>().unwrap(), [[0.5; 3]; 2]);
}

/// Rows that are used several times, and rows that are not used.
#[test]
fn gradients_of_rows_and_of_joined_rows_are_added() {
    let inputs = inputs([&[5, 2], &[2, 2]]);
    check_traced(&inputs, &[0, 1], |x| {
        let parts = [x[0].rows(1, 2)?, x[1].clone(), x[0].rows(2, 3)?, x[1].reshape((2, 2))?];
        Traced::cat(&parts)
    });
    check_traced(&inputs, &[0], |x| Traced::cat(&[x[0].rows(3, 2)?, x[0].rows(0, 3)?]));
    check_traced(&inputs, &[0, 1], |x| ops::add(&x[0].rows(1, 2)?, &ops::add_relu(&x[1], &x[1])?));
    check_traced(&inputs, &[0], |x| {
        let doubled = ops::add(&x[0], &x[0])?;
        Traced::cat(&[doubled.rows(4, 1)?, doubled.clone(), x[0].rows(0, 5)?])
    });
}

fn columns<const N: usize>(columns: [&[f32]; N]) -> Vec<Tensor> {
    columns.iter().map(|column| Tensor::new(*column, &Device::Cpu).unwrap()).collect()
}

fn numbers(tensor: Tensor) -> Vec<f32> {
    tensor.to_vec1().unwrap()
}

#[test]
fn pseudo_huber() {
    let inputs = columns([&[-3.0, -0.5, 0.0, 0.2, 40.0]]);
    check(&inputs, &[0], |x| losses::pseudo_huber(&x[0]));
    // √(1 + 0.75²) = 1.25.
    let loss = numbers(losses::pseudo_huber(&columns([&[0.0, 0.75, -0.75]])[0]).unwrap());
    assert_eq!(loss, [0.0, 0.25, 0.25]);
}

#[test]
fn log_softmax_and_entropy() {
    let inputs = inputs([&[3, 4]]);
    check(&inputs, &[0], |x| losses::log_softmax(&x[0]));
    check(&inputs, &[0], |x| losses::entropy(&losses::log_softmax(&x[0])?));
    // A uniform policy over two of three actions has entropy log 2, however large the logits are.
    let logits = Tensor::new(&[[900f32, 900.0, -1e9]], &Device::Cpu).unwrap();
    let logs = losses::log_softmax(&logits).unwrap();
    let entropy = numbers(losses::entropy(&logs).unwrap());
    assert!((entropy[0] - 2f32.ln()).abs() < 1e-6, "{entropy:?}");
}

/// Ratios e^±1 and e^±0.1, each with a positive and a negative advantage. With a clip of 0.2 the gain is
/// limited to a ratio of 1.2 for good actions and 0.8 for bad ones.
#[test]
fn clipped_surrogate() {
    let new = [1.0, 1.0, 0.1, 0.1, -0.1, -0.1, -1.0, -1.0];
    let advantages = [2.0, -2.0, 2.0, -2.0, 2.0, -2.0, 2.0, -2.0];
    let inputs = columns([&new, &[0.0; 8], &advantages]);
    check(&inputs, &[0], |x| losses::clipped_surrogate(&x[0], &x[1], &x[2], 0.2));
    let loss = numbers(losses::clipped_surrogate(&inputs[0], &inputs[1], &inputs[2], 0.2).unwrap());
    let e = |x: f32| x.exp();
    let expected = [
        -2.4,
        2.0 * e(1.0),
        -2.0 * e(0.1),
        2.0 * e(0.1),
        -2.0 * e(-0.1),
        2.0 * e(-0.1),
        -2.0 * e(-1.0),
        1.6,
    ];
    for (loss, expected) in loss.iter().zip(expected) {
        assert!((loss - expected).abs() < 1e-5, "{loss} {expected}");
    }
}

/// With an unchanged policy both terms of the surrogate are equal, and the gradient is that of the ratio.
#[test]
fn a_surrogate_begins_with_the_policy_gradient() {
    let new = Var::from_tensor(&columns([&[-0.7, -1.2]])[0]).unwrap();
    let given = columns([&[-0.7, -1.2], &[2.0, -3.0]]);
    let loss = losses::clipped_surrogate(&new, &given[0], &given[1], 0.2).unwrap();
    let gradients = loss.sum_all().unwrap().backward().unwrap();
    assert_eq!(numbers(gradients.get(&new).unwrap().clone()), [-2.0, 3.0]);
}

#[test]
fn value_error() {
    // Predictions on both sides of the old value, inside and outside of the clip.
    let inputs = columns([&[1.0, 0.1, -1.0, 4.0], &[3.0, 3.0, 3.0, 3.0], &[0.0, 0.0, 0.0, 0.0]]);
    check(&inputs, &[0], |x| losses::value_error(&x[0], &x[1], None));
    check(&inputs, &[0], |x| losses::value_error(&x[0], &x[1], Some((&x[2], 0.2))));
    let plain = numbers(losses::value_error(&inputs[0], &inputs[1], None).unwrap());
    let clipped = losses::value_error(&inputs[0], &inputs[1], Some((&inputs[2], 0.2))).unwrap();
    // Clipped to 0.2, 0.1, -0.2 and 0.2.
    for (found, expected) in
        [(plain, [2.0, 4.205, 8.0, 0.5]), (numbers(clipped), [3.92, 4.205, 8.0, 3.92])]
    {
        for (found, expected) in found.iter().zip(expected) {
            assert!((found - expected).abs() < 1e-5, "{found} {expected}");
        }
    }
}
