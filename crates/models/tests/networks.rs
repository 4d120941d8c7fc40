//! Whole networks: counts against the layers' formulas, gradients that reach everything, saving, learning.

use std::collections::BTreeSet;

use candle_core::Tensor;
use rand_chacha::ChaCha8Rng;
use rand_chacha::rand_core::SeedableRng;
use zerolab_models::networks::{
    ActionEncoding, ActorCritic, Design, Downsampling, Network, NetworkSize, PlannerNetworks,
    QDesign, QNetwork,
};
use zerolab_models::{
    Device, Mode, Normalization, Optimizer, OptimizerKind, OptimizerSettings, Precision, Schedule,
    Support, ops,
};

const SIZE: NetworkSize = NetworkSize {
    channels: 4,
    blocks: 1,
    downsampling: Downsampling::None,
    action_encoding: ActionEncoding::OneHot,
    normalization: Normalization::Batch,
    head_normalization: Normalization::Layer,
    precision: Precision::F32,
    head_channels: 3,
    head_hidden: 5,
    lstm_hidden: 6,
    projection: 8,
};

fn networks(observation_shape: &[usize], value_prefix: bool) -> PlannerNetworks {
    sized(observation_shape, value_prefix, SIZE)
}

fn sized(observation_shape: &[usize], value_prefix: bool, size: NetworkSize) -> PlannerNetworks {
    let design = Design {
        observation_shape: observation_shape.to_vec(),
        num_actions: 3,
        size,
        value_support: Support::new(5),
        reward_support: Support::new(2),
        value_prefix,
        consistency: true,
    };
    PlannerNetworks::new(design, &mut ChaCha8Rng::seed_from_u64(1), &Device::cpu()).unwrap()
}

fn values_of(num_actions: usize) -> QDesign {
    QDesign { num_actions, atoms: 1, dueling: false, noisy: false }
}

const SHAPES: [&[usize]; 2] = [&[4], &[2, 3, 5]];

/// Everything that an update runs, once: the sum of all outputs, without the zero start of the heads.
fn loss(networks: &PlannerNetworks, observations: &[f32], samples: usize) -> Tensor {
    let latent = networks.represent(&networks.rows(observations).unwrap(), Mode::Train).unwrap();
    let memory = networks.blank_memory(samples).unwrap();
    let next = networks
        .step(&latent, &networks.encoded(&vec![1; samples]).unwrap(), memory.as_ref(), Mode::Train)
        .unwrap();
    let (values, policies) = networks.predict(&next.latent, Mode::Train).unwrap();
    let foreseen = networks.foresee(&next.latent).unwrap().unwrap();
    let hindsight = networks.hindsight(&networks.rows(observations).unwrap()).unwrap().unwrap();
    let target =
        |logits: &Tensor| (logits.ones_like().unwrap() / logits.dim(1).unwrap() as f64).unwrap();
    let terms = [&next.reward_logits, &values, &policies]
        .map(|logits| ops::cross_entropy(logits, &target(logits)).unwrap());
    let consistency = ops::negative_cosine(&foreseen, &hindsight).unwrap();
    let sum = terms.iter().fold(consistency, |sum, term| (sum + term).unwrap());
    sum.mean_all().unwrap()
}

fn observations(shape: &[usize], samples: usize) -> Vec<f32> {
    (0..samples * shape.iter().product::<usize>()).map(|i| (i as f32 * 0.7).sin()).collect()
}

