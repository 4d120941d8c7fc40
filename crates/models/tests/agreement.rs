//! A GPU computes what the processor does: outputs, losses, gradients and steps of every network.
//!
//! Only built with the feature `cuda`; where there is no GPU the tests say so and pass.

#![cfg(feature = "cuda")]

use candle_core::backprop::GradStore;
use candle_core::{Tensor, Var};
use rand::RngExt;
use rand_chacha::ChaCha8Rng;
use rand_chacha::rand_core::SeedableRng;
use zerolab_models::networks::{
    ActionEncoding, Design, Downsampling, Network, NetworkSize, PlannerNetworks, QDesign, QNetwork,
};
use zerolab_models::ops::Window;
use zerolab_models::{
    Device, DeviceName, Images, Inputs, Latents, Look, Mode, Normalization, Optimizer,
    OptimizerKind, OptimizerSettings, Parameters, Precision, Recorder, Support, ops,
};

/// Of single precision, whose sums are taken in another order, relative to the largest number of a tensor.
const TOLERANCE: f32 = 1e-4;
/// Of bfloat16, which keeps eight binary digits.
const ROUGH: f32 = 4e-2;
/// Of sums that come to nothing: a gradient's terms, each rounded to the last digit of its largest part, a few dozen
/// of them.
const RESIDUE: f32 = 32.0 * f32::EPSILON;

const SAMPLES: usize = 48;

fn gpu() -> Option<Device> {
    match Device::open(DeviceName::Cuda(0)) {
        Ok(gpu) => Some(gpu),
        Err(error) => {
            eprintln!("skipped: {error}");
            None
        }
    }
}

fn numbers(count: usize, seed: u64) -> Vec<f32> {
    let mut stream = ChaCha8Rng::seed_from_u64(seed);
    (0..count).map(|_| stream.random::<f32>() * 2.0 - 1.0).collect()
}

fn list(tensor: &Tensor) -> Vec<f32> {
    tensor.flatten_all().unwrap().to_vec1().unwrap()
}

fn largest(numbers: &[f32]) -> f32 {
    numbers.iter().fold(0.0, |largest, x| largest.max(x.abs()))
}

fn assert_close(what: &str, cpu: &[f32], gpu: &[f32], tolerance: f32) {
    assert_close_but(what, cpu, gpu, tolerance, 0.0);
}

/// But for what rounding leaves, of this size.
fn assert_close_but(what: &str, cpu: &[f32], gpu: &[f32], tolerance: f32, residue: f32) {
    assert_eq!(cpu.len(), gpu.len(), "{what}");
    let scale = largest(cpu);
    for (at, (cpu, gpu)) in cpu.iter().zip(gpu).enumerate() {
        assert!(
            (cpu - gpu).abs() <= (tolerance * scale).max(residue),
            "{what}[{at}]: {gpu}, not {cpu} of {scale}"
        );
    }
}

/// Heads begin at zero, and gradients behind them too: all weights are drawn anew, alike on each device.
fn draw(parameters: &Parameters) {
    for (seed, (_, variable)) in parameters.trained().iter().enumerate() {
        let spread = 0.6 / (variable.elem_count() as f32).powf(0.25);
        let values = numbers(variable.elem_count(), seed as u64);
        let values = values.into_iter().map(|x| x * spread).collect();
        let device = parameters.device();
        variable.set(&device.upload::<f32>(values, variable.shape()).unwrap()).unwrap();
    }
}

type Gradients = [(String, Vec<f32>)];

/// Tensor by tensor. A bias before a normalisation has no gradient: what is found there is what rounding left of
/// sums of others.
fn assert_each_close(what: &str, cpu: &Gradients, gpu: &Gradients) {
    let all = cpu.iter().map(|(_, gradient)| largest(gradient)).fold(0.0, f32::max);
    for ((name, cpu), (_, gpu)) in cpu.iter().zip(gpu) {
        // A gradient passes many layers.
        let (what, tolerance) = (format!("{what} gradient of {name}"), 4.0 * TOLERANCE);
        assert_close_but(&what, cpu, gpu, tolerance, RESIDUE * all);
    }
}

