//! What a device takes at least, by what it can do: the roofline (Williams, Waterman and Patterson, "Roofline: an
//! insightful visual performance model", 2009).

use serde::Serialize;

/// What a device can do.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Roofline {
    /// Floating-point operations a second in products of matrices.
    pub peak: f64,
    /// Bytes a second to and from its memory.
    pub bandwidth: f64,
}

/// What holds a device up.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Bound {
    /// Its arithmetic.
    Arithmetic,
    /// Its memory.
    Memory,
}

impl Bound {
    /// As it is written.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Arithmetic => "arithmetic",
            Self::Memory => "memory",
        }
    }
}

impl Roofline {
    /// The seconds that so many operations on so many bytes take at least, and what of the two takes them.
    #[must_use]
    pub fn at_least(self, flops: u64, bytes: u64) -> (f64, Bound) {
        let (computing, moving) = (flops as f64 / self.peak, bytes as f64 / self.bandwidth);
        if computing >= moving { (computing, Bound::Arithmetic) } else { (moving, Bound::Memory) }
    }
}
