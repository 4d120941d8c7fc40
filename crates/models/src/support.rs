//! Scalars as distributions over integers, after the transformation [`h`] (MuZero, appendix F; Pohlen et al.
//! 2018).

/// The ε of [`h`].
const EPSILON: f64 = 0.001;

/// `h(x) = sign(x) (√(|x|+1) - 1) + ε x` with ε = 0.001: compresses large values.
#[must_use]
pub fn h(x: f64) -> f64 {
    x.signum() * ((x.abs() + 1.0).sqrt() - 1.0) + EPSILON * x
}

/// The inverse of [`h`].
#[must_use]
pub fn h_inverse(y: f64) -> f64 {
    let root = (1.0 + 4.0 * EPSILON * (y.abs() + 1.0 + EPSILON)).sqrt();
    y.signum() * (((root - 1.0) / (2.0 * EPSILON)).powi(2) - 1.0)
}

/// The atoms of a distribution of `h(x)`: the integers from `-limit` to `limit`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Support {
    limit: usize,
}

impl Support {
    /// The support of `2 limit + 1` atoms.
    #[must_use]
    pub fn new(limit: usize) -> Self {
        Self { limit }
    }

    /// Number of atoms.
    #[must_use]
    pub fn atoms(self) -> usize {
        2 * self.limit + 1
    }

    /// Whether `h(x)` is within the support.
    #[must_use]
    pub fn contains(self, x: f32) -> bool {
        h(f64::from(x)).abs() <= self.limit as f64
    }

    /// Writes into `row` `[atoms]` the distribution over the two atoms next to `h(x)` whose mean is `h(x)`.
    /// Beyond the support all mass is on the last atom.
    pub fn encode(self, x: f32, row: &mut [f32]) {
        let limit = self.limit as f64;
        let position = h(f64::from(x)).clamp(-limit, limit) + limit;
        let lower = position.floor();
        let weight = (position - lower) as f32;
        row.fill(0.0);
        let index = lower as usize;
        row[index] = 1.0 - weight;
        if index + 1 < row.len() {
            row[index + 1] += weight;
        }
    }

    /// [`h_inverse`] of the mean of the distribution with these `logits` `[atoms]`.
    #[must_use]
    pub fn decode(self, logits: &[f32]) -> f32 {
        let largest = logits.iter().copied().fold(f32::NEG_INFINITY, f32::max);
        let (mut mass, mut sum) = (0.0f64, 0.0f64);
        for (index, logit) in logits.iter().enumerate() {
            let weight = f64::from((logit - largest).exp());
            mass += weight;
            sum += weight * index as f64;
        }
        h_inverse(sum / mass - self.limit as f64) as f32
    }
}
