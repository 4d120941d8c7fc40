//! Images, value networks, latent states and convolutions on both devices.

use candle_core::{DType, Var};
use rand_chacha::ChaCha8Rng;
use rand_chacha::rand_core::SeedableRng;
use zerolab_models::networks::{Network, QDesign, QNetwork};
use zerolab_models::ops::Window;
use zerolab_models::{
    Device, ForwardMode, FrameView, Images, Latents, Precision, Traced, backward, ops,
};

use crate::cases::{SAMPLES, cases, draw, gpu, numbers};
use crate::closeness::{TOLERANCE, assert_close, list};

/// Observations, and their copies as a recording makes them.
#[test]
fn frame_views_agree() {
    let Some(gpu) = gpu() else { return };
    let shades: Vec<Vec<u8>> =
        (0..3).map(|image| (0..60).map(|at| at * 4 + image).collect()).collect();
    let views = [
        FrameView { parts: vec![2, 0], offset: (0, 0), factor: 1.0 },
        FrameView { parts: vec![1, 2], offset: (-1, 2), factor: 0.9 },
    ];
    for precision in [Precision::F32, Precision::Bf16] {
        let [cpu, gpu] = [Device::cpu(), gpu.clone()].map(|device| {
            let images = Images::new(&device, 3, [3, 4, 5]).unwrap();
            images.put(0, &shades.iter().map(Vec::as_slice).collect::<Vec<_>>()).unwrap();
            let seen = images.observations(&views, precision).unwrap();
            let copy = seen.zeros_like().unwrap();
            copy.slice_set(&seen, 0, 0).unwrap();
            list(&copy.to_dtype(DType::F32).unwrap())
        });
        assert_close(&format!("{precision:?}"), &cpu, &gpu, 1.0 / 256.0);
    }
}

#[test]
fn value_networks_and_latents_agree() {
    let Some(gpu) = gpu() else { return };
    let case = cases()[0];
    let plain = QDesign { num_actions: 3, atoms: 1, dueling: false, noisy: false };
    for design in [plain, QDesign { atoms: 11, dueling: true, noisy: true, ..plain }] {
        for shape in [&[4][..], &[4, 10, 10]] {
            let [cpu, gpu] = [Device::cpu(), gpu.clone()].map(|device| {
                let mut stream = ChaCha8Rng::seed_from_u64(1);
                let network = QNetwork::new(shape, design, &case.size(), &mut stream, &device);
                let network = network.unwrap();
                draw(network.parameters());
                let seen = numbers(SAMPLES * shape.iter().product::<usize>(), 7);
                let values = network.forward(&seen, ForwardMode::Infer, Some(&mut stream)).unwrap();
                let values = values.tensor().reshape((SAMPLES, ())).unwrap();
                let latents = Latents::new(&device, 3, SAMPLES, values.dim(1).unwrap()).unwrap();
                latents.put(2, &values).unwrap();
                list(&latents.get(&latents.places(&[2; SAMPLES]).unwrap()).unwrap())
            });
            assert_close(&format!("{design:?}"), &cpu, &gpu, TOLERANCE);
        }
    }
}

#[test]
fn strided_convolutions_agree() {
    let Some(gpu) = gpu() else { return };
    let around = [(10, 10, 4, 16), (5, 4, 3, 5), (7, 6, 16, 8)].map(|it| (it, Window::around(2)));
    let inside = [((21, 20, 4, 8), Window::inside(8, 4)), ((9, 11, 3, 5), Window::inside(4, 2))];
    for ((height, width, channels, outputs), window) in around.into_iter().chain(inside) {
        let rows = 9 * height * width;
        let [cpu, gpu] = [Device::cpu(), gpu.clone()].map(|device| {
            let board = device.upload(numbers(rows * channels, 1), (rows, channels)).unwrap();
            let weight = numbers(window.cells() * channels * outputs, 2);
            let weight = device.upload(weight, (window.cells() * channels, outputs)).unwrap();
            let variables = [board, weight].map(|tensor| Var::from_tensor(&tensor).unwrap());
            let convolution = ops::Convolution::new(&device, (height, width), window);
            let traced = variables.each_ref().map(Traced::parameter);
            let output = convolution.apply(&traced[0], &traced[1]).unwrap().leaf().unwrap();
            let squares = output.tensor().sqr().unwrap().sum_all().unwrap();
            let store = backward(&squares, [&output]).unwrap();
            let mut all = vec![list(output.tensor())];
            all.extend(variables.iter().map(|variable| list(store.get(variable).unwrap())));
            all
        });
        for (cpu, gpu) in cpu.iter().zip(&gpu) {
            assert_close(&format!("{height}×{width}"), cpu, gpu, TOLERANCE);
        }
    }
}
