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

    /// The share of episodes with `event` among those with `given`, minus that among the others; `None` if one of the two
    /// kinds is missing, or the environment has no such event.
    pub fn contingency(&self, given: &str, event: &str) -> Option<f64> {
        // Episodes with the event and all episodes, without `given` and with it.
        let mut counts = [[0_u32; 2]; 2];
        for (given, event) in self.events.get(given)?.iter().zip(self.events.get(event)?) {
            let [with_event, all] = &mut counts[usize::from(*given > 0)];
            *with_event += u32::from(*event > 0);
            *all += 1;
        }
        let share =
            |[with_event, all]: [u32; 2]| (all > 0).then(|| f64::from(with_event) / f64::from(all));
        Some(share(counts[1])? - share(counts[0])?)
    }
}
