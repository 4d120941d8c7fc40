//! Runs all operations of networks and optimizers, forward and backward, and compares each kernel with the
//! CPU.

use candle_core::{DType, Tensor, Var};
use rand::RngExt;
use rand_chacha::ChaCha8Rng;
use rand_chacha::rand_core::SeedableRng;

use super::kernels;
use crate::images::{FrameView, Images};
use crate::networks::{
    ActionEncoding, Design, Downsampling, LstmState, Network, NetworkSize, PlannerNetworks,
};
use crate::ops::{self, Window};
use crate::{
    Device, ForwardMode, Leaf, Normalization, Optimizer, OptimizerKind, OptimizerSettings,
    Precision, Support, Traced, backward,
};

/// Widths below and above the 32 lanes of a warp.
fn size(normalization: Normalization, precision: Precision) -> NetworkSize {
    NetworkSize {
        channels: 5,
        blocks: 1,
        downsampling: Downsampling::None,
        action_encoding: ActionEncoding::OneHot,
        normalization,
        head_normalization: Normalization::Layer,
        normalization_momentum: 0.1,
        precision,
        head_channels: 3,
        head_hidden: 40,
        lstm_hidden: 33,
        projection: 36,
    }
}

fn numbers(count: usize, stream: &mut ChaCha8Rng) -> Vec<f32> {
    (0..count).map(|_| stream.random::<f32>() * 4.0 - 2.0).collect()
}

/// Steps of training of all planner networks on a batch.
fn train(
    shape: &[usize],
    (normalization, precision): (Normalization, Precision),
    kind: OptimizerKind,
) {
    let mut stream = ChaCha8Rng::seed_from_u64(3);
    let design = Design {
        observation_shape: shape.to_vec(),
        num_actions: 3,
        size: size(normalization, precision),
        value_support: Support::new(20),
        reward_support: Support::new(2),
        value_prefix: true,
        consistency: true,
    };
    let device = Device::cpu();
    let networks = PlannerNetworks::new(design, &mut stream, &device).unwrap();
    // Heads start at zero, where gradients vanish: draw other weights.
    for (_, variable) in networks.parameters().trained() {
        let values = numbers(variable.elem_count(), &mut stream);
        let values = values.iter().map(|x| x * 0.3).collect::<Vec<_>>();
        variable.set(&device.upload(values, variable.shape()).unwrap()).unwrap();
    }
    let samples = 6;
    let observations = numbers(samples * shape.iter().product::<usize>(), &mut stream);
    let settings = OptimizerSettings { kind, weight_decay: 1e-3, ..OptimizerSettings::default() };
    let mut optimizer = Optimizer::new(settings, networks.parameters()).unwrap();
    for _ in 0..2 {
        let latent =
            networks.represent(&networks.rows(&observations).unwrap(), ForwardMode::Train).unwrap();
        let memory = networks.blank_memory(samples).unwrap().map(LstmState::constant);
        let next = networks
            .step(&latent, &networks.encoded(&[1; 6]).unwrap(), memory.as_ref(), ForwardMode::Train)
            .unwrap();
        let next = networks
            .step(
                &next.latent,
                &networks.encoded(&[2; 6]).unwrap(),
                next.memory.as_ref(),
                ForwardMode::Train,
            )
            .unwrap();
        let (values, policies) = networks.predict(&next.latent, ForwardMode::Train).unwrap();
        let predicted = networks.predicted_projection(&next.latent).unwrap().unwrap();
        let target_projection =
            networks.target_projection(&networks.rows(&observations).unwrap()).unwrap().unwrap();
        let target = |logits: &Tensor| {
            let (rows, columns) = logits.dims2().unwrap();
            device.upload(vec![1.0 / columns as f32; rows * columns], (rows, columns)).unwrap()
        };
        let outputs = [predicted, next.reward_logits, values, policies];
        let outputs = outputs.map(|output| output.leaf().unwrap());
        let [predicted, logits @ ..] = outputs.each_ref().map(Leaf::tensor);
        let mut loss = ops::negative_cosine(predicted, &target_projection).unwrap();
        for logits in logits {
            loss = (loss + ops::cross_entropy(logits, &target(logits)).unwrap()).unwrap();
        }
        let loss = ops::scale_gradient(&loss, 0.5).unwrap().sum_all().unwrap();
        optimizer.step(&backward(&loss, &outputs).unwrap(), 0.0).unwrap();
    }
    let latent =
        networks.represent(&networks.rows(&observations).unwrap(), ForwardMode::Infer).unwrap();
    let (values, _) = networks.predict(&latent, ForwardMode::Infer).unwrap();
    assert_eq!(networks.values(values.tensor()).unwrap().len(), samples);
}

