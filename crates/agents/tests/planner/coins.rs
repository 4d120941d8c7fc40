//! A random environment: guess the next coin for a reward of 1, again and again.

use zerolab_environments::{Description, Environment, RestoreError, Step, StepError};

#[derive(Clone)]
pub struct Coins {
    description: Description,
    /// The state of the random coins.
    stream: u64,
}

impl Coins {
    /// Before the first toss.
    pub fn new() -> Self {
        let description = Description::new("coins", [1], 2);
        Self { description, stream: 0 }
    }
}

impl Environment for Coins {
    fn description(&self) -> &Description {
        &self.description
    }

    fn reset(&mut self, seed: u64) {
        self.stream = seed;
    }

    /// The coins are the high bits of a linear congruential generator (Knuth's MMIX).
    fn step(&mut self, action: usize) -> Result<Step, StepError> {
        self.stream = self
            .stream
            .wrapping_mul(6_364_136_223_846_793_005)
            .wrapping_add(1_442_695_040_888_963_407);
        let right = self.stream >> 63 == action as u64;
        Ok(Step::new(f32::from(right), false, false))
    }

    fn observe(&self, observation: &mut [f32]) {
        observation.fill(1.0);
    }

    fn save(&self) -> Vec<u8> {
        self.stream.to_le_bytes().to_vec()
    }

    fn restore(&mut self, state: &[u8]) -> Result<(), RestoreError> {
        let reason = "not eight bytes".to_owned();
        let damaged = RestoreError::Damaged { environment: "coins", reason };
        self.stream = u64::from_le_bytes(state.try_into().map_err(|_| damaged)?);
        Ok(())
    }

    fn clone_box(&self) -> Box<dyn Environment> {
        Box::new(self.clone())
    }

    fn simulator(&self, seed: u64) -> Option<Box<dyn Environment>> {
        Some(Box::new(Self { stream: seed, ..self.clone() }))
    }
}
