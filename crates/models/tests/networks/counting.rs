//! Numbers of weights and operations against the layers' formulas, and first outputs and gradients.

use std::collections::BTreeSet;

use rand_chacha::ChaCha8Rng;
use rand_chacha::rand_core::SeedableRng;
use zerolab_models::networks::{ActorCritic, LstmState, Network, NetworkSize};
use zerolab_models::{
    Device, ForwardMode, Leaf, Normalization, Optimizer, OptimizerSettings, backward,
};

use crate::{PUBLISHED, SHAPES, SIZE, gradients, networks, observations, sized};

#[test]
fn counts_agree_with_the_layers_formulas() {
    for shape in SHAPES {
        for value_prefix in [false, true] {
            let networks = networks(shape, value_prefix);
            let listed: u64 = networks.parts().iter().map(zerolab_models::Part::parameters).sum();
            assert_eq!(listed, networks.parameters().count());
        }
    }
    // By hand, with the formulas of a convolution (C_in C_out k²), a linear layer (io + o), a
    // normalization (2C) and PyTorch's LSTM (4H(I + H) + 8H), on a board of 3 × 5.
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

#[test]
fn the_counter_agrees_with_the_layers() {
    let cases = [(SIZE, SHAPES[0]), (SIZE, SHAPES[1]), (PUBLISHED, &[2, 35, 18])];
    for (size, shape) in cases {
        let networks = sized(shape, true, size);
        let macs =
            |name: &str| networks.parts().iter().find(|part| part.name == name).unwrap().macs();
        let samples = 3;
        let latent = networks
            .represent(&networks.rows(&observations(shape, samples)).unwrap(), ForwardMode::Infer)
            .unwrap();
        assert_eq!(networks.counter().take(), 3 * macs("representation"));
        let memory = networks.blank_memory(samples).unwrap().map(LstmState::constant);
        networks
            .step(
                &latent,
                &networks.encoded(&[0, 1, 2]).unwrap(),
                memory.as_ref(),
                ForwardMode::Infer,
            )
            .unwrap();
        assert_eq!(networks.counter().take(), 3 * macs("dynamics"));
        networks.predict(&latent, ForwardMode::Infer).unwrap();
        assert_eq!(networks.counter().take(), 3 * macs("prediction"));
        networks.predicted_projection(&latent).unwrap();
        assert_eq!(networks.counter().take(), 3 * (macs("projector") + macs("predictor")));
    }
}

/// The paper's networks in their published size, on one observation of Atari.
#[test]
fn a_large_image_becomes_a_small_board() {
    let size = NetworkSize { channels: 64, head_channels: 16, head_hidden: 32, ..PUBLISHED };
    let networks = sized(&[12, 96, 96], false, size);
    assert_eq!(networks.latent_width(), 64 * 6 * 6);
    let latent = networks
        .represent(&networks.rows(&observations(&[12, 96, 96], 1)).unwrap(), ForwardMode::Infer)
        .unwrap();
    assert_eq!(latent.tensor().dims(), [1, 64 * 6 * 6]);
    assert_eq!(networks.counter().take(), 148_635_648);
}

/// Layer normalization after a layer without bias removes the length of the input: a cart at the edge looks
/// like one near the middle, and values cannot be learnt.
#[test]
fn a_latent_state_depends_on_the_length_of_an_observation() {
    for normalization in [Normalization::Batch, Normalization::Layer] {
        for shape in SHAPES {
            let networks = sized(shape, false, NetworkSize { normalization, ..SIZE });
            let once = observations(shape, 1);
            let twice: Vec<f32> = once.iter().map(|number| 2.0 * number).collect();
            let latent = |seen: &[f32]| {
                let latent = networks.represent(&networks.rows(seen).unwrap(), ForwardMode::Infer);
                latent.unwrap().into_tensor()
            };
            let moved = (latent(&twice) - latent(&once)).unwrap().abs().unwrap().max_all().unwrap();
            let moved = moved.to_scalar::<f32>().unwrap();
            assert!(moved > 0.01, "{normalization:?} {shape:?}: {moved}");
        }
    }
}

#[test]
fn first_values_are_zero_and_every_weight_has_a_gradient() {
    for shape in SHAPES {
        let networks = networks(shape, true);
        let seen = observations(shape, 4);
        let latent =
            networks.represent(&networks.rows(&seen).unwrap(), ForwardMode::Infer).unwrap();
        let (values, policies) = networks.predict(&latent, ForwardMode::Infer).unwrap();
        assert!(networks.values(values.tensor()).unwrap().iter().all(|value| value.abs() < 1e-6));
        assert!(
            policies
                .tensor()
                .flatten_all()
                .unwrap()
                .to_vec1::<f32>()
                .unwrap()
                .iter()
                .all(|logit| *logit == 0.0)
        );
        let gradients = gradients(&networks, &seen, 4);
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
fn an_actor_critic_counts_and_trains_all_weights() {
    for shape in SHAPES {
        let mut stream = ChaCha8Rng::seed_from_u64(1);
        let network = ActorCritic::new(shape, 3, &SIZE, &mut stream, &Device::cpu()).unwrap();
        let listed: u64 = network.parts().iter().map(zerolab_models::Part::parameters).sum();
        assert_eq!(listed, network.parameters().count());
        let (logits, values) =
            network.forward(&observations(shape, 4), ForwardMode::Train).unwrap();
        let outputs = [logits.leaf().unwrap(), values.leaf().unwrap()];
        let [logits, values] = outputs.each_ref().map(Leaf::tensor);
        let macs: u64 = network.parts().iter().map(zerolab_models::Part::macs).sum();
        assert_eq!(network.counter().take(), 4 * macs);
        assert_eq!((logits.dims(), values.dims()), ([4, 3].as_slice(), [4].as_slice()));
        // First policies are uniform, first values 0.
        assert_eq!(logits.abs().unwrap().max_all().unwrap().to_scalar::<f32>().unwrap(), 0.0);
        assert_eq!(values.to_vec1::<f32>().unwrap(), [0.0; 4]);
        let loss = (logits.sum_all().unwrap() + values.sum_all().unwrap()).unwrap();
        let mut optimizer =
            Optimizer::new(OptimizerSettings::default(), network.parameters()).unwrap();
        optimizer.step(&backward(&loss, &outputs).unwrap(), 0.0).unwrap();
    }
}