#[test]
fn counts_are_those_of_the_layers() {
    for shape in SHAPES {
        for value_prefix in [false, true] {
            let networks = networks(shape, value_prefix);
            let listed: u64 = networks.parts().iter().map(zerolab_models::Part::parameters).sum();
            assert_eq!(listed, networks.parameters().count());
        }
    }
    // By hand, with the formulas of a convolution (C_in C_out k²), a linear layer (io + o), a
    // normalisation (2C) and PyTorch's LSTM (4H(I + H) + 8H), on a board of 3 × 5.
    let networks = networks(&[2, 3, 5], true);
    let part = |name: &str| networks.parts().iter().find(|part| part.name == name).unwrap();
    let (residual, cells) = (2 * (4 * 4 * 9 + 2 * 4), 15);
    assert_eq!(part("representation").parameters(), 2 * 4 * 9 + 8 + residual);
    assert_eq!(part("representation").macs(), cells * (2 * 4 * 9 + 2 * 4 * 4 * 9));
    let lstm = 4 * 6 * (45 + 6) + 8 * 6;
    let reward_head = (4 * 3 + 3 + 6) + lstm + 12 + (6 * 5 + 5 + 10) + (5 * 5 + 5);
    assert_eq!(part("dynamics").parameters(), 7 * 4 * 9 + 8 + residual + reward_head);
    let reward_macs = cells * 4 * 3 + 4 * 6 * (45 + 6) + 6 * 5 + 5 * 5;
    assert_eq!(part("dynamics").macs(), cells * (7 * 4 * 9 + 2 * 4 * 4 * 9) + reward_macs);
}

/// As the paper's networks are built, but tiny.
const PUBLISHED: NetworkSize = NetworkSize {
    downsampling: Downsampling::Sixteenth,
    action_encoding: ActionEncoding::Share,
    head_normalization: Normalization::Batch,
    ..SIZE
};

#[test]
fn the_counter_counts_what_the_layers_say() {
    let cases = [(SIZE, SHAPES[0]), (SIZE, SHAPES[1]), (PUBLISHED, &[2, 35, 18])];
    for (size, shape) in cases {
        let networks = sized(shape, true, size);
        let macs =
            |name: &str| networks.parts().iter().find(|part| part.name == name).unwrap().macs();
        let samples = 3;
        let latent = networks
            .represent(&networks.rows(&observations(shape, samples)).unwrap(), Mode::Infer)
            .unwrap();
        assert_eq!(networks.counter().take(), 3 * macs("representation"));
        let memory = networks.blank_memory(samples).unwrap();
        networks
            .step(&latent, &networks.encoded(&[0, 1, 2]).unwrap(), memory.as_ref(), Mode::Infer)
            .unwrap();
        assert_eq!(networks.counter().take(), 3 * macs("dynamics"));
        networks.predict(&latent, Mode::Infer).unwrap();
        assert_eq!(networks.counter().take(), 3 * macs("prediction"));
        networks.foresee(&latent).unwrap();
        assert_eq!(networks.counter().take(), 3 * (macs("projector") + macs("predictor")));
    }
}

/// The paper's networks at their own size, on one observation of Atari.
#[test]
fn a_large_image_becomes_a_small_board() {
    let size = NetworkSize { channels: 64, head_channels: 16, head_hidden: 32, ..PUBLISHED };
    let networks = sized(&[12, 96, 96], false, size);
    assert_eq!(networks.latent_width(), 64 * 6 * 6);
    let latent = networks
        .represent(&networks.rows(&observations(&[12, 96, 96], 1)).unwrap(), Mode::Infer)
        .unwrap();
    assert_eq!(latent.dims(), [1, 64 * 6 * 6]);
    assert_eq!(networks.counter().take(), 148_635_648);
}

/// Layer normalisation of a layer without a bias sees only the direction of its input: a cart at the edge
/// then looks like one near the middle, and values cannot be learnt.
#[test]
fn a_latent_state_shows_how_long_an_observation_is() {
    for normalization in [Normalization::Batch, Normalization::Layer] {
        for shape in SHAPES {
            let networks = sized(shape, false, NetworkSize { normalization, ..SIZE });
            let once = observations(shape, 1);
            let twice: Vec<f32> = once.iter().map(|number| 2.0 * number).collect();
            let latent = |seen: &[f32]| {
                networks.represent(&networks.rows(seen).unwrap(), Mode::Infer).unwrap()
            };
            let moved = (latent(&twice) - latent(&once)).unwrap().abs().unwrap().max_all().unwrap();
            let moved = moved.to_scalar::<f32>().unwrap();
            assert!(moved > 0.01, "{normalization:?} {shape:?}: {moved}");
        }
    }
}

