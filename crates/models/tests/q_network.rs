//! Networks of action values: dueling heads, noisy weights, distributions, and the numbers of weights.

use rand_chacha::ChaCha8Rng;
use rand_chacha::rand_core::SeedableRng;
use zerolab_models::networks::{Downsampling, Network, NetworkSize, QDesign, QNetwork};
use zerolab_models::{
    Device, ForwardMode, Normalization, Optimizer, OptimizerSettings, Part, backward,
};

const PLAIN: QDesign = QDesign { num_actions: 3, atoms: 1, dueling: false, noisy: false };

fn designs() -> Vec<QDesign> {
    let mut designs = Vec::new();
    for (atoms, dueling) in [(1, false), (1, true), (4, false), (4, true)] {
        designs.extend([false, true].map(|noisy| QDesign { atoms, dueling, noisy, ..PLAIN }));
    }
    designs
}

fn network(design: QDesign) -> QNetwork {
    let size =
        NetworkSize { channels: 4, head_channels: 3, head_hidden: 5, ..NetworkSize::default() };
    let network = QNetwork::new(&SHAPE, design, &size, &mut stream(1), &Device::cpu()).unwrap();
    // Heads start at zero.
    for (at, (_, var)) in network.parameters().trained().iter().enumerate() {
        let values = (0..var.elem_count()).map(|i| ((at * 31 + i) as f32 * 0.7).sin() * 0.5);
        let values = Device::cpu().upload(values.collect::<Vec<f32>>(), var.shape()).unwrap();
        var.set(&values).unwrap();
    }
    network
}

const SHAPE: [usize; 3] = [2, 3, 4];
const SAMPLES: usize = 2;

fn stream(seed: u64) -> ChaCha8Rng {
    ChaCha8Rng::seed_from_u64(seed)
}

fn observations() -> Vec<f32> {
    (0..SAMPLES * SHAPE.iter().product::<usize>()).map(|i| (i as f32 * 1.3).cos()).collect()
}

fn outputs(network: &QNetwork, noise: Option<u64>) -> Vec<f32> {
    let mut noise = noise.map(stream);
    let outputs = network.forward(&observations(), ForwardMode::Infer, noise.as_mut()).unwrap();
    Device::cpu().download(outputs.tensor()).unwrap()
}

/// Adds `by` to all numbers of the tensor called `name`.
fn shift(network: &QNetwork, name: &str, by: f64) {
    let (_, var) = network.parameters().trained().iter().find(|(of, _)| of == name).unwrap();
    var.set(&(var.as_tensor() + by).unwrap()).unwrap();
}

#[test]
fn each_action_has_a_row_of_atoms_and_every_weight_a_gradient() {
    for design in designs() {
        let network = network(design);
        let outputs =
            network.forward(&observations(), ForwardMode::Train, Some(&mut stream(2))).unwrap();
        let outputs = outputs.leaf().unwrap();
        assert_eq!(outputs.tensor().dims(), [SAMPLES * design.num_actions, design.atoms]);
        let mut optimizer =
            Optimizer::new(OptimizerSettings::default(), network.parameters()).unwrap();
        let loss = outputs.tensor().sqr().unwrap().sum_all().unwrap();
        optimizer.step(&backward(&loss, [&outputs]).unwrap(), 0.0).unwrap();
    }
}

#[test]
fn the_counter_agrees_with_the_layers() {
    for design in designs() {
        let network = network(design);
        let listed: u64 = network.parts().iter().map(Part::parameters).sum();
        assert_eq!(listed, network.parameters().count());
        let all: u64 = network.parts().iter().map(Part::macs).sum();
        outputs(&network, Some(1));
        assert_eq!(network.counter().take(), SAMPLES as u64 * all);
        let layers = network.parts().iter().flat_map(|part| &part.layers);
        let noise: u64 =
            layers.filter(|layer| layer.name.ends_with("noise")).map(|layer| layer.macs).sum();
        assert_eq!(noise > 0, design.noisy);
        outputs(&network, None);
        assert_eq!(network.counter().take(), SAMPLES as u64 * (all - noise));
    }
}

/// A constant added to all advantages is removed with their mean; one added to the value remains.
#[test]
fn only_the_value_changes_the_mean() {
    for atoms in [1, 4] {
        let network = network(QDesign { atoms, dueling: true, ..PLAIN });
        let before = outputs(&network, None);
        let moved = |by: f32| {
            let after = outputs(&network, None);
            let is_moved = |(a, b): (&f32, &f32)| (a - b - by).abs() < 1e-5;
            assert!(after.iter().zip(&before).all(is_moved), "{after:?} {before:?}");
        };
        shift(&network, "values.action.output.bias", 3.0);
        moved(0.0);
        shift(&network, "values.state.output.bias", 2.0);
        moved(2.0);
    }
}

#[test]
fn noise_comes_from_its_stream_alone_and_only_where_there_is_any() {
    for design in designs() {
        let network = network(design);
        assert_eq!(outputs(&network, Some(1)), outputs(&network, Some(1)));
        let differs = outputs(&network, Some(1)) != outputs(&network, Some(2));
        assert_eq!(differs, design.noisy);
        assert_eq!(outputs(&network, None) != outputs(&network, Some(1)), design.noisy);
    }
}

/// DQN's network (Mnih et al. 2015) has 1,686,180 numbers for Breakout's 4 actions and 1,687,206 for Pong's
/// 6.
#[test]
fn the_network_of_dqn_has_the_published_size() {
    let size = NetworkSize {
        channels: 64,
        blocks: 0,
        downsampling: Downsampling::Nature,
        normalization: Normalization::None,
        head_normalization: Normalization::None,
        head_channels: 0,
        head_hidden: 512,
        ..NetworkSize::default()
    };
    for (num_actions, parameters) in [(4, 1_686_180), (6, 1_687_206)] {
        let design = QDesign { num_actions, ..PLAIN };
        let network =
            QNetwork::new(&[4, 84, 84], design, &size, &mut stream(1), &Device::cpu()).unwrap();
        assert_eq!(network.parts().iter().map(Part::parameters).sum::<u64>(), parameters);
        let image = vec![0.5; 4 * 84 * 84];
        let values = network.forward(&image, ForwardMode::Infer, None).unwrap();
        assert_eq!(values.tensor().dims(), [num_actions, 1]);
    }
    let small = QNetwork::new(&[4, 10, 5], PLAIN, &size, &mut stream(1), &Device::cpu()).unwrap();
    let values = small.forward(&[0.5; 200], ForwardMode::Infer, None).unwrap();
    assert_eq!(values.tensor().dims(), [PLAIN.num_actions, 1]);
}