/// How far apart two whole gradients are, as a share of the first one's length.
fn distance(cpu: &Gradients, gpu: &Gradients) -> f32 {
    let pairs = || cpu.iter().zip(gpu).flat_map(|(cpu, gpu)| cpu.1.iter().zip(&gpu.1));
    let apart: f32 = pairs().map(|(cpu, gpu)| (cpu - gpu) * (cpu - gpu)).sum();
    let length: f32 = pairs().map(|(cpu, _)| cpu * cpu).sum();
    (apart / length).sqrt()
}

#[derive(Clone, Copy, Debug)]
struct Case {
    shape: &'static [usize],
    value_prefix: bool,
    normalization: Normalization,
    precision: Precision,
}

fn cases() -> Vec<Case> {
    let mut cases = Vec::new();
    for shape in [&[4][..], &[4, 10, 10], &[3, 5, 4]] {
        for value_prefix in [false, true] {
            for normalization in [Normalization::Batch, Normalization::Layer] {
                for precision in [Precision::F32, Precision::Bf16] {
                    cases.push(Case { shape, value_prefix, normalization, precision });
                }
            }
        }
    }
    cases
}

impl Case {
    fn tolerance(self) -> f32 {
        if self.precision == Precision::F32 { TOLERANCE } else { ROUGH }
    }

    fn size(self) -> NetworkSize {
        NetworkSize {
            channels: 16,
            blocks: 1,
            downsampling: Downsampling::None,
            action_encoding: ActionEncoding::OneHot,
            normalization: self.normalization,
            head_normalization: self.normalization,
            precision: self.precision,
            head_channels: 8,
            head_hidden: 40,
            lstm_hidden: 33,
            projection: 48,
        }
    }

    fn observations(self) -> Vec<f32> {
        numbers(SAMPLES * self.shape.iter().product::<usize>(), 99)
    }

    fn planner(self, device: &Device) -> PlannerNetworks {
        let design = Design {
            observation_shape: self.shape.to_vec(),
            num_actions: 3,
            size: self.size(),
            value_support: Support::new(20),
            reward_support: Support::new(5),
            value_prefix: self.value_prefix,
            consistency: true,
        };
        let networks = PlannerNetworks::new(design, &mut ChaCha8Rng::seed_from_u64(1), device);
        let networks = networks.unwrap();
        draw(networks.parameters());
        networks
    }
}

/// What an unrolled update computes, by name.
fn outputs(networks: &PlannerNetworks, case: Case, mode: Mode) -> (Vec<(String, Tensor)>, Tensor) {
    let (device, observations) = (networks.device(), case.observations());
    let latent = networks.represent(&networks.rows(&observations).unwrap(), mode).unwrap();
    let half = ops::scale_gradient(&latent, 0.5).unwrap();
    let memory = networks.blank_memory(SAMPLES).unwrap();
    let actions: Vec<u32> = (0..SAMPLES as u32).map(|sample| sample % 3).collect();
    let first =
        networks.step(&half, &networks.encoded(&actions).unwrap(), memory.as_ref(), mode).unwrap();
    let next = networks
        .step(&first.latent, &networks.encoded(&actions).unwrap(), first.memory.as_ref(), mode)
        .unwrap();
    let (values, policies) = networks.predict(&next.latent, mode).unwrap();
    let target = |logits: &Tensor| {
        let (rows, columns) = logits.dims2().unwrap();
        let rest = (0..rows * columns).map(|at| if at % columns == 1 { 1.0f32 } else { 0.0 });
        device.upload(rest.collect(), (rows, columns)).unwrap()
    };
    let mut named = vec![
        ("latent".to_owned(), latent),
        ("next latent".to_owned(), next.latent.clone()),
        ("reward".to_owned(), next.reward_logits.clone()),
        ("value".to_owned(), values.clone()),
        ("policy".to_owned(), policies.clone()),
    ];
    let mut loss = device.zeros(SAMPLES).unwrap();
    for logits in [&next.reward_logits, &values, &policies] {
        let entropy = ops::cross_entropy(logits, &target(logits)).unwrap();
        named.push(("cross-entropy".to_owned(), entropy.clone()));
        loss = (loss + entropy).unwrap();
    }
    if mode == Mode::Train {
        let foreseen = networks.foresee(&next.latent).unwrap().unwrap();
        let hindsight =
            networks.hindsight(&networks.rows(&observations).unwrap()).unwrap().unwrap();
        let cosine = ops::negative_cosine(&foreseen, &hindsight).unwrap();
        named.push(("consistency".to_owned(), cosine.clone()));
        loss = (loss + (cosine * 2.0).unwrap()).unwrap();
    }
    (named, loss.mean_all().unwrap())
}

