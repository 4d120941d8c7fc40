//! The roofline model: the least time that a device needs for a computation (Williams, Waterman and
//! Patterson, "Roofline: an insightful visual performance model", 2009).

use serde::Serialize;

/// The peak performance of a device.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Roofline {
    /// Floating-point operations a second in matrix products.
    pub peak: f64,
    /// Bytes a second between the device and its memory.
    pub bandwidth: f64,
}

/// The limiting resource of a computation.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Bound {
    /// Its arithmetic.
    Arithmetic,
    /// Its memory.
    Memory,
}

impl Bound {
    /// The name in files.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Arithmetic => "arithmetic",
            Self::Memory => "memory",
        }
    }
}

impl Roofline {
    /// The least seconds for `flops` operations on `bytes` bytes, and which of the two limits them.
    #[must_use]
    pub fn at_least(self, flops: u64, bytes: u64) -> (f64, Bound) {
        let (arithmetic, memory) = (flops as f64 / self.peak, bytes as f64 / self.bandwidth);
        if arithmetic >= memory { (arithmetic, Bound::Arithmetic) } else { (memory, Bound::Memory) }
    }
}