#[test]
fn a_new_planner_says_nothing_and_every_weight_gets_a_gradient() {
    for shape in SHAPES {
        let networks = networks(shape, true);
        let seen = observations(shape, 4);
        let latent = networks.represent(&networks.rows(&seen).unwrap(), Mode::Infer).unwrap();
        let (values, policies) = networks.predict(&latent, Mode::Infer).unwrap();
        assert!(networks.values(&values).unwrap().iter().all(|value| value.abs() < 1e-6));
        assert!(
            policies
                .flatten_all()
                .unwrap()
                .to_vec1::<f32>()
                .unwrap()
                .iter()
                .all(|logit| *logit == 0.0)
        );
        let gradients = loss(&networks, &seen, 4).backward().unwrap();
        let missing: BTreeSet<_> = networks
            .parameters()
            .trained()
            .iter()
            .filter(|(_, var)| gradients.get(var).is_none())
            .map(|(name, _)| name)
            .collect();
        assert!(missing.is_empty(), "{missing:?}");
    }
}

#[test]
fn both_optimisers_overfit_a_batch() {
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
            let values = network.forward(&observations(&shape, 4), Mode::Train, None).unwrap();
            let values = values.reshape((4, 3)).unwrap();
            let loss = (values - &wanted).unwrap().sqr().unwrap().mean_all().unwrap();
            error = loss.to_scalar().unwrap();
            optimizer.step(&loss.backward().unwrap(), 0.0).unwrap();
        }
        assert!(error < 1e-2, "{kind:?} is left with {error}");
    }
}

