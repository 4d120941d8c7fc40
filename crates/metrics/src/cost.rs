//! Numbers derived from a cost account: per real step, per real second of play, dollars, energy.
//!
//! T are the real steps of training, F the FLOPs of training (every phase except evaluation).
//!
//! * imagined steps per real step = (imagined steps of acting + of reanalysis) / T
//! * FLOPs per real second = F / (T / real steps a second)
//! * FLOPs per environment operation = F / operations of the environments
//! * dollars = device-hours × price; kilowatt-hours = device-hours × watts / 1000
//!
//! The unroll of the model in an update belongs to learning and is not counted as imagined steps, as in the
//! papers.

use serde::{Deserialize, Serialize};

use crate::account::{Phase, PhaseCost};
use crate::records::CostRecord;

/// The price of the hardware, with its source.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct PriceSheet {
    /// The device that the price is for.
    pub hardware: String,
    /// The number of devices that a run occupies.
    pub devices: f64,
    /// Dollars an hour for one device.
    pub dollars_per_hour: f64,
    /// Watts of one device under load.
    pub watts: f64,
    /// The source of the numbers.
    pub source: String,
    /// The date of the numbers, such as `2024-11`.
    pub date: String,
}

impl PriceSheet {
    /// Dollars for `wall_seconds` on all devices.
    pub fn dollars(&self, wall_seconds: f64) -> f64 {
        self.device_hours(wall_seconds) * self.dollars_per_hour
    }

    /// Kilowatt-hours for `wall_seconds` on all devices.
    pub fn kilowatt_hours(&self, wall_seconds: f64) -> f64 {
        self.device_hours(wall_seconds) * self.watts / 1_000.0
    }

    fn device_hours(&self, wall_seconds: f64) -> f64 {
        wall_seconds / 3_600.0 * self.devices
    }
}

/// Numbers derived from an account. A ratio with divisor zero is `None`.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct DerivedCost {
    /// Imagined steps of acting and reanalysis for each real step of training.
    pub imagined_steps_per_real_step: Option<f64>,
    /// FLOPs of training for each second that the real steps would last in real time.
    pub flops_per_real_second: Option<f64>,
    /// FLOPs of training for each simple operation of the environments themselves.
    pub flops_per_environment_operation: Option<f64>,
}

impl CostRecord {
    /// The sum over all phases except evaluation.
    pub fn training(&self) -> PhaseCost {
        let mut total = PhaseCost::default();
        for (_, phase) in self.phases.iter().filter(|(phase, _)| **phase != Phase::Evaluation) {
            total.add(phase);
        }
        total
    }

    /// The derived numbers, for an environment with `real_steps_per_second` in real time (Atari: 60 frames a
    /// second / frame skip 4 = 15).
    pub fn derived(&self, real_steps_per_second: f64) -> DerivedCost {
        let imagined =
            |phase| self.phases.get(&phase).map_or(0, |cost: &PhaseCost| cost.imagined_steps);
        let flops = self.training().flops as f64;
        let real_steps = self.real_steps as f64;
        DerivedCost {
            imagined_steps_per_real_step: ratio(
                (imagined(Phase::Acting) + imagined(Phase::Reanalysis)) as f64,
                real_steps,
            ),
            flops_per_real_second: ratio(flops, real_steps / real_steps_per_second),
            flops_per_environment_operation: ratio(flops, self.environment_operations as f64),
        }
    }
}

fn ratio(numerator: f64, denominator: f64) -> Option<f64> {
    (denominator > 0.0).then(|| numerator / denominator)
}
