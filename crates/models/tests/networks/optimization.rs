//! The optimizers fit a batch, agree with PyTorch, and continue from a saved state.

use candle_core::Tensor;
use rand_chacha::ChaCha8Rng;
use rand_chacha::rand_core::SeedableRng;
use zerolab_models::networks::{Network, PlannerNetworks, QNetwork};
use zerolab_models::{
    Device, ForwardMode, Optimizer, OptimizerKind, OptimizerSettings, Schedule, backward,
};

use crate::{SIZE, gradients, networks, observations, values_of};

#[test]
fn both_optimizers_overfit_a_batch() {
    for (kind, learning_rate) in [(OptimizerKind::Adam, 1e-2), (OptimizerKind::Sgd, 0.05)] {
        let shape = [2, 3, 5];
        let mut stream = ChaCha8Rng::seed_from_u64(3);
        let network =
            QNetwork::new(&shape, values_of(3), &SIZE, &mut stream, &Device::cpu()).unwrap();
        let settings = OptimizerSettings { kind, learning_rate, ..OptimizerSettings::default() };
        let mut optimizer = Optimizer::new(settings, network.parameters()).unwrap();
        let wanted = Tensor::new(
            &[[1f32, -2.0, 0.5], [0.0, 3.0, -1.0], [2.0, 2.0, 0.0], [-1.0, 0.5, 1.0]],
            &candle_core::Device::Cpu,
        )
        .unwrap();
        let mut error = f32::MAX;
        for _ in 0..600 {
            let values =
                network.forward(&observations(&shape, 4), ForwardMode::Train, None).unwrap();
            let values = values.reshape((4, 3)).unwrap().leaf().unwrap();
            let loss = (values.tensor() - &wanted).unwrap().sqr().unwrap().mean_all().unwrap();
            error = loss.to_scalar().unwrap();
            optimizer.step(&backward(&loss, [&values]).unwrap(), 0.0).unwrap();
        }
        assert!(error < 1e-2, "{kind:?} is left with {error}");
    }
}

/// A processor is slow on subnormal numbers, and a number that decays by a factor never becomes 0.
#[test]
fn decaying_weights_become_zero_without_becoming_subnormal() {
    let folder = tempfile::tempdir().unwrap();
    let files = [folder.path().join("network"), folder.path().join("moments")];
    let shape = [2, 3, 5];
    for kind in [OptimizerKind::Adam, OptimizerKind::Sgd] {
        let mut stream = ChaCha8Rng::seed_from_u64(3);
        let network =
            QNetwork::new(&shape, values_of(3), &SIZE, &mut stream, &Device::cpu()).unwrap();
        let settings = OptimizerSettings {
            kind,
            learning_rate: 0.2,
            weight_decay: 0.5,
            momentum: 0.5,
            epsilon: 1.0,
            ..OptimizerSettings::default()
        };
        let mut optimizer = Optimizer::new(settings, network.parameters()).unwrap();
        let mut seen = observations(&shape, 4);
        for update in 0..4_000 {
            let outputs = network.forward(&seen, ForwardMode::Train, None).unwrap();
            let outputs = outputs.leaf().unwrap();
            let values = outputs.tensor();
            let taught = if update == 0 { values.ones_like() } else { values.zeros_like() };
            let loss = (values * taught.unwrap()).unwrap().sum_all().unwrap();
            optimizer.step(&backward(&loss, [&outputs]).unwrap(), 0.0).unwrap();
            seen.fill(0.0);
            if update % 20 == 0 {
                network.parameters().save(&files[0]).unwrap();
                optimizer.save(&files[1]).unwrap();
                for (name, tensor) in files.iter().flat_map(saved) {
                    let subnormal = |number: &f32| number.is_subnormal();
                    assert!(!tensor.iter().any(subnormal), "{kind:?}, {name}, update {update}");
                }
            }
        }
        let trained = network.parameters().trained().iter();
        let left = trained.map(|(_, var)| var.abs().unwrap().sum_all().unwrap());
        assert_eq!(left.map(|sum| sum.to_scalar::<f32>().unwrap()).sum::<f32>(), 0.0, "{kind:?}");
    }
}

