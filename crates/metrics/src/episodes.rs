//! The episodes of an evaluation, and what is counted in them.

use std::collections::BTreeMap;

/// The episodes of an evaluation, one number for each.
#[derive(Clone, Copy, Debug)]
pub struct Episodes<'a> {
    /// The sums of the observed rewards.
    pub returns: &'a [f64],
    /// The sums of the true rewards.
    pub performances: &'a [f64],
    /// The lengths in real steps.
    pub lengths: &'a [u32],
    /// In how many steps each event happened, by its name.
    pub events: &'a BTreeMap<String, Vec<u32>>,
}

impl Episodes<'_> {
    /// The share of steps in which an event happened; `None` if the environment has no such event.
    pub fn share_of_steps(&self, event: &str) -> Option<f64> {
        let happened: u64 = self.events.get(event)?.iter().copied().map(u64::from).sum();
        let steps: u64 = self.lengths.iter().copied().map(u64::from).sum();
        (steps > 0).then(|| happened as f64 / steps as f64)
    }

    /// The share of episodes in which an event happened at all; `None` if the environment has no such event.
    pub fn share_of_episodes(&self, event: &str) -> Option<f64> {
        let steps = self.events.get(event)?;
        let episodes = steps.iter().filter(|&&steps| steps > 0).count();
        (!steps.is_empty()).then(|| episodes as f64 / steps.len() as f64)
    }
}
