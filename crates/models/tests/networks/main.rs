//! Whole networks: numbers of weights, gradients, exactness, optimizers and saving.

mod counting;
mod exactness;
mod optimization;

use candle_core::Tensor;
use candle_core::backprop::GradStore;
use rand_chacha::ChaCha8Rng;
use rand_chacha::rand_core::SeedableRng;
use zerolab_models::networks::{
    ActionEncoding, Design, Downsampling, LstmState, NetworkSize, PlannerNetworks, QDesign,
};
use zerolab_models::{Device, ForwardMode, Leaf, Normalization, Precision, Support, backward, ops};

const SIZE: NetworkSize = NetworkSize {
    channels: 4,
    blocks: 1,
    downsampling: Downsampling::None,
    action_encoding: ActionEncoding::OneHot,
    normalization: Normalization::Batch,
    head_normalization: Normalization::Layer,
    normalization_momentum: 0.1,
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

/// The gradients of the loss of a small update, which depends on all weights.
fn gradients(networks: &PlannerNetworks, observations: &[f32], samples: usize) -> GradStore {
    let latent =
        networks.represent(&networks.rows(observations).unwrap(), ForwardMode::Train).unwrap();
    let memory = networks.blank_memory(samples).unwrap().map(LstmState::constant);
    let next = networks
        .step(
            &latent,
            &networks.encoded(&vec![1; samples]).unwrap(),
            memory.as_ref(),
            ForwardMode::Train,
        )
        .unwrap();
    let (values, policies) = networks.predict(&next.latent, ForwardMode::Train).unwrap();
    let predicted = networks.predicted_projection(&next.latent).unwrap().unwrap();
    let outputs =
        [next.reward_logits, values, policies, predicted].map(|output| output.leaf().unwrap());
    let [logits @ .., predicted] = outputs.each_ref().map(Leaf::tensor);
    let target_projection =
        networks.target_projection(&networks.rows(observations).unwrap()).unwrap().unwrap();
    let target =
        |logits: &Tensor| (logits.ones_like().unwrap() / logits.dim(1).unwrap() as f64).unwrap();
    let terms = logits.map(|logits| ops::cross_entropy(logits, &target(logits)).unwrap());
    let consistency = ops::negative_cosine(predicted, &target_projection).unwrap();
    let sum = terms.iter().fold(consistency, |sum, term| (sum + term).unwrap());
    backward(&sum.mean_all().unwrap(), &outputs).unwrap()
}

fn observations(shape: &[usize], samples: usize) -> Vec<f32> {
    (0..samples * shape.iter().product::<usize>()).map(|i| (i as f32 * 0.7).sin()).collect()
}

/// Like the paper's networks, but tiny.
const PUBLISHED: NetworkSize = NetworkSize {
    downsampling: Downsampling::Sixteenth,
    action_encoding: ActionEncoding::Share,
    head_normalization: Normalization::Batch,
    ..SIZE
};
