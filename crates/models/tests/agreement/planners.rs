//! The networks of planners on both devices: outputs, losses, gradients, and the steps of optimizers.

use candle_core::Tensor;
use zerolab_models::networks::{LstmState, Network, PlannerNetworks};
use zerolab_models::{
    Device, ForwardMode, Leaf, Normalization, Optimizer, OptimizerKind, OptimizerSettings,
    Precision, backward, ops,
};

use crate::cases::{Case, SAMPLES, cases, gpu};
use crate::closeness::{
    ROUGH, TOLERANCE, assert_close, assert_each_close, distance, gradients, list,
};

/// The outputs of an unrolled update by name, its loss, and what that was computed from.
fn outputs(
    networks: &PlannerNetworks,
    case: Case,
    mode: ForwardMode,
) -> (Vec<(String, Tensor)>, Tensor, Vec<Leaf>) {
    let (device, observations) = (networks.device(), case.observations());
    let latent = networks.represent(&networks.rows(&observations).unwrap(), mode).unwrap();
    let half = latent.scale_gradient(0.5);
    let memory = networks.blank_memory(SAMPLES).unwrap().map(LstmState::constant);
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
        ("latent".to_owned(), latent.into_tensor()),
        ("next latent".to_owned(), next.latent.tensor().clone()),
        ("reward".to_owned(), next.reward_logits.tensor().clone()),
        ("value".to_owned(), values.tensor().clone()),
        ("policy".to_owned(), policies.tensor().clone()),
    ];
    let mut loss = device.zeros(SAMPLES).unwrap();
    let mut leaves: Vec<Leaf> =
        [next.reward_logits, values, policies].map(|logits| logits.leaf().unwrap()).into();
    for logits in leaves.iter().map(Leaf::tensor) {
        let entropy = ops::cross_entropy(logits, &target(logits)).unwrap();
        named.push(("cross-entropy".to_owned(), entropy.clone()));
        loss = (loss + entropy).unwrap();
    }
    if mode == ForwardMode::Train {
        let predicted = networks.predicted_projection(&next.latent).unwrap().unwrap();
        let predicted = predicted.leaf().unwrap();
        let target_projection =
            networks.target_projection(&networks.rows(&observations).unwrap()).unwrap().unwrap();
        let cosine = ops::negative_cosine(predicted.tensor(), &target_projection).unwrap();
        named.push(("consistency".to_owned(), cosine.clone()));
        loss = (loss + (cosine * 2.0).unwrap()).unwrap();
        leaves.push(predicted);
    }
    (named, loss.mean_all().unwrap(), leaves)
}

#[test]
fn planners_agree_forward_and_backward() {
    let Some(gpu) = gpu() else { return };
    for case in cases() {
        let (on_cpu, on_gpu) = (case.planner(&Device::cpu()), case.planner(&gpu));
        for mode in [ForwardMode::Train, ForwardMode::Infer] {
            let (of_cpu, loss_of_cpu, leaves_of_cpu) = outputs(&on_cpu, case, mode);
            let (of_gpu, loss_of_gpu, leaves_of_gpu) = outputs(&on_gpu, case, mode);
            for ((name, cpu), (_, gpu)) in of_cpu.iter().zip(&of_gpu) {
                assert_close(&format!("{case:?} {name}"), &list(cpu), &list(gpu), case.tolerance());
            }
            if mode == ForwardMode::Train {
                let of_cpu = backward(&loss_of_cpu, &leaves_of_cpu).unwrap();
                let of_gpu = backward(&loss_of_gpu, &leaves_of_gpu).unwrap();
                let of_cpu = gradients(on_cpu.parameters(), &of_cpu);
                let of_gpu = gradients(on_gpu.parameters(), &of_gpu);
                let what = format!("{case:?}");
                match case.precision {
                    Precision::F32 => assert_each_close(&what, &of_cpu, &of_gpu),
                    // Rounding can move a unit to the other side of its ReLU, which changes single gradients
                    // much.
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
fn a_gpu_repeats_its_results_to_the_last_bit() {
    let Some(gpu) = gpu() else { return };
    for case in cases() {
        let once = || {
            let networks = case.planner(&gpu);
            let (_, loss, leaves) = outputs(&networks, case, ForwardMode::Train);
            gradients(networks.parameters(), &backward(&loss, &leaves).unwrap())
        };
        assert!(once() == once(), "{case:?}");
    }
}

#[test]
fn optimizers_take_the_same_steps() {
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
                let (_, loss, leaves) = outputs(&networks, case, ForwardMode::Train);
                optimizer.step(&backward(&loss, &leaves).unwrap(), 0.1).unwrap() as f32
            };
            (0..3).map(step).collect::<Vec<f32>>()
        };
        let (cpu, gpu) = (trained(&Device::cpu()), trained(&gpu));
        assert_close(&format!("{kind:?} norms"), &cpu, &gpu, 10.0 * TOLERANCE);
    }
}