/// Below the normal numbers a processor is slow, and what decays by a factor never leaves them.
#[test]
fn what_is_taught_no_more_becomes_zero_without_being_subnormal() {
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
            let values = network.forward(&seen, Mode::Train, None).unwrap();
            let taught = if update == 0 { values.ones_like() } else { values.zeros_like() };
            let loss = (values * taught.unwrap()).unwrap().sum_all().unwrap();
            optimizer.step(&loss.backward().unwrap(), 0.0).unwrap();
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

/// A batch that is worth dividing, among threads that do not divide it evenly.
#[test]
fn inference_is_the_same_to_the_last_bit_with_any_number_of_threads() {
    const SAMPLES: usize = 2_000;
    let size = NetworkSize { channels: 64, head_hidden: 32, ..SIZE };
    for (shape, value_prefix) in [(&[4][..], true), (&[2, 3, 5][..], false)] {
        let networks = sized(shape, value_prefix, size.clone());
        let observations = observations(shape, SAMPLES);
        let actions: Vec<u32> = (0..SAMPLES as u32).map(|sample| sample % 3).collect();
        let inferred = || {
            let (latent, first) = networks.initial(&networks.rows(&observations).unwrap()).unwrap();
            let memory = networks.blank_memory(SAMPLES).unwrap();
            let encoded = networks.encoded(&actions).unwrap();
            let (next, second) = networks.recurrent(&latent, &encoded, memory.as_ref()).unwrap();
            let memory = next.memory.map(|memory| [memory.output, memory.cell]);
            let judged = [first, second].map(|said| [said.value_logits, said.policy_logits]);
            let rest = [latent, next.latent, next.reward_logits];
            let all = judged.into_iter().flatten().chain(rest).chain(memory.into_iter().flatten());
            let all: Vec<Vec<Vec<f32>>> = all.map(|tensor| tensor.to_vec2().unwrap()).collect();
            (all, networks.counter().take())
        };
        let with = |threads: usize| {
            let pool = rayon::ThreadPoolBuilder::new().num_threads(threads).build().unwrap();
            pool.install(inferred)
        };
        let alone = with(1);
        for first in ["representation", "dynamics"] {
            let run =
                networks.parts().iter().filter(|part| [first, "prediction"].contains(&&*part.name));
            let macs = run.map(zerolab_models::Part::macs).sum::<u64>() * SAMPLES as u64;
            assert!(macs >= 1 << 23, "{first}: {macs} are not divided");
        }
        assert_eq!(alone, with(3), "{shape:?}");
    }
}

/// What is kept of a sample, or computed with others, is what it would be alone.
#[test]
fn a_sample_is_seen_the_same_to_the_last_bit_alone_and_among_others() {
    const SAMPLES: usize = 27;
    let size = NetworkSize { channels: 16, head_hidden: 40, lstm_hidden: 33, ..SIZE };
    for normalization in [Normalization::Batch, Normalization::Layer] {
        for shape in SHAPES {
            let networks = sized(shape, true, NetworkSize { normalization, ..size.clone() });
            let all = observations(shape, SAMPLES);
            let said = |observations: &[f32], samples: usize| -> Vec<Vec<f32>> {
                let latent =
                    networks.represent(&networks.rows(observations).unwrap(), Mode::Infer).unwrap();
                let memory = networks.blank_memory(samples).unwrap();
                let actions = vec![1; samples];
                let next = networks
                    .step(
                        &latent,
                        &networks.encoded(&actions).unwrap(),
                        memory.as_ref(),
                        Mode::Infer,
                    )
                    .unwrap();
                let memory = next.memory.unwrap();
                let again = networks
                    .step(
                        &next.latent,
                        &networks.encoded(&actions).unwrap(),
                        Some(&memory),
                        Mode::Infer,
                    )
                    .unwrap();
                let joined = Tensor::cat(&[latent, again.latent, again.memory.unwrap().cell], 1);
                joined.unwrap().to_vec2().unwrap()
            };
            let together = said(&all, SAMPLES);
            for (observation, among_others) in all.chunks_exact(all.len() / SAMPLES).zip(together) {
                assert_eq!(said(observation, 1), [among_others], "{shape:?} {normalization:?}");
            }
        }
    }
}

#[test]
fn a_saved_state_goes_on_as_if_nothing_had_been() {
    let folder = std::env::temp_dir().join(format!("zerolab-models-{}", std::process::id()));
    std::fs::create_dir_all(&folder).unwrap();
    let (weights, moments) =
        (folder.join("weights.safetensors"), folder.join("moments.safetensors"));
    let shape = [4];
    let seen = observations(&shape, 4);
    let step = |networks: &PlannerNetworks, optimizer: &mut Optimizer| {
        let loss = loss(networks, &seen, 4);
        optimizer.step(&loss.backward().unwrap(), 0.5).unwrap();
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
    std::fs::remove_dir_all(folder).unwrap();
}

#[test]
fn momentum_and_decay_are_pytorchs() {
    // p = 1, g = 2p each step, lr 0.1, momentum 0.9, decay 0.5; by hand: v1 = 2.5, p1 = 0.75;
    // g2 = 1.5 + 0.375, v2 = 2.25 + 1.875 = 4.125, p2 = 0.3375.
    let mut stream = ChaCha8Rng::seed_from_u64(1);
    let network = QNetwork::new(&[1], values_of(1), &SIZE, &mut stream, &Device::cpu()).unwrap();
    // A weight that begins at 1.
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
fn an_actor_critic_counts_and_trains_all_that_it_has() {
    for shape in SHAPES {
        let mut stream = ChaCha8Rng::seed_from_u64(1);
        let network = ActorCritic::new(shape, 3, &SIZE, &mut stream, &Device::cpu()).unwrap();
        let listed: u64 = network.parts().iter().map(zerolab_models::Part::parameters).sum();
        assert_eq!(listed, network.parameters().count());
        let (logits, values) = network.forward(&observations(shape, 4), Mode::Train).unwrap();
        let macs: u64 = network.parts().iter().map(zerolab_models::Part::macs).sum();
        assert_eq!(network.counter().take(), 4 * macs);
        assert_eq!((logits.dims(), values.dims()), ([4, 3].as_slice(), [4].as_slice()));
        // A new policy is uniform, a new value 0.
        assert_eq!(logits.abs().unwrap().max_all().unwrap().to_scalar::<f32>().unwrap(), 0.0);
        assert_eq!(values.to_vec1::<f32>().unwrap(), [0.0; 4]);
        let loss = (logits.sum_all().unwrap() + values.sum_all().unwrap()).unwrap();
        let mut optimizer =
            Optimizer::new(OptimizerSettings::default(), network.parameters()).unwrap();
        optimizer.step(&loss.backward().unwrap(), 0.0).unwrap();
    }
}

#[test]
fn step_sizes_fall_along_a_cosine_or_a_line() {
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