#[test]
fn every_kernel_agrees_with_the_cpu() {
    for precision in [Precision::F32, Precision::Bf16] {
        train(&[4], (Normalization::Layer, precision), OptimizerKind::Adam);
        train(&[4], (Normalization::Batch, precision), OptimizerKind::Sgd);
        train(&[2, 3, 5], (Normalization::Batch, precision), OptimizerKind::Adam);
        train(&[2, 4, 1], (Normalization::Layer, precision), OptimizerKind::Sgd);
    }
    windows();
    pooled();
    more_rows_than_chunks();
    norm_of_gradients();
    assembled();
    encoded();
    let (all, compared) = kernels();
    assert_eq!(all, compared, "a kernel that no test runs");
}

fn parameter(tensor: &Tensor) -> Traced {
    Traced::parameter(&Var::from_tensor(tensor).unwrap())
}

fn run_backward(output: &Traced) {
    let output = output.leaf().unwrap();
    backward(&output.tensor().sqr().unwrap().sum_all().unwrap(), [&output]).unwrap();
}

/// The tensor in both precisions.
fn both(tensor: &Tensor) -> [Tensor; 2] {
    [DType::F32, DType::BF16].map(|kind| tensor.to_dtype(kind).unwrap())
}

/// im2col with strides and paddings, on even and odd boards.
fn windows() {
    let (device, mut stream) = (Device::cpu(), ChaCha8Rng::seed_from_u64(4));
    let around = [(5, 4, 2), (6, 7, 2), (1, 2, 2), (4, 3, 1)]
        .map(|(height, width, stride)| (height, width, Window::around(stride)));
    let others = [(9, 7, Window::inside(4, 2)), (4, 6, Window { side: 4, stride: 3, padding: 2 })];
    for (height, width, window) in around.into_iter().chain(others) {
        let windows = ops::Windows { height, width, window };
        let rows = 2 * height * width;
        let board = device.upload(numbers(rows * 3, &mut stream), (rows, 3)).unwrap();
        let weight = device
            .upload(numbers(window.cells() * 3 * 2, &mut stream), (window.cells() * 3, 2))
            .unwrap();
        for (board, weight) in both(&board).iter().zip(&both(&weight)) {
            let output = windows.forward(board, weight).unwrap();
            windows.weight_gradient(board, &output).unwrap();
            windows.board_gradient(board, weight, &output).unwrap();
        }
    }
}

/// Pooling windows that overlap the padding on each side, and ones that do not.
fn pooled() {
    let (device, mut stream) = (Device::cpu(), ChaCha8Rng::seed_from_u64(7));
    for (height, width) in [(5, 4), (6, 7), (1, 2), (1, 1)] {
        let rows = 2 * height * width;
        let board = device.upload(numbers(rows * 3, &mut stream), (rows, 3)).unwrap();
        for board in both(&board) {
            let board = parameter(&board);
            run_backward(&ops::average_pool(&board, (height, width)).unwrap());
        }
    }
}

fn more_rows_than_chunks() {
    let (device, mut stream) = (Device::cpu(), ChaCha8Rng::seed_from_u64(5));
    let x = device.upload(numbers(700 * 3, &mut stream), (700, 3)).unwrap();
    let x = parameter(&x);
    let [gamma, beta] =
        [0, 1].map(|_| parameter(&device.upload(numbers(3, &mut stream), 3).unwrap()));
    let (normalized, _) = ops::batch_norm(&x, &gamma, &beta, true).unwrap();
    let y = ops::layer_norm(&ops::add_bias(&normalized, &beta).unwrap(), &gamma, &beta, false);
    run_backward(&y.unwrap());
}

/// Scalars inside and outside the support, on an atom and between two, and NaN.
fn encoded() {
    let scalars = vec![-1e6, -3.5, -0.0, 0.0, 0.2, 1.0, 17.0, 1e6, f32::NAN];
    let scalars = Device::cpu().upload(scalars, 9).unwrap();
    ops::encode(&scalars, Support::new(5)).unwrap();
}

fn assembled() {
    let images = Images::new(&Device::cpu(), 2, [1, 2, 3]).unwrap();
    images.put(0, &[&[0, 50, 100, 150, 200, 250], &[7; 6]]).unwrap();
    let view = FrameView { parts: vec![1, 0], offset: (1, -1), factor: 0.5 };
    for precision in [Precision::F32, Precision::Bf16] {
        images.observations(std::slice::from_ref(&view), precision).unwrap();
    }
}

fn norm_of_gradients() {
    let (device, mut stream) = (Device::cpu(), ChaCha8Rng::seed_from_u64(6));
    for count in [1, 255, 1000] {
        let x = device.upload(numbers(count, &mut stream), count).unwrap();
        ops::squares(&x).unwrap();
    }
}