fn gradients(parameters: &Parameters, store: &GradStore) -> Vec<(String, Vec<f32>)> {
    let of = |(name, variable): &(String, Var)| (name.clone(), list(store.get(variable).unwrap()));
    parameters.trained().iter().map(of).collect()
}

#[test]
fn planners_agree_forward_and_backward() {
    let Some(gpu) = gpu() else { return };
    for case in cases() {
        let (on_cpu, on_gpu) = (case.planner(&Device::cpu()), case.planner(&gpu));
        for mode in [Mode::Train, Mode::Infer] {
            let (of_cpu, loss_of_cpu) = outputs(&on_cpu, case, mode);
            let (of_gpu, loss_of_gpu) = outputs(&on_gpu, case, mode);
            for ((name, cpu), (_, gpu)) in of_cpu.iter().zip(&of_gpu) {
                assert_close(&format!("{case:?} {name}"), &list(cpu), &list(gpu), case.tolerance());
            }
            if mode == Mode::Train {
                let of_cpu = gradients(on_cpu.parameters(), &loss_of_cpu.backward().unwrap());
                let of_gpu = gradients(on_gpu.parameters(), &loss_of_gpu.backward().unwrap());
                let what = format!("{case:?}");
                match case.precision {
                    Precision::F32 => assert_each_close(&what, &of_cpu, &of_gpu),
                    // Where rounding takes a unit to the other side of its ReLU, single numbers jump.
                    Precision::Bf16 => {
                        let distance = distance(&of_cpu, &of_gpu);
                        assert!(distance < 2.0 * ROUGH, "{what}: gradients are {distance} apart");
                    }
                }
            }
        }
    }
}

#[test]
fn a_gpu_repeats_itself_bit_for_bit() {
    let Some(gpu) = gpu() else { return };
    for case in cases() {
        let once = || {
            let networks = case.planner(&gpu);
            let (_, loss) = outputs(&networks, case, Mode::Train);
            gradients(networks.parameters(), &loss.backward().unwrap())
        };
        assert!(once() == once(), "{case:?}");
    }
}

#[test]
fn optimisers_take_the_same_steps() {
    let Some(gpu) = gpu() else { return };
    let case = Case {
        shape: &[4, 10, 10],
        value_prefix: true,
        normalization: Normalization::Batch,
        precision: Precision::F32,
    };
    for kind in [OptimizerKind::Adam, OptimizerKind::Sgd] {
        let trained = |device: &Device| {
            let networks = case.planner(device);
            let settings = OptimizerSettings {
                kind,
                weight_decay: 1e-3,
                max_gradient_norm: 0.5,
                ..OptimizerSettings::default()
            };
            let mut optimizer = Optimizer::new(settings, networks.parameters()).unwrap();
            let step = |_| {
                let (_, loss) = outputs(&networks, case, Mode::Train);
                optimizer.step(&loss.backward().unwrap(), 0.1).unwrap() as f32
            };
            (0..3).map(step).collect::<Vec<f32>>()
        };
        let (cpu, gpu) = (trained(&Device::cpu()), trained(&gpu));
        assert_close(&format!("{kind:?} norms"), &cpu, &gpu, 10.0 * TOLERANCE);
    }
}

/// What a small update reads.
#[derive(Clone)]
struct Given {
    rows: Tensor,
    actions: Tensor,
    values: Tensor,
}

impl Inputs for Given {
    fn tensors(&self) -> Vec<&Tensor> {
        vec![&self.rows, &self.actions, &self.values]
    }
}

/// The losses of one step of the model, and their gradients.
fn learnt(networks: &PlannerNetworks, given: &Given) -> candle_core::Result<(Tensor, GradStore)> {
    let latent = networks.represent(&given.rows, Mode::Train)?;
    let hindsight = networks.hindsight(&given.rows)?.unwrap();
    let next = networks.advance(&latent, &given.actions, Mode::Train)?;
    let memory = networks.blank_memory(SAMPLES)?;
    let (rewards, _) = networks.reward(&next, memory.as_ref(), Mode::Train)?;
    let (values, policies) = networks.predict(&next, Mode::Train)?;
    let design = networks.design();
    let of_values =
        ops::cross_entropy(&values, &ops::encode(&given.values, design.value_support)?)?;
    let of_rewards =
        ops::cross_entropy(&rewards, &ops::encode(&given.values, design.reward_support)?)?;
    let of_policies = ops::cross_entropy(&policies, &policies.detach())?;
    let of_latents = ops::negative_cosine(&networks.foresee(&next)?.unwrap(), &hindsight)?;
    let losses = (((of_values + of_rewards)? + of_policies)? + of_latents)?;
    let gradients = losses.mean_all()?.backward()?;
    Ok((losses, gradients))
}

