//! The cases that both devices compute: all kinds of networks, with equal weights and inputs.

use rand::RngExt;
use rand_chacha::ChaCha8Rng;
use rand_chacha::rand_core::SeedableRng;
use zerolab_models::networks::{
    ActionEncoding, Design, Downsampling, Network, NetworkSize, PlannerNetworks,
};
use zerolab_models::{Device, DeviceName, Normalization, Parameters, Precision, Support};

use crate::closeness::{ROUGH, TOLERANCE};

pub const SAMPLES: usize = 48;

#[expect(clippy::print_stderr, reason = "a test that is skipped says so")]
pub fn gpu() -> Option<Device> {
    match Device::open(DeviceName::Cuda(0)) {
        Ok(gpu) => Some(gpu),
        Err(error) => {
            eprintln!("skipped: {error}");
            None
        }
    }
}

pub fn numbers(count: usize, seed: u64) -> Vec<f32> {
    let mut stream = ChaCha8Rng::seed_from_u64(seed);
    (0..count).map(|_| stream.random::<f32>() * 2.0 - 1.0).collect()
}

/// Draws all weights anew, equal on each device: heads start at zero, where gradients vanish.
pub fn draw(parameters: &Parameters) {
    for (seed, (_, variable)) in parameters.trained().iter().enumerate() {
        let spread = 0.6 / (variable.elem_count() as f32).powf(0.25);
        let values = numbers(variable.elem_count(), seed as u64);
        let values = values.into_iter().map(|x| x * spread).collect();
        let device = parameters.device();
        variable.set(&device.upload::<f32>(values, variable.shape()).unwrap()).unwrap();
    }
}

/// Small networks of a planner.
#[derive(Clone, Copy, Debug)]
pub struct Case {
    pub shape: &'static [usize],
    pub value_prefix: bool,
    pub normalization: Normalization,
    pub precision: Precision,
}

pub fn cases() -> Vec<Case> {
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
    pub fn tolerance(self) -> f32 {
        if self.precision == Precision::F32 { TOLERANCE } else { ROUGH }
    }

    pub fn size(self) -> NetworkSize {
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
            ..NetworkSize::default()
        }
    }

    pub fn observations(self) -> Vec<f32> {
        numbers(SAMPLES * self.shape.iter().product::<usize>(), 99)
    }

    pub fn planner(self, device: &Device) -> PlannerNetworks {
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
