//! What a check plays.

use rand::{Rng, RngExt};

/// At most so many actions before the moment that a check looks at, and after it.
const LONGEST: usize = 60;

/// Seeds, and choices among legal actions. A choice `c` takes number `c · n / 2³²` of `n` legal actions.
#[derive(Clone, Debug, Default)]
pub struct Script {
    /// The seed of the first episode. Each further one has the next number.
    pub seed: u64,
    /// The seed of episodes that are played before those that are compared.
    pub other_seed: u64,
    /// The choices before the moment that the check looks at.
    pub before: Vec<u32>,
    /// The choices after it.
    pub after: Vec<u32>,
}

impl Script {
    /// A script of random choices.
    pub fn draw(random: &mut impl Rng) -> Self {
        // Small seeds are easy to type.
        let [seed, other_seed] = [(); 2].map(|()| u64::from(random.random::<u16>()));
        let mut choices = |least: usize| {
            let length = random.random_range(least..=LONGEST);
            (0..length).map(|_| random.random()).collect()
        };
        Self { seed, other_seed, before: choices(0), after: choices(1) }
    }
}

/// The legal action that a choice takes; `None` if there is none.
pub(super) fn chosen(choice: u32, legal: &[bool]) -> Option<usize> {
    let count = legal.iter().filter(|legal| **legal).count() as u64;
    let place = (u64::from(choice) * count) >> u32::BITS;
    let mut actions = (0..legal.len()).filter(|&action| legal[action]);
    actions.nth(usize::try_from(place).unwrap_or(usize::MAX))
}