/// With other inputs and other weights each time.
#[test]
fn recorded_work_is_the_same_work() {
    let Some(gpu) = gpu() else { return };
    let as_trained = |case: &Case| case.value_prefix && case.normalization == Normalization::Batch;
    for case in cases().into_iter().filter(|case| case.shape == [3, 5, 4] && as_trained(case)) {
        let [recorded, plain] = [(); 2].map(|()| {
            let networks = case.planner(&gpu);
            let settings = OptimizerSettings::default();
            let optimizer = Optimizer::new(settings, networks.parameters()).unwrap();
            (networks, optimizer)
        });
        let mut recorder = Recorder::new(&gpu);
        let mut learn =
            |given: &Given, (networks, mut optimizer): (&PlannerNetworks, Optimizer), records| {
                let work = |given: &Given| learnt(networks, given);
                let mut read = |(losses, store): &(Tensor, GradStore)| {
                    optimizer.step(store, 0.1)?;
                    Ok((list(losses), gradients(networks.parameters(), store)))
                };
                let found = if records {
                    recorder.run(given, work, read)
                } else {
                    work(given).and_then(|it| read(&it))
                };
                (found.unwrap(), optimizer)
            };
        let (mut first, mut second) = (recorded.1, plain.1);
        for time in 0..4 {
            let cells = case.observations().len();
            let actions: Vec<u32> = (0..SAMPLES as u32).map(|sample| (sample + time) % 3).collect();
            let given = Given {
                rows: plain.0.rows(&numbers(cells, u64::from(time))).unwrap(),
                actions: plain.0.encoded(&actions).unwrap(),
                values: gpu.upload(numbers(SAMPLES, 50 + u64::from(time)), SAMPLES).unwrap(),
            };
            let (as_recorded, as_it_is);
            (as_recorded, first) = learn(&given, (&recorded.0, first), true);
            (as_it_is, second) = learn(&given, (&plain.0, second), false);
            assert!(as_recorded == as_it_is, "{case:?}: time {time}");
        }
        assert_eq!(gpu.take_refusal(), None);
    }
}

/// Observations, and copies of them as a recording makes them.
#[test]
fn looks_agree() {
    let Some(gpu) = gpu() else { return };
    let shades: Vec<Vec<u8>> =
        (0..3).map(|image| (0..60).map(|at| at * 4 + image).collect()).collect();
    let looks = [
        Look { parts: vec![2, 0], offset: (0, 0), factor: 1.0 },
        Look { parts: vec![1, 2], offset: (-1, 2), factor: 0.9 },
    ];
    for precision in [Precision::F32, Precision::Bf16] {
        let [cpu, gpu] = [Device::cpu(), gpu.clone()].map(|device| {
            let images = Images::new(&device, 3, [3, 4, 5]).unwrap();
            images.put(0, &shades.iter().map(Vec::as_slice).collect::<Vec<_>>()).unwrap();
            let seen = images.look(&looks, precision).unwrap();
            let copy = seen.zeros_like().unwrap();
            copy.slice_set(&seen, 0, 0).unwrap();
            list(&copy.to_dtype(candle_core::DType::F32).unwrap())
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
                let values = network.forward(&seen, Mode::Infer, Some(&mut stream)).unwrap();
                let values = values.reshape((SAMPLES, ())).unwrap();
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
            let output = convolution.apply(&variables[0], &variables[1]).unwrap();
            let store = output.sqr().unwrap().sum_all().unwrap().backward().unwrap();
            let mut all = vec![list(&output)];
            all.extend(variables.iter().map(|variable| list(store.get(variable).unwrap())));
            all
        });
        for (cpu, gpu) in cpu.iter().zip(&gpu) {
            assert_close(&format!("{height}×{width}"), cpu, gpu, TOLERANCE);
        }
    }
}
