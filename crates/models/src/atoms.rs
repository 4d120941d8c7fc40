//! Distributions of returns over evenly spaced atoms (C51: Bellemare et al. 2017).

/// The atoms `z_0 < … < z_{N-1}`, evenly spaced, in units of return.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Atoms {
    count: usize,
    minimum: f32,
    spacing: f32,
}

impl Atoms {
    /// `count` atoms from `minimum` to `maximum`. `count` must be at least 2, and `minimum < maximum`.
    #[must_use]
    pub fn new(count: usize, minimum: f32, maximum: f32) -> Self {
        Self { count, minimum, spacing: (maximum - minimum) / (count - 1) as f32 }
    }

    /// Number of atoms, `N`.
    #[must_use]
    pub fn count(self) -> usize {
        self.count
    }

    fn at(self, index: usize) -> f32 {
        self.minimum + self.spacing * index as f32
    }

    /// The mean of the distribution with these `logits` `[N]`.
    #[must_use]
    pub fn mean(self, logits: &[f32]) -> f32 {
        let probabilities = softmax(logits);
        probabilities.iter().enumerate().map(|(index, p)| p * self.at(index)).sum()
    }

    /// Writes into `row` `[N]` the distribution of `reward + discount · z`, projected onto the atoms: the
    /// mass of each value is divided between its two neighbours (Bellemare et al. 2017, algorithm 1). `z` has
    /// the distribution with these `logits` `[N]`; without logits it is 0.
    pub fn project(self, reward: f32, discount: f32, logits: Option<&[f32]>, row: &mut [f32]) {
        row.fill(0.0);
        match logits {
            None => self.place(reward, 1.0, row),
            Some(logits) => {
                for (index, mass) in softmax(logits).into_iter().enumerate() {
                    self.place(reward + discount * self.at(index), mass, row);
                }
            }
        }
    }

    /// Whether `value` is not below the first and not above the last atom.
    #[must_use]
    pub fn contains(self, value: f32) -> bool {
        (0.0..=self.last()).contains(&self.position(value))
    }

    /// The index of the last atom.
    fn last(self) -> f32 {
        (self.count - 1) as f32
    }

    /// The place of `value` between the atoms, as an index.
    fn position(self, value: f32) -> f32 {
        (value - self.minimum) / self.spacing
    }

    fn place(self, value: f32, mass: f32, row: &mut [f32]) {
        let position = self.position(value).clamp(0.0, self.last());
        let (lower, share) = (position.floor() as usize, position.fract());
        row[lower] += mass * (1.0 - share);
        if share > 0.0 {
            row[lower + 1] += mass * share;
        }
    }
}

fn softmax(logits: &[f32]) -> Vec<f32> {
    let largest = logits.iter().copied().fold(f32::NEG_INFINITY, f32::max);
    let weights: Vec<f32> = logits.iter().map(|logit| (logit - largest).exp()).collect();
    let mass: f32 = weights.iter().sum();
    weights.into_iter().map(|weight| weight / mass).collect()
}
