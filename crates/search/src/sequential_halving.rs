//! The schedule of sequential halving (Karnin et al. 2013), as Gumbel MuZero uses it at the root.

/// Which actions each simulation of a search may take.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct HalvingSchedule {
    /// Visits that the simulation's action has before the simulation, `[simulations]`.
    pub visits: Vec<u32>,
    /// Number of actions that are still considered, `[simulations]`.
    pub considered: Vec<u32>,
}

impl HalvingSchedule {
    /// The schedule of a search that starts with `considered` actions and keeps the better half after
    /// each phase. With at most one action the visits are 0, 1, 2, …
    ///
    /// Source: Danihelka et al. 2022, section 2 and figure 1; `mctx.seq_halving`.
    #[must_use]
    pub fn new(considered: usize, simulations: usize) -> Self {
        if considered <= 1 {
            let visits = (0..simulations as u32).collect();
            return Self { visits, considered: vec![considered as u32; simulations] };
        }
        let mut schedule = Self::default();
        let phases = considered.next_power_of_two().ilog2() as usize;
        // All remaining actions have the same number of visits.
        let (mut remaining, mut visits) = (considered, 0);
        while schedule.visits.len() < simulations {
            for _ in 0..(simulations / (phases * remaining)).max(1) {
                let scheduled = (schedule.visits.len() + remaining).min(simulations);
                schedule.visits.resize(scheduled, visits);
                schedule.considered.resize(scheduled, remaining as u32);
                visits += 1;
            }
            remaining = (remaining / 2).max(2);
        }
        schedule
    }
}
