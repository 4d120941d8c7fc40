//! Results that must be equal to the last bit.

use candle_core::Tensor;
use zerolab_models::networks::{LstmState, Network, NetworkSize};
use zerolab_models::{ForwardMode, Normalization, Traced};

use crate::{SHAPES, SIZE, observations, sized};

/// A batch that is large enough to be divided, among numbers of threads that do not divide it evenly.
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
            let predictions = [first, second]
                .map(|prediction| [prediction.value_logits, prediction.policy_logits]);
            let rest = [latent, next.latent, next.reward_logits];
            let all =
                predictions.into_iter().flatten().chain(rest).chain(memory.into_iter().flatten());
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

/// With momentum 1 the running moments are the last batch's, except for the factor of an unbiased variance,
/// and acting agrees with learning. With less momentum it does not.
#[test]
fn inference_agrees_with_learning_if_the_running_moments_are_the_last_batchs() {
    let (shape, samples) = (&[2, 3, 5][..], 2_000);
    let apart = |normalization_momentum: f64| {
        let (normalization, head_normalization) = (Normalization::Batch, Normalization::Batch);
        let networks = sized(
            shape,
            true,
            NetworkSize { normalization, head_normalization, normalization_momentum, ..SIZE },
        );
        let rows = networks.rows(&observations(shape, samples)).unwrap();
        let learnt = networks.represent(&rows, ForwardMode::Train).unwrap();
        let acted = networks.represent(&rows, ForwardMode::Infer).unwrap();
        let apart =
            (learnt.tensor() - acted.tensor()).unwrap().abs().unwrap().flatten_all().unwrap();
        apart.max(0).unwrap().to_scalar::<f32>().unwrap()
    };
    assert!(apart(1.0) < 0.01, "{}", apart(1.0));
    assert!(apart(0.1) > 0.1, "{}", apart(0.1));
}

#[test]
fn a_sample_has_the_same_outputs_to_the_last_bit_alone_and_in_a_batch() {
    const SAMPLES: usize = 27;
    let size = NetworkSize { channels: 16, head_hidden: 40, lstm_hidden: 33, ..SIZE };
    for normalization in [Normalization::Batch, Normalization::Layer] {
        for shape in SHAPES {
            let networks = sized(shape, true, NetworkSize { normalization, ..size.clone() });
            let all = observations(shape, SAMPLES);
            let outputs = |observations: &[f32], samples: usize| -> Vec<Vec<f32>> {
                let latent = networks
                    .represent(&networks.rows(observations).unwrap(), ForwardMode::Infer)
                    .unwrap();
                let memory = networks.blank_memory(samples).unwrap().map(LstmState::constant);
                let actions = vec![1; samples];
                let next = networks
                    .step(
                        &latent,
                        &networks.encoded(&actions).unwrap(),
                        memory.as_ref(),
                        ForwardMode::Infer,
                    )
                    .unwrap();
                let memory = next.memory.unwrap();
                let again = networks
                    .step(
                        &next.latent,
                        &networks.encoded(&actions).unwrap(),
                        Some(&memory),
                        ForwardMode::Infer,
                    )
                    .unwrap();
                let outputs = [latent, again.latent, again.memory.unwrap().cell];
                let joined = Tensor::cat(&outputs.map(Traced::into_tensor), 1);
                joined.unwrap().to_vec2().unwrap()
            };
            let together = outputs(&all, SAMPLES);
            for (observation, among_others) in all.chunks_exact(all.len() / SAMPLES).zip(together) {
                assert_eq!(outputs(observation, 1), [among_others], "{shape:?} {normalization:?}");
            }
        }
    }
}