fn saved(path: &std::path::PathBuf) -> Vec<(String, Vec<f32>)> {
    let tensors = candle_core::safetensors::load(path, &candle_core::Device::Cpu).unwrap();
    let numbers = |tensor: &Tensor| tensor.flatten_all().unwrap().to_vec1().unwrap();
    tensors.iter().map(|(name, tensor)| (name.clone(), numbers(tensor))).collect()
}

#[test]
fn a_saved_state_continues_exactly() {
    let folder = tempfile::tempdir().unwrap();
    let [weights, moments] =
        ["weights.safetensors", "moments.safetensors"].map(|name| folder.path().join(name));
    let shape = [4];
    let seen = observations(&shape, 4);
    let step = |networks: &PlannerNetworks, optimizer: &mut Optimizer| {
        optimizer.step(&gradients(networks, &seen, 4), 0.5).unwrap();
    };
    let first = networks(&shape, true);
    let mut optimizer = Optimizer::new(OptimizerSettings::default(), first.parameters()).unwrap();
    step(&first, &mut optimizer);
    first.parameters().save(&weights).unwrap();
    optimizer.save(&moments).unwrap();
    let updates = optimizer.updates();
    step(&first, &mut optimizer);

    let second = networks(&shape, true);
    second.parameters().load(&weights).unwrap();
    let mut optimizer = Optimizer::new(OptimizerSettings::default(), second.parameters()).unwrap();
    optimizer.load(&moments, updates).unwrap();
    step(&second, &mut optimizer);
    for ((name, a), (_, b)) in
        first.parameters().trained().iter().zip(second.parameters().trained())
    {
        let bits = |var: &candle_core::Var| var.flatten_all().unwrap().to_vec1::<f32>().unwrap();
        assert_eq!(bits(a), bits(b), "{name}");
    }
}

#[test]
fn momentum_and_decay_are_pytorchs() {
    // p = 1, g = 2p each step, lr 0.1, momentum 0.9, decay 0.5; by hand: v1 = 2.5, p1 = 0.75;
    // g2 = 1.5 + 0.375, v2 = 2.25 + 1.875 = 4.125, p2 = 0.3375.
    let mut stream = ChaCha8Rng::seed_from_u64(1);
    let network = QNetwork::new(&[1], values_of(1), &SIZE, &mut stream, &Device::cpu()).unwrap();
    // A weight that starts at 1.
    let is_p = |name: &str| name == "representation.stem.norm.weight";
    let (_, p) = network.parameters().trained().iter().find(|(name, _)| is_p(name)).unwrap();
    let settings = OptimizerSettings {
        kind: OptimizerKind::Sgd,
        learning_rate: 0.1,
        weight_decay: 0.5,
        max_gradient_norm: 1e9,
        ..OptimizerSettings::default()
    };
    let mut optimizer = Optimizer::new(settings, network.parameters()).unwrap();
    for expected in [0.75f32, 0.3375] {
        let rest = network.parameters().trained().iter().filter(|(name, _)| !is_p(name));
        let objective = rest.fold(p.sqr().unwrap().sum_all().unwrap(), |sum, (_, var)| {
            (sum + var.sum_all().unwrap()).unwrap()
        });
        optimizer.step(&objective.backward().unwrap(), 0.0).unwrap();
        let p = p.flatten_all().unwrap().to_vec1::<f32>().unwrap()[0];
        assert!((p - expected).abs() < 1e-6, "{p} {expected}");
    }
}

#[test]
fn step_sizes_decay_along_a_cosine_or_a_line() {
    for (schedule, at_quarter) in
        [(Schedule::Linear, 0.75), (Schedule::Cosine, 0.5 + 0.5f64.sqrt() / 2.0)]
    {
        let settings = OptimizerSettings {
            learning_rate: 2.0,
            schedule,
            final_learning_rate_fraction: 0.1,
            ..OptimizerSettings::default()
        };
        let expected = [(0.0, 2.0), (0.25, 2.0 * (0.1 + 0.9 * at_quarter)), (1.0, 0.2), (9.0, 0.2)];
        for (progress, rate) in expected {
            assert!((settings.learning_rate_at(3, progress) - rate).abs() < 1e-12, "{progress}");
        }
    }
}
